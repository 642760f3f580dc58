module Fovea.Tests.LossTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Core.Training

// ---- A loss in double precision ----

type Outcome = { Loss: float; Gradient: float[] }

let outcome (loss: Loss) (shape: Shape) (outputs: float[]) targets =
    let gradient = Array.create outputs.Length nan
    let value = loss.Value (ReadOnlySpan outputs, shape, targets, Span gradient)
    { Loss = value; Gradient = gradient }

let value (loss: Loss) (shape: Shape) (outputs: float[]) targets = loss.Value (ReadOnlySpan outputs, shape, targets)

let labels (labels: int[]) = Targets.OfLabels (ReadOnlyMemory labels)

// ---- PyTorch's ----

let weights = [ 0.5f; 2.0f; 1.0f; 0.25f; 3.0f ]

/// The losses of the fixture, by its names.
let fixtureLosses: (string * Loss) list = [
    "CrossEntropy", CrossEntropy ()
    "CrossEntropy sum", CrossEntropy (reduction = Reduction.Sum)
    "CrossEntropy smoothing 0.1", CrossEntropy (smoothing = 0.1f)
    "CrossEntropy smoothing 1", CrossEntropy 1
    "CrossEntropy weights", CrossEntropy (weights = weights)
    "CrossEntropy weights sum", CrossEntropy (weights = weights, reduction = Reduction.Sum)
    "CrossEntropy ignored", CrossEntropy ()
    "CrossEntropy ignored class 1", CrossEntropy (ignoredIndex = 1)
    "CrossEntropy all ignored", CrossEntropy ()
    "CrossEntropy weights smoothing ignored", CrossEntropy (0.2, weights)
    "CrossEntropy weights smoothing ignored sum", CrossEntropy (0.2, weights, reduction = Reduction.Sum)
    "CrossEntropy probabilities", CrossEntropy ()
    "CrossEntropy probabilities smoothing weights", CrossEntropy (0.3f, weights)
    "CrossEntropy probabilities sum", CrossEntropy (reduction = Reduction.Sum)
    "CrossEntropy pixels", CrossEntropy ()
    "CrossEntropy pixels smoothing 0.1", CrossEntropy 0.1
    "CrossEntropy pixels probabilities", CrossEntropy ()
    "CrossEntropy extreme", CrossEntropy ()
    "CrossEntropy extreme smoothing 0.1", CrossEntropy 0.1f
    "MeanSquaredError", MeanSquaredError ()
    "MeanSquaredError sum", MeanSquaredError Reduction.Sum
    "MeanAbsoluteError", MeanAbsoluteError ()
    "Huber", Huber ()
    "Huber far", Huber ()
    "Huber delta 0.5", Huber 0.5
    "BinaryCrossEntropy", BinaryCrossEntropy ()
    "BinaryCrossEntropy soft", BinaryCrossEntropy ()
    "BinaryCrossEntropy weights", BinaryCrossEntropy weights
    "BinaryCrossEntropy pixels weights", BinaryCrossEntropy (List.truncate 4 weights)
    "BinaryCrossEntropy extreme", BinaryCrossEntropy ()
    "KlDivergence", KlDivergence ()
    "KlDivergence batch mean", KlDivergence (reduction = Reduction.BatchMean)
    "KlDivergence sum", KlDivergence (reduction = Reduction.Sum)
    "KlDivergence zeros", KlDivergence (reduction = Reduction.BatchMean)
    "KlDivergence log", KlDivergence (logTargets = true, reduction = Reduction.BatchMean)
    "KlDivergence pixels", KlDivergence ()
]

let fixture = lazy (Fixtures.read "training/training.json" |> Fixtures.field "losses" |> Fixtures.list)
let fixtureName case = Fixtures.text (Fixtures.field "name" case)

let equalsPyTorch (loss: Loss) case =
    let get name = Fixtures.field name case
    let shape = Fixtures.shape (get "shape")
    let outputs = Fixtures.singles (get "outputs")

    let targets =
        match Fixtures.tryField "labels" case with
        | Some given -> labels (Fixtures.integers given)
        | None -> Targets.OfValues (Tensor.Wrap (shape, Fixtures.singles (get "values")))

    let expected, expectedGradient = Fixtures.number (get "loss"), Fixtures.numbers (get "gradient")
    let double = outcome loss shape (Array.map float outputs) targets
    Fixtures.expectNear 1e-12 1e-3 "loss" [ double.Loss ] [ expected ]
    Fixtures.expectNear 1e-12 1e-3 "gradient" double.Gradient expectedGradient

    let gradient = Array.create outputs.Length nanf
    let single = loss.Value (ReadOnlySpan outputs, shape, targets, Span gradient)
    Expect.isTrue (single.Equals double.Loss) "float32 outputs are computed in double precision too"
    Fixtures.expectNear 1e-7 1e-30 "float32 gradient" (Array.map float gradient) expectedGradient

// ---- Random batches ----

/// N×K×places outputs with labels, in a size that is random too.
type LossBatch = { Shape: Shape; Outputs: float[]; Labels: int[]; Values: Tensor }

let batches = gen {
    let! n = Gen.choose (1, 5)
    let! k = Gen.choose (1, 7)
    let! places = Gen.choose (1, 3)
    let shape = if places = 1 then Shape.Of [| n; k |] else Shape.Of [| n; k; places |]

    let! outputs =
        Gen.choose (-4000, 4000)
        |> Gen.map (fun i -> float i / 1000.0)
        |> Gen.arrayOfLength (n * k * places)

    let! labels = Gen.choose (0, k - 1) |> Gen.arrayOfLength (n * places)
    let! values = Gen.choose (0, 1000) |> Gen.map (fun i -> float32 i / 1000.0f) |> Gen.arrayOfLength (n * k * places)
    return { Shape = shape; Outputs = outputs; Labels = labels; Values = Tensor.Wrap (shape, values) }
}

let forBatches check = Prop.forAll (Arb.fromGen batches) check

/// Every loss with targets that suit it.
let everyLoss batch : (Loss * Targets) list =
    let label, values = labels batch.Labels, Targets.OfValues batch.Values
    let classWeights = [ for k in 1 .. batch.Shape[1] -> float32 k / 4.0f ]

    [
        CrossEntropy (), label
        CrossEntropy (0.1, classWeights), label
        CrossEntropy (ignoredIndex = 0, reduction = Reduction.Sum), label
        CrossEntropy (0.2f, reduction = Reduction.BatchMean), values
        MeanSquaredError (), values
        MeanAbsoluteError Reduction.Sum, values
        Huber 0.75, values
        BinaryCrossEntropy classWeights, values
        KlDivergence (), values
        KlDivergence (logTargets = true), values
    ]

let differences loss (shape: Shape) (outputs: float[]) targets =
    let step = 1e-5

    let at i by = value loss shape (Array.mapi (fun j x -> if i = j then x + by else x) outputs) targets

    [| for i in 0 .. outputs.Length - 1 -> (at i step - at i -step) / (2.0 * step) |]

/// L1 and Huber have corners, where differences say nothing.
let awayFromCorners batch =
    Seq.zip batch.Outputs batch.Values.Values
    |> Seq.forall (fun (y, t) ->
        let distance = abs (y - float t)
        distance > 1e-3 && abs (distance - 0.75) > 1e-3)

// ---- The tests ----

let sentence (work: unit -> 'a) =
    try
        work () |> ignore
        failtest "nothing was thrown"
    with
    | :? AssertException -> reraise ()
    | fault -> fault.Message

let tests =
    testList "Losses" [
        testList "a loss and its gradient equal PyTorch's" [
            for name, loss in fixtureLosses do
                testCase name (fun () ->
                    match fixture.Force () |> List.filter (fun case -> fixtureName case = name) with
                    | [ case ] -> equalsPyTorch loss case
                    | cases -> failtestf "%d cases" cases.Length)
        ]

        testCase "every case of the fixture is tested" (fun () ->
            Expect.equal (fixture.Force () |> List.map fixtureName) (List.map fst fixtureLosses) "the names")

        testProperty "a gradient is what central differences show, in double precision"
        <| forBatches (fun batch ->
            awayFromCorners batch
            ==> lazy
                (for loss, targets in everyLoss batch do
                    let actual = (outcome loss batch.Shape batch.Outputs targets).Gradient
                    let expected = differences loss batch.Shape batch.Outputs targets
                    Fixtures.expectNear 1e-6 1.0 (string loss) actual expected))

        testProperty "the loss is the same whether a gradient is wanted or not"
        <| forBatches (fun batch ->
            for loss, targets in everyLoss batch do
                let actual = value loss batch.Shape batch.Outputs targets
                Expect.isTrue (actual.Equals (outcome loss batch.Shape batch.Outputs targets).Loss) (string loss))

        testProperty "labels mean the same as their one-hot probabilities, with smoothing and without"
        <| forBatches (fun batch ->
            let flat = Shape.Of [| batch.Shape[0]; batch.Shape[1] |]
            let outputs = Array.truncate flat.Count batch.Outputs
            let own = Array.truncate batch.Shape[0] batch.Labels
            let oneHot = Targets.OneHot (ReadOnlyMemory own, batch.Shape[1])

            for smoothing in [ 0.0; 0.3 ] do
                let loss = CrossEntropy smoothing
                let ofLabels, ofOneHot = outcome loss flat outputs (labels own), outcome loss flat outputs oneHot
                Fixtures.expectNear 1e-12 1.0 "loss" [ ofOneHot.Loss ] [ ofLabels.Loss ]
                Fixtures.expectNear 1e-12 1.0 "gradient" ofOneHot.Gradient ofLabels.Gradient)

        testProperty "a smoothing of 0 is none, to the bit"
        <| forBatches (fun batch ->
            let none = outcome (CrossEntropy ()) batch.Shape batch.Outputs (labels batch.Labels)
            Expect.equal (outcome (CrossEntropy 0.0f) batch.Shape batch.Outputs (labels batch.Labels)) none "0"
            let some = outcome (CrossEntropy 0.5) batch.Shape batch.Outputs (labels batch.Labels)
            Expect.equal (some = none) (batch.Shape[1] = 1) "0.5 is some, unless there is one class only")

        testProperty "cross-entropy does not change when all logits of a row are shifted"
        <| forBatches (fun batch ->
            let shifted = batch.Outputs |> Array.map (fun x -> x + 1024.0)

            for loss, targets in everyLoss batch do
                match loss with
                | :? CrossEntropy
                | :? KlDivergence ->
                    let before, after =
                        outcome loss batch.Shape batch.Outputs targets, outcome loss batch.Shape shifted targets

                    Fixtures.expectNear 1e-10 1.0 (string loss) [ after.Loss ] [ before.Loss ]
                    Fixtures.expectNear 1e-10 1.0 (string loss) after.Gradient before.Gradient
                | _ -> ())

        testProperty "an image's gradient does not depend on its neighbours, to the bit"
        <| forBatches (fun batch ->
            let images, rest = batch.Shape[0], batch.Shape.Count / batch.Shape[0]
            let last = images - 1
            let alone = Shape.Of [| 1; yield! Seq.skip 1 (batch.Shape :> int seq) |]
            let outputs = Array.skip (last * rest) batch.Outputs
            let places = batch.Labels.Length / images
            let values = Tensor.Wrap (alone, Array.skip (last * rest) batch.Values.Values)

            let sums: (Loss * Targets * Targets) list = [
                CrossEntropy (0.1, reduction = Reduction.Sum),
                labels batch.Labels,
                labels (Array.skip (last * places) batch.Labels)
                KlDivergence (reduction = Reduction.Sum), Targets.OfValues batch.Values, Targets.OfValues values
                Huber (0.5, Reduction.Sum), Targets.OfValues batch.Values, Targets.OfValues values
            ]

            for loss, all, own in sums do
                let together = (outcome loss batch.Shape batch.Outputs all).Gradient

                Expect.equal
                    (outcome loss alone outputs own).Gradient
                    (Array.skip (last * rest) together)
                    (string loss))

        testProperty "NaN among an image's outputs is NaN in the loss and in that image's gradient"
        <| forBatches (fun batch ->
            let outputs = batch.Outputs |> Array.mapi (fun i x -> if i = 0 then nan else x)

            for loss, targets in everyLoss batch do
                let ignored = (string loss).Contains "ignoredIndex" && batch.Labels[0] = 0

                if not ignored then
                    let outcome = outcome loss batch.Shape outputs targets
                    Expect.isTrue (Double.IsNaN outcome.Loss) $"{loss}: the loss"
                    Expect.isTrue (Double.IsNaN outcome.Gradient[0]) $"{loss}: the gradient")

        testProperty "a loss that a script defines is used like any other"
        <| forBatches (fun batch ->
            let own =
                Loss.Custom (
                    "mine",
                    fun outputs targets ->
                        let d: float32[] = Array.map2 (-) outputs.Values targets.Values.Values
                        let mean = d |> Array.averageBy (fun d -> float d * float d)
                        mean, Tensor.Wrap (outputs.Shape, d |> Array.map (fun x -> 2.0f * x / float32 d.Length))
                )

            let targets = Targets.OfValues batch.Values
            let expected = outcome (MeanSquaredError ()) batch.Shape batch.Outputs targets
            let actual = outcome own batch.Shape batch.Outputs targets
            Fixtures.expectNear 1e-5 1.0 "loss" [ actual.Loss ] [ expected.Loss ]
            Fixtures.expectNear 1e-5 1.0 "gradient" actual.Gradient expected.Gradient)

        testProperty "so is one that it defines in double precision, which loses no digit"
        <| forBatches (fun batch ->
            let own =
                Loss.CustomWide (
                    "mine",
                    fun outputs _ targets ->
                        let d = Array.map2 (fun y (t: float32) -> y - float t) outputs targets.Values.Values
                        Array.averageBy (fun d -> d * d) d, d |> Array.map (fun x -> 2.0 * x / float d.Length)
                )

            let targets = Targets.OfValues batch.Values
            let expected = outcome (MeanSquaredError ()) batch.Shape batch.Outputs targets
            let actual = outcome own batch.Shape batch.Outputs targets
            Fixtures.expectNear 1e-12 1.0 "loss" [ actual.Loss ] [ expected.Loss ]
            Fixtures.expectNear 1e-12 1.0 "gradient" actual.Gradient expected.Gradient)

        testCase "an empty batch has no mean, and no gradient" (fun () ->
            let empty = Shape.Of [| 0; 3 |]
            Expect.isTrue (Double.IsNaN (value (CrossEntropy ()) empty [||] (labels [||]))) "cross-entropy"
            Expect.equal (value (CrossEntropy (reduction = Reduction.Sum)) empty [||] (labels [||])) 0.0 "its sum")

        testCase "a loss that is almost 0 keeps its digits" (fun () ->
            let one = Targets.OfValues (Tensor.Wrap (Shape.Of [| 1; 1 |], [| 1.0f |]))
            let binary = value (BinaryCrossEntropy ()) (Shape.Of [| 1; 1 |]) [| 40.0 |] one
            Fixtures.expectNear 1e-12 0.0 "log (1 + exp -40)" [ binary ] [ exp -40.0 ])

        testCase "the gradient of tensors is a tensor" (fun () ->
            let outputs = Tensor.Wrap (Shape.Of [| 1; 2 |], [| 0.0f; 0.0f |])
            let gradient = CrossEntropy().Gradient(outputs, labels [| 1 |])
            Expect.equal gradient.Values [| 0.5f; -0.5f |] "softmax minus one-hot"
            Expect.floatClose Accuracy.high (CrossEntropy().Value(outputs, labels [| 1 |])) (log 2.0) "log 2")

        testList "what does not fit is said, with the mend" [
            let says name parts work =
                testCase name (fun () ->
                    let said = sentence work
                    parts |> List.iter (fun (part: string) -> Expect.stringContains said part "the message"))

            let compute (loss: Loss) (shape: Shape) targets () = value loss shape (Array.zeroCreate shape.Count) targets
            let zeros (shape: Shape) = Targets.OfValues (Tensor.Zeros shape)

            says
                "a label beyond the classes"
                [ "0..2"; "got 3"; "place 1" ]
                (compute (CrossEntropy ()) (Shape.Of [| 2; 3 |]) (labels [| 0; 3 |]))

            says "a negative label" [ "got -1" ] (compute (CrossEntropy ()) (Shape.Of [| 1; 3 |]) (labels [| -1 |]))

            says
                "too few labels"
                [ "expected 4 labels"; "got 2" ]
                (compute (CrossEntropy ()) (Shape.Of [| 4; 3 |]) (labels [| 0; 1 |]))

            says
                "too few weights"
                [ "each of 3 classes"; "got 5" ]
                (compute (CrossEntropy (weights = weights)) (Shape.Of [| 1; 3 |]) (labels [| 0 |]))

            says
                "outputs without a class axis"
                [ "(batch, classes)" ]
                (compute (CrossEntropy ()) (Shape.Of [| 3 |]) (labels [| 0; 1; 2 |]))

            says
                "labels where values are needed"
                [ "OneHot" ]
                (compute (MeanSquaredError ()) (Shape.Of [| 2; 3 |]) (labels [| 0; 1 |]))

            says
                "values in another shape"
                [ "(2, 3)"; "(3, 2)"; "broadcast" ]
                (compute (Huber ()) (Shape.Of [| 2; 3 |]) (zeros (Shape.Of [| 3; 2 |])))

            says "smoothing above 1" [ "0..1"; "1.5" ] (fun () -> CrossEntropy 1.5)
            says "a delta of 0" [ "more than 0" ] (fun () -> Huber 0)
            says "a label beyond one-hot" [ "0..1"; "got 2" ] (fun () -> Targets.OneHot (ReadOnlyMemory [| 2 |], 2))

            says "outputs that are not as long as their shape" [ "6 elements"; "got 5" ] (fun () ->
                (CrossEntropy ())
                    .Value(ReadOnlySpan (Array.zeroCreate<float> 5), Shape.Of [| 2; 3 |], labels [| 0; 1 |]))
        ]

        testCase "a loss prints as it is typed" (fun () ->
            let typed: (Loss * string) list = [
                CrossEntropy (), "CrossEntropy ()"
                CrossEntropy 0.1f, "CrossEntropy (smoothing = 0.1)"
                CrossEntropy (weights = [ 1.0f; 0.2f ], ignoredIndex = 0),
                "CrossEntropy (weights = [ 1f; 0.2f ], ignoredIndex = 0)"
                Huber (0.5, Reduction.Sum), "Huber (delta = 0.5, reduction = Reduction.Sum)"
                KlDivergence (logTargets = true), "KlDivergence (logTargets = true)"
            ]

            for loss, text in typed do
                Expect.equal (string loss) text "text")
    ]
