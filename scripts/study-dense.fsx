// Why one convolves: a CNN against dense networks of as many parameters and of as many multiply-accumulates.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-dense.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options = Options.parse "A CNN against dense networks of equal parameters and of equal work." fsi.CommandLineArgs

let study = Study.ofOptions "A CNN against dense networks" 4_000 8 options
let classes = study.Train.Classes.Count
let block filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2
let cnn = Study.input study |> block 16 |> block 32 |> flatten |> dense classes
let flat width = Study.input study |> flatten |> dense width |> relu |> dense classes

// Three dense layers as well: depth alone is not what makes the difference.
let deep width = Study.input study |> flatten |> repeat 3 (dense width >> relu) |> dense classes

let parameters = Pipeline.parameterCount cnn
let macs = Pipeline.macs cnn

let arms = [
    Study.arm "CNN" cnn
    Study.arm "dense, equal parameters" (flat (Study.width Pipeline.parameterCount parameters flat))
    Study.arm "dense, equal MACs" (flat (Study.width Pipeline.macs macs flat))
    Study.arm "3 dense, equal MACs" (deep (Study.width Pipeline.macs macs deep))
]

let results = Study.run study arms

let findings = [
    Study.against "dense, equal parameters" "CNN" results
    Study.against "dense, equal MACs" "CNN" results
    Study.against "3 dense, equal MACs" "CNN" results
]

let seen =
    Report.heading "What the convolutions would be as dense layers"
    >> Report.table (Pipeline.asDense cnn)

results |> Study.conclude "study-dense.html" findings seen study
