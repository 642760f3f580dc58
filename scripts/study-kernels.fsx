// Kernel size, stride and padding: what each does to accuracy and to cost, the rest being equal.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-kernels.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options = Options.parse "Kernel sizes, strides and paddings compared." fsi.CommandLineArgs

let study = Study.ofOptions "Kernel size, stride and padding" 4_000 8 options

/// Two convolutions, the second of twice as many filters, and a mean over what is left of the image.
let network (kernel: int) (stride: int) pad =
    Study.input study
    |> conv (16, kernel, stride = stride, pad = pad)
    |> batchNorm
    |> relu
    |> conv (32, kernel, stride = 2, pad = pad)
    |> batchNorm
    |> relu
    |> adaptiveAvgPool 4
    |> flatten
    |> dense study.Train.Classes.Count

let arms = [
    Study.arm "1×1, same" (network 1 1 Same)
    Study.arm "3×3, same" (network 3 1 Same)
    Study.arm "5×5, same" (network 5 1 Same)
    Study.arm "7×7, same" (network 7 1 Same)
    Study.arm "3×3, valid" (network 3 1 Valid)
    Study.arm "3×3, stride 2" (network 3 2 Same)
]

let results = Study.run study arms

let findings = [
    Study.against "1×1, same" "3×3, same" results
    Study.against "3×3, same" "5×5, same" results
    Study.against "3×3, same" "7×7, same" results
    Study.against "3×3, same" "3×3, valid" results
    Study.against "3×3, same" "3×3, stride 2" results
]

let seen =
    Report.heading "What a place sees, 7×7"
    >> Report.table (Pipeline.receptiveFields (network 7 1 Same))

results |> Study.conclude "study-kernels.html" findings seen study
