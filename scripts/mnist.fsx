// LeNet-5's layout with today's habits (ReLU, max pooling) on MNIST.
//
// First: dotnet fsi build.fsx build      Options: dotnet fsi scripts/mnist.fsx help
// Then:  dotnet fsi scripts/mnist.fsx --data DIR (the folder with the four IDX files, plain or .gz), or --download

#load "load.fsx"

open Fovea

let options = Options.parse "Trains a LeNet-style network on MNIST and tests it after every epoch." fsi.CommandLineArgs

let train, test = Script.data Mnist.published Mnist.load options

// Colour images (--data generated) fit too: the pipeline asks the data for their shape.
let lenet =
    Pipeline.ofShape train.Shape
    |> normalize (Data.meanAndStd train)
    |> conv (6, 5, pad = Same)
    |> relu
    |> maxPool 2
    |> conv (16, 5)
    |> relu
    |> maxPool 2
    |> flatten
    |> dense 120
    |> relu
    |> dense 84
    |> relu
    |> dense 10

printfn $"{lenet}\n"

let recipe = Script.recipe options { Recipe.standard with Epochs = 5 }
let trained = lenet |> Model.init options.Seed |> Script.train recipe (train, test)
let result = trained |> Model.evaluate test

printfn $"\n{result.Confusion}\n\n{result}"
Script.save options trained
