// What sharing weights is worth: convolutions against locally connected layers, which have filters of their own at every
// place, and the same with as many parameters.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-sharing.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options = Options.parse "Convolution with and without shared weights." fsi.CommandLineArgs

let study = Study.ofOptions "Weight sharing switched off" 4_000 8 options

let network (first: int -> Pipeline -> Pipeline) (second: int -> Pipeline -> Pipeline) filters =
    Study.input study
    |> first filters
    |> relu
    |> second (2 * filters)
    |> relu
    |> flatten
    |> dense study.Train.Classes.Count

let shared filters = conv (filters, 3, stride = 2, pad = Same)
let local filters = locallyConnected (filters, 3, stride = 2, pad = Same)
let unshared = network local local 8

// As many parameters, all of them in convolutions and the dense layer.
let wide = Study.width Pipeline.parameterCount (Pipeline.parameterCount unshared) (network shared shared)

let arms = [
    Study.arm "shared" (network shared shared 8)
    Study.arm "first layer unshared" (network local shared 8)
    Study.arm "second layer unshared" (network shared local 8)
    Study.arm "both unshared" unshared
    Study.arm "shared, as many parameters" (network shared shared wide)
]

let results = Study.run study arms

let findings = [
    Study.against "shared" "both unshared" results
    Study.against "shared" "first layer unshared" results
    Study.against "shared" "second layer unshared" results
    Study.against "shared, as many parameters" "both unshared" results
]

results |> Study.conclude "study-sharing.html" findings id study
