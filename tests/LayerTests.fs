/// Layers against PyTorch's, forward and backward, from tests/fixtures/layers.
module Fovea.Tests.LayerTests

open System
open System.Text.Json
open Expecto
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Core.Randomness
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Tests.Fixtures

let private fixtures = lazy (read "layers/layers.json")
let private cases name = fixtures.Value |> field name |> list |> List.indexed

/// What a layer over a batch makes: outputs, gradients, and its parameters afterwards.
type Ran = { Y: float[]; Dx: float[]; Gradients: float[] list; After: float[] list }

let private graphOf (layer: Layer) (x: Tensor) = Lowering.graph x.Shape.Tail [ Stage.Layer layer ]

/// In double precision, by the definition.
let byWitness mode layer (x: Tensor) (dy: float[]) (parameters: float[] list) =
    let witness = Witness<float>(graphOf layer x, List.toArray parameters, Array.map float x.Values, x.Shape[0], mode)

    witness.Backward (ReadOnlySpan dy)

    {
        Y = witness.Output
        Dx = witness.InputGradient
        Gradients = List.ofSeq witness.Gradients
        After = List.ofSeq witness.Parameters
    }

/// In float32, as networks run.
let bySession mode layer (x: Tensor) (dy: float[]) (parameters: float[] list) =
    let graph = graphOf layer x

    let values =
        Seq.map2
            (fun (p: GraphParameter) (v: float[]) -> Tensor.Wrap (p.Spec.Shape, Array.map float32 v))
            graph.Parameters
            parameters
        |> Array.ofSeq

    let options = PlanOptions (x.Shape[0], mode, ParameterGradients = true, InputGradient = true)
    use session = new Session (Plan.Create (graph, options, Workers.Shared.Count), values, Workers.Shared)
    x.Values.AsSpan().CopyTo(session.Input x.Shape[0])
    session.Forward x.Shape[0]
    let y = session.Output.ToArray () |> Array.map float
    (dy |> Array.map float32).AsSpan().CopyTo session.OutputGradient
    session.Backward ()

    {
        Y = y
        Dx = session.InputGradient.ToArray () |> Array.map float
        Gradients = [ for p in 0 .. values.Length - 1 -> session.Gradient(p).ToArray() |> Array.map float ]
        After = [ for value in values -> Array.map float value.Values ]
    }

/// Both ways, with the tolerance of each.
let ways = [ "in double precision", byWitness, 1e-9; "as networks run", bySession, 1e-5 ]

let private batchNorm (it: JsonElement) =
    let x, dy = tensor (field "x" it), numbers (field "dy" it)
    let mode = if (field "training" it).GetBoolean() then RunMode.Training else RunMode.Evaluation
    let values name = tryField name it |> Option.map (field "values" >> numbers)
    let affine = List.choose values [ "scale"; "shift" ]

    let layer =
        BatchNorm (
            Momentum = number (field "momentum" it),
            Epsilon = number (field "epsilon" it),
            Affine = not affine.IsEmpty
        )

    for way, run, tolerance in ways do
        let parameters = affine @ [ numbers (field "runningMean" it); numbers (field "runningVariance" it) ]
        let ran = run mode layer x dy parameters
        let near what = expectNear tolerance 1.0 $"{way}: {what}"
        near "y" ran.Y (field "y" it |> field "values" |> numbers)
        near "dx" ran.Dx (numbers (field "dx" it))

        if not affine.IsEmpty then
            near "the scale's gradient" ran.Gradients[0] (numbers (field "dscale" it))
            near "the shift's gradient" ran.Gradients[1] (numbers (field "dshift" it))

        near "the running mean" ran.After[affine.Length] (numbers (field "runningMeanAfter" it))
        near "the running variance" ran.After[affine.Length + 1] (numbers (field "runningVarianceAfter" it))

/// A layer's case against PyTorch's: outputs, and the gradients of input and weights, which a case has under their names.
let private weighted mode layer (weights: string list) (buffers: float[] list) (it: JsonElement) =
    let x, dy = tensor (field "x" it), numbers (field "dy" it)
    let there = weights |> List.filter (fun name -> (tryField name it).IsSome)
    let values = there |> List.map (fun name -> it |> field name |> field "values" |> numbers)

    for way, run, tolerance in ways do
        let ran = run mode layer x dy (values @ buffers)
        let near what = expectNear tolerance 1.0 $"{way}: {what}"
        near "y" ran.Y (field "y" it |> field "values" |> numbers)
        near "dx" ran.Dx (numbers (field "dx" it))

        for i, name in List.indexed there do
            near $"the gradient of {name}" ran.Gradients[i] (numbers (field $"d{name}" it))

        match tryField "runningMeanAfter" it with
        | Some mean ->
            near "the running mean" ran.After[there.Length] (numbers mean)
            near "the running variance" ran.After[there.Length + 1] (numbers (field "runningVarianceAfter" it))
        | None -> ()

let private isAffine it = (tryField "scale" it).IsSome
let private epsilon it = number (field "epsilon" it)
let private whole name (it: JsonElement) = (field name it).GetInt32()
let private truth name (it: JsonElement) = (field name it).GetBoolean()
let private affine = [ "scale"; "shift" ]

let private instances it =
    let mode = if truth "training" it then RunMode.Training else RunMode.Evaluation
    let track = truth "track" it

    let layer =
        InstanceNorm (
            Affine = isAffine it,
            Track = track,
            Momentum = number (field "momentum" it),
            Epsilon = epsilon it
        )

    let running = if track then [ numbers (field "runningMean" it); numbers (field "runningVariance" it) ] else []

    weighted mode layer affine running it

let private normFaults = [
    "groups that do not divide the channels",
    input (6, 4, 4) |> groupNorm 4,
    "groupNorm 4: 4 groups do not divide 6 channels; use a number of groups that does, such as 3"
    "no groups", input (6, 4, 4) |> groupNorm 0, "groupNorm 0: 0 groups do not divide 6 channels"
    "groups of one value",
    input (6, 1, 1) |> groupNorm 6,
    "groupNorm 6: each of the 6 groups of (6, 1, 1) has one value, which is its own mean: nothing would be left of it; use fewer groups"
    "instances of one pixel",
    input (6, 1, 1) |> instanceNorm,
    "instanceNorm: each channel of (6, 1, 1) has one pixel, which is its own mean: nothing would be left of it"
    "instances of vectors",
    inputVector 6 |> instanceNorm,
    "instanceNorm: expected an image (channels, height, width), got (6)"
    "too many axes",
    input (3, 4, 4) |> layerNormWith (axes = 4),
    "layerNorm of the last 4 axes: (3, 4, 4) does not have 4 axes; normalise its last 1..3"
    "a negative eps", input (3, 4, 4) |> groupNorm (3, eps = -1.0), "an eps that is not negative, got 0 and -1"
    "celu with 0", inputVector 3 |> celu 0.0, "celu 0: alpha is divided by and cannot be 0; PyTorch's is 1"
    "softmax over a missing axis", input (3, 4, 4) |> softmaxOver 3, "(3, 4, 4) has no axis 3; use -3..2"
    "softmax over an image",
    input (3, 4, 4) |> logSoftmax,
    "logSoftmax: expected a vector (classes), got (3, 4, 4); put flatten before it, or say over which axis: logSoftmaxOver 0 is over the channels"
]

let private normTests = [
    let all name check = [
        for i, it in cases name do
            testCase $"{name} {i}" (fun () -> check it)
    ]

    yield!
        all "groupNorms" (fun it ->
            let layer = GroupNorm (whole "groups" it, Epsilon = epsilon it, Affine = isAffine it)
            weighted RunMode.Training layer affine [] it)

    yield!
        all "layerNorms" (fun it ->
            let layer = LayerNorm (Axes = whole "axes" it, Epsilon = epsilon it, Affine = isAffine it)
            weighted RunMode.Evaluation layer affine [] it)

    yield!
        all "channelNorms" (fun it ->
            let layer = LayerNorm (OfChannels = true, Epsilon = epsilon it, Affine = isAffine it)
            weighted RunMode.Training layer affine [] it)

    yield! all "instanceNorms" instances

    yield!
        all "prelus" (fun it ->
            let slopes = it |> field "slope" |> field "values" |> numbers
            weighted RunMode.Evaluation (Prelu (PerChannel = (slopes.Length > 1))) [ "slope" ] [] it)

    for name, pipeline, said in normFaults do
        testCase $"{name}: a fault with its mend" (fun () ->
            Expect.stringContains (Pipeline.fault pipeline).Value.Message said "the fault")

    testCase "an empty batch leaves an instance norm's running statistics alone" (fun () ->
        let x, parameters = Tensor.Zeros (Shape.Of [| 0; 1; 2; 2 |]), [ [| 4.0 |]; [| 5.0 |] ]

        Expect.equal
            (byWitness RunMode.Training (InstanceNorm (Track = true)) x [||] parameters).After
            parameters
            "after")

    testCase "a frozen instance norm goes by its running statistics in training, and moves nothing" (fun () ->
        let graph = Lowering.graph (Shape.Of [| 2; 3; 2 |]) [ Frozen [ Stage.Layer (InstanceNorm (Track = true)) ] ]
        let x = Tensor.Normal (Shape.Of [| 3; 2; 3; 2 |], 1)
        let parameters = [| [| 0.1; 0.2 |]; [| 2.0; 3.0 |] |]
        let run mode = Witness<float>(graph, parameters, Array.map float x.Values, 3, mode)
        Expect.equal (run RunMode.Training).Output (run RunMode.Evaluation).Output "outputs"
        Expect.equal (List.ofSeq (run RunMode.Training).Parameters) (List.ofArray parameters) "parameters")
]

let private normalTests = [
    for i, it in cases "batchNorms" do
        let shape = it |> field "x" |> field "shape"
        testCase $"batchNorm {i} of {shape}" (fun () -> batchNorm it)

    testCase
        "a training batch with one element of each channel is an error, and the sentence says what to do"
        (fun () ->
            for way, run, _ in ways do
                Expect.throwsC
                    (fun () ->
                        run
                            RunMode.Training
                            (BatchNorm ())
                            (Tensor.Zeros (Shape.Of [| 1; 2 |]))
                            [| 0.0; 0.0 |]
                            (List.replicate 4 [| 1.0; 1.0 |])
                        |> ignore)
                    (fun fault ->
                        Expect.equal
                            fault.Message
                            "batchNorm: expected more than one value for each channel in training, got one image of (2); use larger batches, drop a last batch of one, or freeze the layer"
                            way))

    testCase "an empty batch leaves the running statistics alone" (fun () ->
        for way, run, _ in ways do
            let parameters = [ [| 2.0 |]; [| 3.0 |]; [| 4.0 |]; [| 5.0 |] ]
            let x = Tensor.Zeros (Shape.Of [| 0; 1; 2; 2 |])

            if way <> "as networks run" then
                Expect.equal (run RunMode.Training (BatchNorm ()) x [||] parameters).After parameters way)

    testCase "frozen batch normalisation is the same in training, and moves nothing" (fun () ->
        let stage = Frozen [ Stage.Layer (BatchNorm ()) ]
        let graph = Lowering.graph (Shape.Of [| 2; 3; 2 |]) [ stage ]
        let x = Tensor.Normal (Shape.Of [| 3; 2; 3; 2 |], 1)
        let parameters = [| [| 1.5; -1.0 |]; [| 0.5; 2.0 |]; [| 0.1; 0.2 |]; [| 2.0; 3.0 |] |]
        let run mode = Witness<float>(graph, parameters, Array.map float x.Values, 3, mode)
        Expect.equal (run RunMode.Training).Output (run RunMode.Evaluation).Output "outputs"
        Expect.equal (List.ofSeq (run RunMode.Training).Parameters) (List.ofArray parameters) "parameters")

    testCase "a channel with a NaN is NaN, the others are not" (fun () ->
        let x = Tensor.Normal (Shape.Of [| 2; 17; 3; 2 |], 1)
        x[1, 16, 0, 0] <- nanf
        let parameters = [ Array.create 17 1.0; Array.create 17 0.0; Array.create 17 0.0; Array.create 17 1.0 ]

        for way, run, _ in ways do
            let ran = run RunMode.Training (BatchNorm ()) x (Array.create x.Count 1.0) parameters
            let isOfLast i = i / 6 % 17 = 16
            Expect.isTrue (ran.Y |> Seq.indexed |> Seq.forall (fun (i, y) -> Double.IsNaN y = isOfLast i)) way)
]

let private dropped mode (layer: Layer) (x: Tensor) key =
    let graph = graphOf layer x
    let witness = Witness<float>(graph, [||], Array.map float x.Values, x.Shape[0], mode, key)
    let options = PlanOptions (x.Shape[0], mode)
    use session = new Session (Plan.Create (graph, options, Workers.Shared.Count), [||], Workers.Shared)
    x.Values.AsSpan().CopyTo(session.Input x.Shape[0])
    session.Forward (x.Shape[0], key)
    let y = session.Output.ToArray () |> Array.map float

    Expect.isTrue
        (Seq.forall2 (fun (a: float) b -> a.Equals b) y (witness.Output |> Array.map (float32 >> float)))
        "the witness drops the same"

    y

let private ones shape = Tensor.Ones (Shape.Of shape)

let private dropoutTests = [
    testCase "dropout drops the share that it is told, and keeps the mean" (fun () ->
        let y = dropped RunMode.Training (Dropout 0.3) (ones [| 10; 20; 10; 5 |]) (RandomKey.Of 1)
        let zeros = y |> Seq.filter ((=) 0.0) |> Seq.length |> float
        Expect.isTrue (abs (zeros / 10000.0 - 0.3) < 0.02) $"{zeros} of 10000"
        Expect.isTrue (y |> Seq.forall (fun v -> v = 0.0 || abs (v - 1.0 / 0.7) < 1e-6)) "others are divided by 0.7")

    testCase "steps, images and positions draw apart; the same step draws the same" (fun () ->
        let run seed = dropped RunMode.Training (Dropout 0.5) (ones [| 2; 3; 5; 7 |]) (RandomKey.Of seed)
        Expect.equal (run 1) (run 1) "one step"
        Expect.notEqual (run 1) (run 2) "two steps"
        let images = Array.chunkBySize 105 (run 1)
        Expect.notEqual images[0] images[1] "two images")

    testCase "spatial dropout drops whole channels" (fun () ->
        let y = dropped RunMode.Training (Dropout (0.5, Spatial = true)) (ones [| 4; 17; 3; 3 |]) (RandomKey.Of 1)
        let channels = Array.chunkBySize 9 y
        Expect.isTrue (channels |> Seq.forall (fun c -> Array.distinct c |> Array.length = 1)) "each channel alike"
        Expect.equal (channels |> Array.map Array.head |> Array.distinct |> Array.sort) [| 0.0; 2.0 |] "some of each")

    testCase "stochastic depth drops images, or whole batches, and keeps the mean" (fun () ->
        let run whole seed =
            dropped
                RunMode.Training
                (StochasticDepth (0.25, WholeBatch = whole))
                (ones [| 400; 17; 2; 1 |])
                (RandomKey.Of seed)
            |> Array.chunkBySize 34

        let images = run false 1
        Expect.isTrue (images |> Seq.forall (fun image -> (Array.distinct image).Length = 1)) "each image alike"
        let kept = images |> Seq.filter (fun image -> image[0] > 0.0) |> Seq.length
        Expect.isTrue (abs (kept - 300) < 30) $"{kept} of 400 are kept"
        let isThird value = abs (value - 1.0 / 0.75) < 1e-6
        Expect.isTrue (images |> Seq.forall (fun image -> image[0] = 0.0 || isThird image[0])) "divided by 0.75"
        let whole = [ for seed in 1..80 -> run true seed |> Array.concat |> Array.distinct ]
        Expect.isTrue (whole |> List.forall (fun values -> values.Length = 1)) "each batch alike"
        let kept = whole |> List.filter (fun values -> isThird values[0]) |> List.length
        Expect.isTrue (kept > 45 && kept < 75) $"{kept} of 80 batches are kept"

        Expect.equal
            (dropped RunMode.Evaluation (StochasticDepth 0.9) (ones [| 2; 3; 1; 1 |]) (RandomKey.Of 1))
            (Array.create 6 1.0)
            "evaluation"

        Expect.equal
            (dropped RunMode.Training (StochasticDepth 1.0) (ones [| 2; 3; 1; 1 |]) (RandomKey.Of 1))
            (Array.zeroCreate 6)
            "all are dropped"

        Expect.stringContains
            (input (1, 2, 2) |> stochasticDepth -0.5 |> Pipeline.fault).Value.Message
            "stochasticDepth -0.5: expected a probability 0..1, got -0.5; 0.2 drops a fifth of the images"
            "a fault")

    testCase "rates 0 and 1, evaluation, NaN" (fun () ->
        let x = ones [| 1; 2; 3; 3 |]
        x[0, 1, 1, 1] <- nanf
        let run mode rate = dropped mode (Dropout rate) x (RandomKey.Of 1)
        let isSame = Seq.forall2 (fun a (b: float32) -> (float b).Equals(a: float))
        Expect.isTrue (isSame (run RunMode.Training 0.0) x.Values) "0"
        Expect.isTrue (isSame (run RunMode.Evaluation 0.9) x.Values) "evaluation"

        Expect.equal
            (run RunMode.Training 1.0 |> Seq.filter ((=) 0.0) |> Seq.length)
            17
            "1: all but the NaN, which stays as in PyTorch"

        Expect.stringContains
            (input (1, 2, 2) |> dropout 1.5 |> Pipeline.fault).Value.Message
            "expected a probability 0..1, got 1.5"
            "a fault")
]

let private named =
    Map [
        for f in ActivationLayer.WithoutNumber do
            yield f.Kind, f
        yield "gelu tanh", ActivationLayer.GeluTanh
        yield "leakyRelu 0.01", ActivationLayer.LeakyRelu 0.01
        yield "leakyRelu 0.2", ActivationLayer.LeakyRelu 0.2
        yield "elu", ActivationLayer.Elu 1.0
        yield "celu 2", ActivationLayer.Celu 2.0
        yield "elu 0.5", ActivationLayer.Elu 0.5
    ]

// These slopes are made of values that cancel, in PyTorch's float32 as here.
let private cancelling = set [ "sigmoid"; "tanh"; "hardSwish"; "gelu"; "geluTanh"; "gelu tanh"; "silu"; "mish" ]
let private scaleOf name = if Set.contains name cancelling then 1.0 else 1e-6

// PyTorch's float64 loses GELU's left tail to cancellation and takes a float32's sixth for hardSigmoid's slope; a float32 result may be
// too small for a float32.
let private activation (name: string) (layer: ActivationLayer) (it: JsonElement) =
    let x = fixtures.Value |> field "activationPlaces" |> numbers

    for way, run, tolerance in [ "in double precision", byWitness, 5e-8; "as networks run", bySession, 3e-6 ] do
        // Beside each place something else stands, and the whole is longer than a vector.
        let ran =
            run
                RunMode.Evaluation
                layer
                (Tensor.Wrap (Shape.Of [| 1; x.Length |], Array.map float32 x))
                (Array.create x.Length 1.0)
                []

        let fits scale (actual: float) expected =
            near tolerance scale actual expected
            || float (float32 expected) = actual
            || abs (actual - expected) < 1e-37

        for what, scale, actual, expected in
            [
                "value", 1e-6, ran.Y, numbers (field "y" it)
                "slope", scaleOf name, ran.Dx, numbers (field "slope" it)
            ] do
            for place, a, e in Seq.zip3 x actual expected do
                if not (fits scale a e) then
                    failtestf "%s, %s: the %s at %g is %.9g, PyTorch's is %.9g" name way what place a e

let private activationTests = [
    for _, it in cases "activations" do
        let name = text (field "name" it)

        match Map.tryFind name named with
        | Some layer -> testCase name (fun () -> activation name layer it)
        | None -> ()

    testCase "every activation has a case of PyTorch's" (fun () ->
        let there = cases "activations" |> List.map (snd >> field "name" >> text) |> Set

        for f in ActivationLayer.WithoutNumber do
            Expect.isTrue (there.Contains f.Kind || f.Kind = "geluTanh") f.Kind)

    for f in ActivationLayer.WithoutNumber do
        testCase $"{f.Kind} gives an element the same bits wherever it stands, and its twin's value to 3e-6" (fun () ->
            let x = Array.init 1000 (fun i -> float32 (i - 500) / 37f)
            let shape = Shape.Of [| 1; 1000 |]
            let run x = bySession RunMode.Evaluation f (Tensor.Wrap (shape, x)) (Array.create 1000 1.0) []
            let whole, turned = run x, run (Array.append (Array.skip 7 x) (Array.take 7 x))
            let back (values: float[]) = Array.append (Array.skip 993 values) (Array.take 993 values)
            Expect.equal (back turned.Y) whole.Y "values"
            Expect.equal (back turned.Dx) whole.Dx "slopes"
            let twin = byWitness RunMode.Evaluation f (Tensor.Wrap (shape, x)) (Array.create 1000 1.0) []
            expectNear 3e-6 1e-6 "the value" whole.Y twin.Y
            expectNear 3e-6 (scaleOf f.Kind) "the slope" whole.Dx twin.Dx)

    for i, it in cases "softmaxes" do
        let x = tensor (field "x" it)
        let axis = whole "axis" it

        // A layer's axes are those of one image; over the batch there is no layer.
        if axis <> 0 then
            testCase $"softmax and its logarithm {i}" (fun () ->
                let own =
                    if x.Rank = 2 then System.Nullable ()
                    elif axis > 0 then System.Nullable (axis - 1)
                    else System.Nullable axis

                for layer, y, dx in
                    [
                        Softmax (Axis = own) :> Layer, "softmax", "dxSoftmax"
                        LogSoftmax (Axis = own), "logSoftmax", "dxLogSoftmax"
                    ] do
                    for way, run, tolerance in ways do
                        let ran = run RunMode.Evaluation layer x (numbers (field "dy" it)) []
                        expectNear tolerance 1.0 $"{way}: {y}" ran.Y (numbers (field y it))
                        expectNear tolerance 1.0 $"{way}: {dx}" ran.Dx (numbers (field dx it)))
]

let private poolTests = [
    let check layer (it: JsonElement) =
        let x = tensor (field "x" it)

        for way, run, tolerance in ways do
            let ran = run RunMode.Evaluation layer x (numbers (field "dy" it)) []
            expectNear tolerance 1.0 $"{way}: y" ran.Y (field "y" it |> field "values" |> numbers)
            expectNear tolerance 1.0 $"{way}: dx" ran.Dx (numbers (field "dx" it))

    for i, it in cases "adaptivePools" do
        let size = integers (field "to" it)
        let isMax = text (field "kind" it) = "max"
        testCase $"adaptive pool {i}" (fun () -> check (AdaptivePool2d (Size (size[0], size[1]), isMax)) it)

    for i, it in cases "upsamples" do
        let from, size = shape (it |> field "x" |> field "shape"), integers (field "to" it)

        if text (field "mode" it) = "nearest" && size[0] % from[2] = 0 && size[1] % from[3] = 0 then
            testCase $"upsample {i}" (fun () -> check (Upsample (Size (size[0] / from[2], size[1] / from[3]))) it)
]

let tests =
    testList "Layers are PyTorch's" [
        testList "Normalisation" normalTests
        testList "Of single images" normTests
        testList "Dropout" dropoutTests
        testList "Activations" activationTests
        testList "Pools" poolTests
    ]
