/// Several views of the test images, and what of a network trains.
module Fovea.Tests.TestViewTests

open System
open Expecto
open Fovea

let private counted = (arange 12).Reshape [| 1; 1; 3; 4 |]

let private viewTests = [
    testCase "a view mirrors, then moves, over a reflected border" (fun () ->
        let rows (view: TestView) =
            (view.Of counted).Values
            |> Array.chunkBySize 4
            |> Array.map (Array.map int >> List.ofArray)
            |> List.ofArray

        Expect.equal (rows (TestView ())) [ [ 0; 1; 2; 3 ]; [ 4; 5; 6; 7 ]; [ 8; 9; 10; 11 ] ] "as it is"

        Expect.equal
            (rows (TestView (Mirrored = true)))
            [ [ 3; 2; 1; 0 ]; [ 7; 6; 5; 4 ]; [ 11; 10; 9; 8 ] ]
            "mirrored"

        Expect.equal
            (rows (TestView (Down = 1, Right = -1)))
            [ [ 5; 6; 7; 6 ]; [ 1; 2; 3; 2 ]; [ 5; 6; 7; 6 ] ]
            "moved down and left"

        Expect.equal
            (rows (TestView (Mirrored = true, Right = 1)))
            [ [ 2; 3; 2; 1 ]; [ 6; 7; 6; 5 ]; [ 10; 11; 10; 9 ] ]
            "mirrored, moved right"

        Expect.throwsC (fun () -> TestView().Of(counted.Take 0) |> ignore) (fun fault ->
            Expect.equal
                fault.Message
                "view: expected images (N, C, H, W), got (1, 3, 4); give a batch of images"
                "one image"))

    testCase "the views' weights add up to 1, and the mirrored half is the mirror image of the other" (fun () ->
        for views in [ TestViews.mirrored; TestViews.moved 1; TestViews.moved 3 ] do
            Expect.equal (views |> List.sumBy snd) 1f "weights"

            for pair in List.chunkBySize 2 views do
                let seen = pair |> List.map (fun (view, _) -> view.Of counted)
                Expect.equal (TestView(Mirrored = true).Of seen[0]) seen[1] "mirror images")

    testCase "an evaluation over views takes the mean of the logits" (fun () ->
        let data, _ = Generated.load (40, 1)
        let images = Data.images data
        let model = input (3, 32, 32) |> conv (4, 3) |> relu |> maxPool 8 |> flatten |> dense 10 |> Model.init 1
        let once = [ TestView (), 1f ]
        Expect.equal (Model.logitsOver once images model) (Model.logits images model) "one view"
        Expect.equal (Model.evaluateOver once data model) (Model.evaluate data model) "one view's evaluation"

        let mirrored = Model.logits (TestView(Mirrored = true).Of images) model
        let mean = (Model.logits images model * 0.5f) + (mirrored * 0.5f)
        Expect.equal (Model.logitsOver TestViews.mirrored images model) mean "two"

        Expect.throwsC (fun () -> Model.logitsOver [] images model |> ignore) (fun fault ->
            Expect.stringContains fault.Message "give at least one" "none"))
]

let private train, test = Generated.load (60, 3, test = 20)

let private fitted block =
    let model =
        input (3, 32, 32)
        |> block (conv (4, 5, stride = 4, name = "first") >> batchNormWith (name = "norm"))
        |> relu
        |> flatten
        |> dense 10
        |> Model.init 1

    model,
    model
    |> Training.fit { Recipe.standard with Epochs = 1; Batch = 20; Progress = Silent } (train, test)

let private moved (before: Model, after: Model) =
    List.zip (Model.parameters before) (Model.parameters after)
    |> List.filter (fun (a, b) -> a.Value <> b.Value)
    |> List.map (fun (a, _) -> a.Name)

let private trainedTests = [
    testCase "of a block of biases only, weights and scales stay, and statistics go on" (fun () ->
        Expect.equal
            (fitted biasesOnly |> moved)
            [
                "first.conv1.bias"
                "norm.batchNorm1.bias"
                "norm.batchNorm1.running_mean"
                "norm.batchNorm1.running_var"
                "dense1.weight"
                "dense1.bias"
            ]
            "biases only"

        Expect.equal (fitted frozen |> moved) [ "dense1.weight"; "dense1.bias" ] "frozen"
        Expect.equal (fitted (biasesOnly >> frozen) |> moved) [ "dense1.weight"; "dense1.bias" ] "frozen outside"
        Expect.equal (fitted (frozen >> biasesOnly) |> moved) [ "dense1.weight"; "dense1.bias" ] "frozen inside")

    testCase "what trains in a block of biases only takes the steps that it takes elsewhere" (fun () ->
        let bias name (_, after) = Model.parameter name after
        let recipe = { Recipe.standard with Epochs = 1; Batch = 60; Progress = Silent; Optimizer = Sgd 0.1 }

        let once block =
            let model =
                input (3, 32, 32)
                |> block (conv (4, 5, stride = 4, name = "first"))
                |> flatten
                |> dense 10
                |> Model.init 1

            model, model |> Training.fit recipe (train, test)

        Expect.equal (once biasesOnly |> bias "first.conv1.bias") (once id |> bias "first.conv1.bias") "one step")

    testCase "scale multiplies, and says what it cannot" (fun () ->
        let doubled = input (1, 3, 4) |> scale 2.0 |> Model.init 1 |> Model.logits counted
        Expect.equal doubled (counted * 2f) "doubled"

        Expect.throwsC (fun () -> input (1, 3, 4) |> scale nan |> Model.init 1 |> ignore) (fun fault ->
            Expect.stringContains fault.Message "expected a finite factor, got NaN" "no number"))
]

let tests = testList "Views and partial training" [ testList "views" viewTests; testList "what trains" trainedTests ]
