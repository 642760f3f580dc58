// Early and late layers: how well a linear classifier reads the classes from what each stage of a trained network
// gives, against the same stages with the weights that they began with; and what their filters answer to.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/study-features.fsx help
// Measured: docs/studies.md

#load "load.fsx"

open Fovea

let options = Options.parse "What early and late layers have learned." fsi.CommandLineArgs

let study = Study.ofOptions "Early and late layers' features" 4_000 8 options
let classes = study.Train.Classes.Count
let block filters = conv (filters, 3, pad = Same) >> batchNorm >> relu >> maxPool 2
let cnn = Study.input study |> block 16 |> block 32 |> block 64 |> flatten |> dense classes

let train seed = cnn |> Model.init seed |> Training.fit { study.Recipe with Seed = seed } (study.Train, study.Test)

let trained = [ for seed in study.Seeds -> seed, train seed ] |> Map.ofList

/// The normalised image and so many blocks, which do not train, and a linear classifier of their 4×4 means, which does.
let reader blocks =
    Pipeline.ofShape study.Train.Shape
    |> frozen (fun start ->
        (cnn |> Pipeline.take (1 + 4 * blocks)).Stages
        |> List.fold (fun p stage -> Pipeline.add stage p) start)
    |> adaptiveAvgPool 4
    |> flatten
    |> named "reader" (dense classes)

/// The reader over the trained blocks: stages of one name have one set of weights.
let learned blocks seed =
    let names = reader blocks |> Model.init seed |> Model.parameters |> List.map _.Name
    let known = trained[seed] |> Model.parameters |> List.map _.Name

    (reader blocks |> Model.init seed, names |> List.filter (fun name -> List.contains name known))
    ||> List.fold (fun model name -> model |> Model.withParameter name (trained[seed] |> Model.parameter name))

let arms = [
    Study.arm "the image itself" (reader 0)
    for blocks in 1..3 do
        Study.arm $"after block {blocks}, untrained" (reader blocks)
        Study.armOf $"after block {blocks}, trained" (learned blocks)
]

let results = Study.run study arms

let findings = [
    for blocks in 1..3 do
        yield Study.against $"after block {blocks}, untrained" $"after block {blocks}, trained" results

    yield Study.against "after block 1, trained" "after block 3, trained" results
]

let model = trained[options.Seed]
let some = Data.take 500 study.Test

let seen =
    Report.heading "Filters of the first layer"
    >> Report.image "conv1" (View.filters "conv1" model)
    >> Report.heading "What filters answer to"
    >> Report.images [
        for stage in [ "conv1"; "conv2"; "conv3" ] do
            for filter in 0..2 -> $"{stage}, filter {filter}", View.exciting stage filter some model
    ]
    >> Report.heading "What the stages make of an image"
    >> Report.image "eight channels each" (View.stages (Data.image 0 study.Test) model)

results |> Study.conclude "study-features.html" findings seen study
