// The two-block CNN on CIFAR-10: 545,098 parameters, 6,128,896 multiply-accumulates an image, ten epochs. It reaches
// 84.20 % of the test images, the mean of seeds 1 to 5 (docs/cifar10.md).
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/cifar10.fsx help
// Then:  dotnet fsi scripts/cifar10.fsx --data DIR (the folder with data_batch_1.bin, or the .tar.gz), or --download

#load "load.fsx"

open Fovea

let options = Options.parse "Trains the two-block CNN on CIFAR-10 and tests it after every epoch." fsi.CommandLineArgs

let train, test = Script.data Cifar10.published Cifar10.load options

let block filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2

let cnn =
    input (3, 32, 32)
    |> normalize (Cifar10.mean, Cifar10.std)
    |> block 32
    |> block 64
    |> flatten
    |> dense 128
    |> relu
    |> dense 10

printfn $"{cnn}\n"

// Muon for the filters and the hidden layer, SGD for the biases and the layer that gives the logits.
let optimizer =
    Muon(0.02)
        .For(
            (fun p -> p.Shape.Rank = 1 || p.Name = "dense2.weight"),
            Sgd (0.05, momentum = 0.9, weightDecay = 5e-4, nesterov = true),
            name = "biases and logits"
        )

let recipe =
    Script.recipe options {
        Recipe.standard with
            Epochs = 10
            Batch = 128
            Optimizer = optimizer
            Schedule = OneCycle ()
            Loss = CrossEntropy (smoothing = 0.1)
    }

// The test images are only looked at: the run ends with its last weights, whatever their accuracy.
let augmented = train |> Data.augment [ alternatingFlip; shift (2, Reflect) ]
let trained = cnn |> Model.init options.Seed |> Script.train recipe (augmented, test)
let result = trained |> Model.evaluate test

printfn $"\n{result.Confusion}\n\n{result}"
Script.save options trained
