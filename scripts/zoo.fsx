// The zoo: what each published network costs, and a training step of each. Parameters are the published counts; the step
// is taken over a few generated images of 64×64, and tells the loss of that batch before it and after it.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/zoo.fsx help
// --epochs gives the number of steps, --limit that of the step's images (8 at most); it also leaves out the steps of
// AlexNet and VGG, whose hundred million weights take their time to draw.

#load "load.fsx"

open Fovea

let options = Options.parse "Prints the published networks and trains a step of each." fsi.CommandLineArgs

let batch = options.Limit |> Option.defaultValue 4 |> min 8
let steps = options.Epochs |> Option.defaultValue 1

// Over what: images as they come, or enlarged to a side that the network can do with.
let asTheyAre: Pipeline -> Pipeline = id
let grey: Pipeline -> Pipeline = conv (1, 1, name = "grey")
let enlarged: Pipeline -> Pipeline = upsample 2

// Ten classes, as one gives a network for other images.
let tenClasses: Pipeline -> Pipeline = Pipeline.replace "head" (dense 10)

// The U-Net answers for every pixel: here with the mean of its pixels' logits.
let meanOfPixels: Pipeline -> Pipeline = globalAvgPool >> flatten

let zoo = [
    "LeNet-5", Zoo.leNet5, grey, id
    "two blocks", Zoo.twoBlocks (3, 32, 32) 10, asTheyAre, id
    "ResNet-20", Zoo.resNet20, asTheyAre, id
    "U-Net, small", Zoo.uNet (3, 32, 32) 10, asTheyAre, meanOfPixels
    "MobileNetV2", Zoo.mobileNetV2, enlarged, id
    "ResNet-18", Zoo.resNet18, enlarged, id
    "ResNet-50", Zoo.resNet50, enlarged, id
    "AlexNet", Zoo.alexNet, enlarged, id
    "VGG-11", Zoo.vgg11, enlarged, id
    "VGG-16", Zoo.vgg16, enlarged, id
]

printfn "network       input          parameters             MACs   a training step of %d takes" batch

let count (number: int64) = number.ToString ("N0", System.Globalization.CultureInfo.InvariantCulture)

for name, network, _, _ in zoo do
    let parameters, macs = count (Pipeline.parameterCount network), count (Pipeline.macs network)
    let memory = float (Pipeline.memory true batch network) / 1e6
    printfn "%-13s %-13s %11s %16s   %8.1f MB" name (string network.Input) parameters macs memory

let images = Generated.load (batch, options.Seed, test = 1) |> fst

let recipe = {
    Recipe.standard with
        Batch = batch
        Epochs = steps + 1
        Seed = options.Seed
        Optimizer = Sgd(0.01).ClipNorm 1
        Schedule = Schedule.Constant
        Progress = Silent
}

printfn "\nnetwork         loss before    after   seconds a step"

let isLight network = Pipeline.parameterCount network < 50_000_000L

for name, network, start, finish in
    zoo |> List.filter (fun (_, network, _, _) -> options.Limit.IsNone || isLight network) do
    let ofTen = if Pipeline.outputShape network = Shape.Of [| 1000 |] then tenClasses network else network

    let trained =
        Pipeline.ofShape images.Shape
        |> normalize (Data.meanAndStd images)
        |> start
        |> Pipeline.block ofTen
        |> finish
        |> Model.init options.Seed
        |> Training.fit recipe (images, Data.take 1 images)

    // Every epoch is one batch: its loss is that before its step.
    let first, last = List.head trained.History, List.last trained.History
    printfn "%-13s %13.4f %8.4f %10.2f" name first.Loss last.Loss last.Seconds
