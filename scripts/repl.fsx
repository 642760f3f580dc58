// A guided tour: paste it into the REPL piece by piece, or run it whole. It needs no data and takes half a minute.
//
// First: dotnet fsi build.fsx build      Then: dotnet fsi --load:scripts/load.fsx, and paste from here on

#load "load.fsx"

open Fovea

Options.explain
    "A tour of tensors, pipelines, models and training, in half a minute; paste it into the REPL piece by piece, or run it."
    fsi.CommandLineArgs

// Tensors print themselves. Arithmetic broadcasts, slices look as you expect.
let t = tensor [ [ 1; 2; 3 ]; [ 4; 5; 6 ] ]
printfn $"{t * 10f + 1f}"
printfn $"{t[0..1, 1..2]}"

// A pipeline is a value. Every prefix is one; shapes are inferred as you compose.
let block filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2
let small = input (3, 32, 32) |> block 16 |> block 32 |> flatten |> dense 10
printfn $"\n{small}"

// What does not fit is said where it happens, with its mend, before any weight exists.
let wrong = input (3, 32, 32) |> block 16 |> dense 10
printfn $"\n{wrong}"

// Stages are functions: lists of them fold into one, and a residual block is one more.
let deep = input (3, 32, 32) |> sequential [ for filters in [ 16; 32; 64 ] -> block filters ]

let skipping = input (16, 8, 8) |> residual (conv (16, 3, pad = Same) >> relu >> conv (16, 3, pad = Same)) |> relu

printfn $"\n{deep}\n\n{skipping}"
printfn $"\nOne output pixel of `deep` sees {(Pipeline.receptiveField deep).Field} pixels of the input."

// A model is a pipeline with weights; the same seed gives the same weights.
let train, test = Generated.load (4_000, 1)
printfn $"\n{train}"

let model = small |> Model.init 42

let recipe = { Recipe.standard with Epochs = 3; Optimizer = Adam 1e-3; Schedule = CosineAnnealing () }

// `fit` leaves `model` as it was and gives a new one, which carries its history.
let trained = model |> Training.fit recipe (train, test)
printfn $"\n{Model.evaluate test trained}"

printfn
    $"\nBefore training: {model |> Model.classify (Data.image 0 test)}, after: {trained |> Model.classify (Data.image 0 test)}"

// A stage of one's own works like any other: y = x², so dx = 2·x·dy.
let square = stage ("square", (fun x -> x * x), (fun x _ dy -> 2f * x * dy))
printfn $"\n{input (3, 8, 8) |> square |> flatten |> dense 2}"
