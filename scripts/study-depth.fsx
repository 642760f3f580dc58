// Depth against width: networks of about as many multiply-accumulates, from one wide layer to six narrow ones.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-depth.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options = Options.parse "Depth against width at equal cost." fsi.CommandLineArgs

let study = Study.ofOptions "Depth against width at equal cost" 4_000 8 options

/// So many convolutions of so many filters at half of the image's size, behind one that halves it.
let network depth width =
    Study.input study
    |> conv (width, 3, stride = 2, pad = Same)
    |> relu
    |> repeat depth (conv (width, 3, pad = Same) >> batchNorm >> relu)
    |> adaptiveAvgPool 4
    |> flatten
    |> dense study.Train.Classes.Count

// What three layers of 16 filters cost is what all may cost.
let cost = Pipeline.macs (network 3 16)

let arms = [
    for depth in [ 1; 2; 3; 6 ] ->
        let width = Study.width Pipeline.macs cost (network depth)
        Study.arm $"{depth} × {width} filters" (network depth width)
]

let results = Study.run study arms
let names = arms |> List.map _.Name
let findings = [ for name in List.tail names -> Study.against names.Head name results ]

let seen =
    Report.heading "The deepest"
    >> Report.table (Pipeline.table (List.last results).Models.Head.Pipeline)

results |> Study.conclude "study-depth.html" findings seen study
