// A guided tour: paste it into the REPL piece by piece, or run it whole. It needs no data and takes half a minute.
// In the REPL every value prints itself: type its name. Run whole, the tour prints what you would see.
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

// What a network costs is known before it has a weight: forward and backward, in memory, and as dense layers instead.
printfn $"\n{Pipeline.costs small}"
printfn $"\n{Pipeline.memoryTable 64 small}"
printfn $"\n{Pipeline.receptiveFields small}"
printfn $"\n{Pipeline.asDense small}"

// A model is a pipeline with weights; the same seed gives the same weights.
let train, test = Generated.load (4_000, 1)
printfn $"\n{train}"

let model =
    Pipeline.ofShape train.Shape
    |> normalize (Data.meanAndStd train)
    |> block 16
    |> block 32
    |> flatten
    |> dense 10
    |> Model.init 42

let recipe = { Recipe.standard with Epochs = 8; Optimizer = Adam 3e-3; Schedule = CosineAnnealing () }

// `fit` leaves `model` as it was and gives a new one, which carries its history.
let trained = model |> Training.fit recipe (train, test)
printfn $"\n{Model.evaluate test trained}"

printfn
    $"\nBefore training: {model |> Model.classify (Data.image 0 test)}, after: {trained |> Model.classify (Data.image 0 test)}"

// A stage of one's own works like any other: y = x², so dx = 2·x·dy.
let square = stage ("square", (fun x -> x * x), (fun x _ dy -> 2f * x * dy))
printfn $"\n{input (3, 8, 8) |> square |> flatten |> dense 2}"

// ---- Seeing what it does ----

// `Inspect` answers in numbers, `View` in pictures; a stage is named as the table names it.
let image = Data.image 3 test
let shown (picture: Image) = Picture.show picture

printfn "\nThe image, where the likeliest class is seen (Grad-CAM), and what it costs to hide a part:"

shown (
    Picture.grid [
        Picture.enlarge 3 (Picture.photo image)
        View.gradCam image trained
        View.occlusion 6 image trained
    ]
)

printfn "\nThe first stage's filters, and eight of the maps that they make of the image:"
shown (Picture.filters (Inspect.filters "conv1" trained))
shown (Picture.gridOf 8 (Picture.featureMaps ((Inspect.output "conv1" image trained).Slice(0, 0, 8))))

// The receptive field by calculation, and by the network's own gradients: zero outside, and fading towards its rim.
let field = Inspect.field "conv2" trained
printfn $"\nOne place of conv2 sees {field} (top, left, height, width):"
shown (Picture.resize (64, 64) (View.footprint "conv2" trained))

// Where it is wrong.
printfn "\nThe surest mistakes, and the classes most often taken for each other:"
trained |> Inspect.mistakes 3 test |> List.iter (fun wrong -> printfn $"  {wrong}")
trained |> Inspect.confusions 3 test |> List.iter (fun pair -> printfn $"  {pair}")

printfn "\nIts course:"
trained |> View.training |> List.iter Picture.showChart

// How a convolution goes: a film of a kernel that slides over the image.
View.kernelWalk Filters.sobelX 1 1 image |> Picture.animate 120 "walk.png"
printfn "\nwalk.png is a film for a browser."

// Everything on one page, for a browser: tables, curves, mistakes, filters, fields, weights and gradients.
trained |> Report.ofModel "A small CNN on generated images" test |> Report.write "report.html"
printfn "\nreport.html shows all of it; docs/seeing.md lists what else there is."

// ---- Keeping it ----

// One file holds weights, pipeline, classes and history; docs/files.md has the rest: PyTorch's weights, ONNX, checkpoints.
let folder = System.IO.Directory.CreateTempSubdirectory ()
let file name = System.IO.Path.Combine (folder.FullName, name)
trained |> Model.save (file "small.safetensors")
let kept = TensorFile.list (file "small.safetensors")
printfn $"\nWhat is in it:\n{kept}"

trained |> Model.exportOnnx (file "small.onnx")
let loaded, imported = Model.load (file "small.safetensors"), Model.importOnnx (file "small.onnx")
let logits model = Model.logits (Data.images (Data.take 5 test)) model
let difference = (logits imported - logits trained).Map(abs).Max()
printfn $"\nThe same logits when loaded: {logits loaded = logits trained}; as ONNX and back, within {difference}"
folder.Delete true
