module Fovea.Tests.TrainingTests

open System
open Expecto
open Fovea
open Fovea.Core.Operations

let private train, test = Generated.load (96, 3, test = 40)

let private small =
    Pipeline.ofShape train.Shape
    |> normalize (Data.meanAndStd train)
    |> conv (6, 3, pad = Same)
    |> relu
    |> maxPool 4
    |> flatten
    |> dense 10

let private quick = {
    Recipe.standard with
        Epochs = 3
        Batch = 20 // The last batch of an epoch is smaller.
        Progress = Silent
}

let private fit recipe = small |> Model.init 1 |> Training.fit recipe (train, test)
let private bits model = Model.parameters model |> List.map (fun p -> p.Name, p.Value)

let private withThreads count work =
    let before = Threads.Count
    Threads.Count <- count

    try
        work ()
    finally
        Threads.Count <- before

let private says (part: string) (work: unit -> 'result) =
    let message =
        try
            work () |> ignore
            ""
        with :? ArgumentException as error ->
            error.Message

    Expect.stringContains message part "the sentence"

let private repeatability =
    testList "the same result" [
        testCase "the same recipe, data and model give the same bits on 1, 2 and 4 threads" (fun () ->
            let augmented = train |> Data.augment [ flip; shift 2; cutout 6 ]
            let run () = small |> Model.init 1 |> Training.fit quick (augmented, test) |> bits
            let one = withThreads 1 run
            Expect.equal (withThreads 2 run) one "two threads"
            Expect.equal (withThreads 4 run) one "four threads")

        testCase "another seed gives other weights" (fun () ->
            Expect.notEqual (bits (fit { quick with Seed = 1 })) (bits (fit quick)) "the seed shuffles")

        testCase "what a model answers does not hang on the batch or the threads" (fun () ->
            let model = fit quick
            let images = Data.images test
            let whole = Model.logits images model
            let alone = List.init 40 (fun i -> Model.logits (images.Take(i).Reshape(train.Shape.Prepend 1)) model)
            Expect.equal (Tensor.concat 0 alone) whole "one by one"
            Expect.equal (withThreads 1 (fun () -> Model.logits images model)) whole "one thread")

        testCase "many threads may ask one model at once" (fun () ->
            let model = fit { quick with Epochs = 1 }
            let images = Data.images test
            let expected = Model.logits images model
            let answers = Array.Parallel.init 16 (fun _ -> Model.logits images model)
            answers |> Array.iter (fun answer -> Expect.equal answer expected "the same answer"))
    ]

let private figures =
    testList "memory is foreseen" [
        let refused what (sentence: string) run =
            try
                run ()
                failtestf "%s: it was tried" what
            with :? InsufficientMemoryException as fault ->
                Expect.stringContains fault.Message sentence what
                let available = float (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) / 1e6
                Expect.stringContains fault.Message $"and this machine has {available:N0} MB; " "what there is"
                Expect.stringContains fault.Message " MB are needed" "what is needed"

        testCase "a run that is too large is refused with both figures before it begins" (fun () ->
            // Thirty outputs of a gigabyte for each of 32 images: a terabyte.
            let huge = input (1, 64, 64) |> upsample 128 |> repeat 30 sigmoid |> globalAvgPool |> flatten |> dense 2
            let data = Data.ofTensor "noughts" [ "a"; "b" ] (List.replicate 32 0) (zeros [ 32; 1; 64; 64 ])

            refused "training" "training: for a batch of 32" (fun () ->
                Training.fit { quick with Batch = 32 } (data, data) (Model.init 1 huge) |> ignore))

        testCase "a model that is too large is refused with both figures before it is made" (fun () ->
            // Three hundred times 6.4 gigabytes of weights.
            let huge = inputVector 40_000 |> repeat 300 (dense 40_000)
            refused "model" "model: for its parameters" (fun () -> Model.init 1 huge |> ignore))
    ]

let private values =
    testList "models are values" [
        testCase "fit leaves the model that it was given as it was" (fun () ->
            let model = small |> Model.init 1
            let before = bits model
            let trained = model |> Training.fit quick (train, test)
            Expect.equal (bits model) before "its weights"
            Expect.equal model.History [] "its history"
            Expect.notEqual (bits trained) before "the trained one's weights"
            Expect.equal (trained.History |> List.map _.Epoch) [ 1; 2; 3 ] "the trained one's history"
            Expect.equal trained.Classes (Data.classes train) "the classes' names come with the data")

        testCase "changing a parameter that was asked for changes nothing" (fun () ->
            let model = small |> Model.init 1
            let weight = Model.parameter "conv1.weight" model
            weight.Values[0] <- 100f
            Expect.notEqual (Model.parameter "conv1.weight" model) weight "a copy was given")

        testCase "training makes the loss smaller" (fun () ->
            let history = (fit { quick with Epochs = 8 }).History
            Expect.isLessThan (List.last history).Loss ((List.head history).Loss * 0.8) "after eight epochs")

        testCase "history and evaluation agree" (fun () ->
            let model = fit quick
            let last = List.last model.History
            let evaluation = Model.evaluate test model

            Expect.equal
                (last.ValidationAccuracy, last.ValidationLoss)
                (evaluation.Accuracy, evaluation.Loss)
                "the last epoch"

            Expect.equal evaluation.Count 40 "every image counts")

        testCase "frozen stages keep their weights" (fun () ->
            let model =
                Pipeline.ofShape train.Shape
                |> frozen (conv (4, 3))
                |> relu
                |> maxPool 5
                |> flatten
                |> dense 10
                |> Model.init 1

            let trained = model |> Training.fit quick (train, test)
            let weight = Model.parameter "conv1.weight"
            Expect.equal (weight trained) (weight model) "the frozen weight"

            Expect.notEqual
                (Model.parameter "dense1.weight" trained)
                (Model.parameter "dense1.weight" model)
                "another one")
    ]

let private ends =
    testList "how a run ends" [
        testCase "a callback stops it after the epoch" (fun () ->
            let verdict (epoch: Epoch) = if epoch.Epoch = 2 then Stop else Continue
            Expect.hasLength (fit { quick with OnEpoch = verdict }).History 2 "two of three epochs")

        testCase "patience ends it when the validation accuracy gets no better" (fun () ->
            // Without a step that changes anything, no epoch is better than the first.
            let still = { quick with Epochs = 9; Optimizer = Sgd 0.0; Schedule = Schedule.Constant; Patience = Some 2 }
            Expect.hasLength (fit still).History 3 "the first, and two that are no better")

        testCase "the best weights are those of the best epoch, if they are asked for" (fun () ->
            // A rate that grows beyond all bounds: later epochs are worse than some earlier one.
            let growing = Schedule.Custom ((fun part -> 1.0 + 40.0 * part), "growing")
            let wild = { quick with Epochs = 6; Optimizer = Sgd 0.02; Schedule = growing; Keep = BestWeights }
            let best = fit wild
            let highest = best.History |> List.map _.ValidationAccuracy |> List.max
            Expect.equal (Model.evaluate test best).Accuracy highest "its accuracy"
            Expect.isLessThan (List.last best.History).ValidationAccuracy highest "the last epoch was worse")

        testCase "every batch is reported, and the last one is smaller" (fun () ->
            let reports = ResizeArray<BatchReport>()
            fit { quick with Epochs = 1; OnBatch = reports.Add } |> ignore
            Expect.equal (reports |> Seq.map _.Batch |> List.ofSeq) [ 1..5 ] "96 images in batches of 20"
            Expect.isTrue (reports |> Seq.forall (fun report -> report.Batches = 5)) "of five")
    ]

let private ownParts =
    testList "parts of one's own" [
        testCase "a stage, a loss and an augmentation of a script's own train like any other" (fun () ->
            let square = stage ("square", (fun x -> x * x), (fun x _ dy -> 2f * x * dy))

            let scale =
                stageWith (
                    "scale",
                    (fun _ -> [
                        { Name = "factor"; Extents = [ 1 ]; Initial = fun _ -> Tensor.Ones (Shape.Of [| 1 |]) }
                    ]),
                    (fun weights x -> x * weights.Head),
                    (fun weights x _ dy -> dy * weights.Head, [ tensor [ (x * dy).Sum() ] ])
                )

            let halved =
                Loss.Custom (
                    "halved cross-entropy",
                    fun outputs targets ->
                        let whole = CrossEntropy ()
                        whole.Value (outputs, targets) / 2.0, whole.Gradient (outputs, targets) * 0.5f
                )

            let inverted = augmentation ("invert", fun random image -> if random.Next 2 = 0 then 1f - image else image)

            let model =
                Pipeline.ofShape train.Shape
                |> conv (6, 3)
                |> square
                |> scale
                |> maxPool 5
                |> flatten
                |> dense 10
                |> Model.init 2

            let trained =
                model
                |> Training.fit
                    { quick with Loss = halved; Optimizer = Sgd 0.01 }
                    (train |> Data.augment [ inverted ], test)

            Expect.notEqual
                (Model.parameter "scale1.factor" trained)
                (Model.parameter "scale1.factor" model)
                "its parameter trains"

            Expect.isTrue
                (trained.History |> List.forall (fun epoch -> Double.IsFinite epoch.Loss))
                "its losses are numbers")
    ]

let private groups =
    testList "groups and clipping of a recipe" [
        for name, optimizer in
            [
                "Sgd", (Sgd (0.05, momentum = 0.9): Optimizer)
                "Adam", Adam 1e-3
                "AdamW", AdamW 1e-3
                "RmsProp", RmsProp 1e-3
                "Adagrad", Adagrad 1e-2
                "Lion", Lion 1e-4
                "Lookahead", Lookahead (Sgd 0.05)
                "Ema", Ema (Sgd 0.05)
            ] do
            testCase
                $"{name}: a group with a rate of 0 stays, weight decay is its own, and gradients are clipped"
                (fun () ->
                    let isDense (p: Parameter) = p.Name.StartsWith "dense"
                    let once = { quick with Epochs = 1 }
                    let still = optimizer.For (isDense, rateFactor = 0)
                    let before, after = small |> Model.init 1 |> bits, fit { once with Optimizer = still } |> bits

                    for (parameter, was), (_, is) in List.zip before after do
                        Expect.equal (was <> is) (not (parameter.StartsWith "dense")) parameter

                    let plain = fit { once with Optimizer = optimizer } |> bits
                    let decayed = optimizer.For (isDense, weightDecay = 0.9)
                    Expect.notEqual (fit { once with Optimizer = decayed } |> bits) plain "weight decay"

                    for clipped in [ optimizer.ClipValue 1e-6; optimizer.ClipNorm 1e-6 ] do
                        Expect.notEqual (fit { once with Optimizer = clipped } |> bits) plain $"{clipped}")

        testCase "Muon takes the weights, another optimizer what is left" (fun () ->
            let muon = Muon(0.02).For((fun p -> p.Shape.Rank < 2), Sgd 0.05).ClipNorm 1
            let trained = fit { quick with Optimizer = muon }
            Expect.isTrue ((List.last trained.History).Loss < (List.head trained.History).Loss) "the loss falls")

        testCase "a row with a NaN is of no class, not of the first" (fun () ->
            let nothing = stage ("nothing", (fun x -> x * nanf), (fun _ _ dy -> dy))
            let zero = Loss.Custom ("zero", fun outputs _ -> 0.0, Tensor.Zeros outputs.Shape)
            let model = small |> nothing |> Model.init 1
            let reports = ResizeArray<BatchReport>()

            try
                model
                |> Training.fit { quick with Epochs = 1; Loss = zero; OnBatch = reports.Add } (train, test)
                |> ignore
            with :? DivergedException ->
                ()

            Expect.isTrue (reports.Count > 0 && reports |> Seq.forall (fun r -> r.Accuracy = 0.0)) "none is right")
    ]

let private faults =
    testList "what is wrong is said" [
        testCase "images of another size" (fun () ->
            says "begin the pipeline with input (3, 32, 32)" (fun () ->
                input (3, 16, 16) |> flatten |> dense 10 |> Model.init 1 |> Training.fit quick (train, test)))

        testCase "another number of classes" (fun () ->
            says "end the pipeline with dense 10" (fun () ->
                input (3, 32, 32) |> flatten |> dense 7 |> Model.init 1 |> Training.fit quick (train, test)))

        testCase "no epochs" (fun () -> says "1 or more epochs" (fun () -> fit { quick with Epochs = 0 }))

        testCase "no images" (fun () ->
            says "there are no images" (fun () ->
                small |> Model.init 1 |> Training.fit quick (train, Data.take 0 test)))

        testCase "a pipeline with a fault" (fun () ->
            says "put flatten, or globalAvgPool >> flatten, before it" (fun () ->
                input (3, 8, 8) |> dense 10 |> Model.init 1))

        testCase "one image where a batch was expected" (fun () ->
            says "add the batch dimension: (1, 3, 32, 32)" (fun () ->
                small |> Model.init 1 |> Model.logits (Data.image 0 test)))
    ]

let tests = testList "Training" [ repeatability; figures; values; ends; ownParts; groups; faults ]
