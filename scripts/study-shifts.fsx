// Robustness to shifts: networks see the middle of every image in training, and windows moved away from it in testing,
// so that nothing is drawn at the border. With and without pooling, with and without shifts in training.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-shifts.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options =
    Options.parse "Accuracy against translation, with and without pooling and augmentation." fsi.CommandLineArgs

let whole = Study.ofOptions "Robustness to shifts" 4_000 8 options

/// The middle of every image but for a border, or a window moved from there to the right and down.
let border = 5

let moved by =
    Data.window (border + by, border + by, whole.Train.Shape[1] - 2 * border, whole.Train.Shape[2] - 2 * border)

let study = { whole with Train = moved 0 whole.Train; Test = moved 0 whole.Test }

let network (halve: int -> Pipeline -> Pipeline) (last: Pipeline -> Pipeline) =
    Study.input study |> halve 16 |> halve 32 |> last |> flatten |> dense study.Train.Classes.Count

let pooled filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2
let strided filters = conv (filters, 3, stride = 2, pad = Same) >> relu

let arms = [
    Study.arm "no pooling" (network strided id)
    Study.arm "no pooling, shifts in training" (network strided id)
    |> Study.augmented [ shift (border, Reflect) ]
    Study.arm "max pooling" (network pooled id)
    Study.arm "max pooling, shifts in training" (network pooled id)
    |> Study.augmented [ shift (border, Reflect) ]
    Study.arm "max and global pooling" (network pooled globalAvgPool)
    Study.arm "dense" (Study.input study |> flatten |> dense 64 |> relu |> dense study.Train.Classes.Count)
]

let results = Study.run study arms

/// The mean over the seeds of the accuracy on images moved by so many pixels.
let accuracy by (result: ArmResult) =
    let images = moved by whole.Test
    result.Models |> List.averageBy (fun model -> (Model.evaluate images model).Accuracy)

let shifts = [ 0..border ]

let course = [ for result in results -> result, [ for by in shifts -> accuracy by result ] ]

printfn "\ntest accuracy in %%, the images moved right and down by so many pixels"

let moves = Study.grid "arm" [ for by in shifts -> $"{by}" ] [ for result, at in course -> result.Arm.Name, at ]
printfn $"\n{moves}"

let lost (result: ArmResult, at: float list) =
    $"{result.Arm.Name}: {100.0 * (at.Head - List.last at):F1} points lost by {border} pixels"

let curves =
    Picture.lines "test accuracy" "pixels moved" [
        for result, at in course ->
            result.Arm.Name, [ for by, share in List.zip shifts at -> float32 by, float32 share ]
    ]

let seen = Report.heading "Accuracy against translation" >> Report.table moves >> Report.chart curves
results |> Study.conclude "study-shifts.html" (List.map lost course) seen study
