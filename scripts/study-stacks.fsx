// Stacked 3×3 convolutions against one 5×5 or 7×7: the same receptive field, fewer weights, one more non-linearity.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-stacks.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options = Options.parse "Stacked 3×3 convolutions against one large one." fsi.CommandLineArgs

let study = Study.ofOptions "Stacked 3×3 against one 5×5 or 7×7" 4_000 8 options
let filters = 16

// Without batch normalisation, two of three seeds of the deeper networks learned nothing in so few epochs.

/// The same beginning and end around the convolutions that are compared.
let network (middle: Pipeline -> Pipeline) =
    Study.input study
    |> conv (filters, 3, stride = 2, pad = Same)
    |> batchNorm
    |> relu
    |> middle
    |> adaptiveAvgPool 4
    |> flatten
    |> dense study.Train.Classes.Count

let layer (kernel: int) = conv (filters, kernel, pad = Same) >> batchNorm >> relu

let arms = [
    Study.arm "one 3×3" (network (layer 3))
    Study.arm "one 5×5" (network (layer 5))
    Study.arm "two 3×3" (network (repeat 2 (layer 3)))
    Study.arm "one 7×7" (network (layer 7))
    Study.arm "three 3×3" (network (repeat 3 (layer 3)))
]

let results = Study.run study arms

let weights (kernel: int) times =
    Pipeline.parameterCount (input (filters, 9, 9) |> repeat times (conv (filters, kernel, bias = false)))

let findings = [
    Study.against "one 5×5" "two 3×3" results
    Study.against "one 7×7" "three 3×3" results
    Study.against "one 3×3" "three 3×3" results
    $"weights: two 3×3 have {weights 3 2}, one 5×5 {weights 5 1} (18/25); three 3×3 have {weights 3 3}, one 7×7 {weights 7 1} (27/49)"
]

let seen =
    Report.heading "What a place sees of the image: three 3×3, and one 7×7"
    >> Report.images [
        for result in results do
            if result.Arm.Name = "three 3×3" || result.Arm.Name = "one 7×7" then
                let last = Inspect.stages result.Models.Head |> List.findBack (fun name -> name.StartsWith "relu")
                result.Arm.Name, View.footprint last result.Models.Head
    ]

results |> Study.conclude "study-stacks.html" findings seen study
