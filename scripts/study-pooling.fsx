// How to halve an image: the maximum, the mean, or a convolution that steps by two.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-pooling.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options = Options.parse "Max pooling, average pooling and strided convolution compared." fsi.CommandLineArgs

let study = Study.ofOptions "Max against average pooling and strides" 4_000 8 options

let network (block: int -> Pipeline -> Pipeline) =
    Study.input study |> block 16 |> block 32 |> flatten |> dense study.Train.Classes.Count

let same filters = conv (filters, 3, pad = Same) >> batchNorm >> relu

let arms = [
    Study.arm "maximum" (network (fun filters -> same filters >> maxPool 2))
    Study.arm "average" (network (fun filters -> same filters >> avgPool 2))
    Study.arm
        "strided convolution"
        (network (fun filters -> conv (filters, 3, stride = 2, pad = Same) >> batchNorm >> relu))
    Study.arm
        "convolution, then a strided one"
        (network (fun filters -> same filters >> conv (filters, 2, stride = 2) >> batchNorm >> relu))
]

let results = Study.run study arms

let findings = [
    Study.against "average" "maximum" results
    Study.against "strided convolution" "maximum" results
    Study.against "convolution, then a strided one" "maximum" results
]

results |> Study.conclude "study-pooling.html" findings id study
