/// Networks: what is inferred against what comes out, gradients against differences, sessions against the witness.
module Fovea.Tests.NetworkTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Invariants

let private cases share = propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest * share / 100))

let private property share name check = testPropertyWith (cases share) name (Prop.forAll AnyNetwork.pipeline check)

/// A network for each layer, and for each way of putting stages together.
let private everyLayer = [
    "conv", input (3, 5, 6) |> conv (4, 3)
    "conv of 16 channels", input (16, 4, 5) |> conv (17, 3, pad = Same)
    "conv rectangular, strided, dilated, padded unevenly",
    input (2, 9, 8) |> conv (3, (2, 3), stride = (2, 3), dilation = (3, 2), pad = pads (0, 2, 1, 3))
    "conv in groups, without bias", input (4, 5, 5) |> conv (6, 3, groups = 2, bias = false)
    "conv depthwise", input (5, 5, 6) |> conv (5, 3, groups = 5, pad = Same)
    "conv 1×1", input (5, 3, 4) |> conv (7, 1)
    "conv 5×5 on a smaller image", input (2, 3, 2) |> conv (3, 5, pad = Same)
    "locallyConnected", input (3, 5, 6) |> locallyConnected (4, 3, pad = Same) |> relu |> conv (2, 1)
    "locallyConnected rectangular, strided, padded unevenly, without bias",
    input (2, 7, 5)
    |> conv (3, 1)
    |> locallyConnected (3, (2, 3), stride = (2, 1), pad = pads (0, 1, 2, 0), bias = false)
    "locallyConnected of one pixel", input (3, 1, 1) |> locallyConnected (2, 1)
    "dense", inputVector 7 |> dense 5
    "dense without bias", inputVector 17 |> dense (16, bias = false)
    "maxPool", input (2, 6, 5) |> maxPool 2
    "maxPool overlapping, padded", input (3, 7, 6) |> maxPool (3, stride = 2, pad = 1)
    "maxPool dilated", input (1, 8, 7) |> maxPool (2, stride = 1, dilation = 3)
    "maxPool with partial windows", input (2, 6, 8) |> maxPool (3, stride = 2, ceil = true)
    "maxPool of 300 taps", input (2, 20, 17) |> maxPool ((20, 15), stride = 1)
    "avgPool", input (2, 6, 5) |> avgPool 2
    "avgPool overlapping, padded", input (3, 7, 6) |> avgPool (3, stride = 2, pad = 1)
    "avgPool of real inputs alone", input (3, 7, 6) |> avgPool (3, stride = 2, pad = 1, countPad = false)
    "avgPool with partial windows", input (2, 6, 8) |> avgPool (3, stride = 2, ceil = true)
    "globalAvgPool", input (5, 3, 4) |> globalAvgPool
    "relu", input (3, 4, 5) |> relu
    "relu after conv", input (3, 4, 5) |> conv (4, 3) |> relu
    "sigmoid", input (3, 4, 5) |> sigmoid
    "tanh", input (3, 4, 5) |> activation Tanh
    "relu6", input (3, 4, 5) |> relu6
    "selu", input (3, 4, 5) |> selu
    "gelu", input (3, 4, 5) |> gelu
    "geluTanh", input (3, 4, 5) |> geluTanh
    "silu", input (3, 4, 5) |> silu
    "mish", input (3, 4, 5) |> mish
    "hardSigmoid", input (3, 4, 5) |> hardSigmoid
    "hardSwish", input (3, 4, 5) |> hardSwish
    "softplus", input (3, 4, 5) |> softplus
    "leakyRelu", input (3, 4, 5) |> leakyRelu 0.2
    "elu", input (17, 4, 5) |> elu 0.7
    "celu", input (17, 4, 5) |> celu 0.7
    "hardTanh", input (3, 4, 5) |> hardTanh
    "softsign", input (3, 4, 5) |> softsign
    "logSigmoid", input (3, 4, 5) |> logSigmoid
    "prelu", input (3, 4, 5) |> prelu
    "prelu per channel", input (3, 4, 7) |> preluWith (perChannel = true)
    "prelu after conv", input (3, 4, 5) |> conv (18, 3) |> preluWith (perChannel = true) |> conv (17, 1) |> prelu
    "prelu of vectors", inputVector 7 |> dense 18 |> preluWith (perChannel = true) |> dense 2
    "softmax over channels", input (5, 3, 4) |> softmaxOver 0
    "softmax over rows", input (3, 3, 4) |> conv (17, 1) |> softmaxOver 1 |> conv (2, 1)
    "logSoftmax over columns", input (3, 3, 4) |> logSoftmaxOver -1
    "softmax", inputVector 6 |> softmax
    "logSoftmax", inputVector 6 |> logSoftmax
    "batchNorm", input (3, 4, 5) |> batchNorm
    "batchNorm of vectors", inputVector 18 |> dense 17 |> batchNorm |> dense 3
    "batchNorm after conv", input (3, 5, 4) |> conv (18, 3, pad = Same) |> batchNorm |> relu |> conv (2, 3)
    "batchNorm without weights",
    input (3, 4, 5) |> conv (4, 3) |> batchNormWith (affine = false, eps = 0.01) |> conv (2, 1)
    "batchNorm after grouped, padded and 1-dimensional conv",
    input (4, 6, 6)
    |> conv (6, 3, groups = 2, bias = false)
    |> batchNorm
    |> conv (3, 3, pad = Same, border = Reflect)
    |> batchNorm
    |> relu
    |> flatten
    |> dense 4
    |> batchNorm
    "batchNorm, frozen", input (3, 4, 5) |> conv (4, 3) |> frozen batchNorm |> conv (2, 1)
    "batchNorm, frozen, of one pixel", input (3, 1, 1) |> frozen batchNorm |> conv (2, 1)
    "groupNorm", input (6, 4, 5) |> groupNorm 3
    "groupNorm of one group", input (3, 4, 5) |> groupNorm 1
    "groupNorm of as many pixels as channels", input (4, 2, 2) |> groupNorm 4
    "groupNorm of one pixel", input (6, 1, 1) |> groupNorm 3 |> conv (2, 1)
    "groupNorm of blocks", input (3, 5, 4) |> conv (36, 3, pad = Same) |> groupNorm 4 |> relu |> conv (2, 3)
    "groupNorm without weights",
    input (3, 4, 5) |> conv (18, 1) |> groupNorm (9, affine = false, eps = 0.01) |> conv (2, 1)
    "groupNorm of vectors", inputVector 7 |> dense 18 |> groupNorm 2 |> dense 3
    "groupNorm, frozen", input (3, 4, 5) |> conv (4, 3) |> frozen (groupNorm 2) |> conv (2, 1)
    "layerNorm", input (3, 4, 5) |> layerNorm
    "layerNorm after conv", input (3, 4, 5) |> conv (18, 3) |> layerNorm |> conv (2, 1)
    "layerNorm of vectors", inputVector 7 |> dense 300 |> layerNorm |> dense 3
    "layerNorm of the last axis", input (3, 4, 18) |> layerNormWith (axes = 1)
    "layerNorm of two axes, without weights",
    input (3, 4, 5)
    |> conv (4, 1)
    |> layerNormWith (axes = 2, affine = false, eps = 0.01)
    |> conv (2, 1)
    "channelNorm", input (3, 4, 5) |> channelNorm
    "channelNorm after conv", input (3, 5, 7) |> conv (18, 3, pad = Same) |> channelNorm |> relu |> conv (2, 3)
    "channelNorm without weights", input (5, 3, 6) |> conv (4, 1) |> channelNormWith (affine = false) |> conv (2, 1)
    "channelNorm of one pixel", input (5, 1, 1) |> channelNorm |> conv (2, 1)
    "instanceNorm", input (3, 4, 5) |> instanceNorm |> conv (2, 3)
    "instanceNorm with weights", input (3, 4, 5) |> conv (18, 3) |> instanceNormWith (affine = true) |> conv (2, 1)
    "instanceNorm with running statistics",
    input (3, 4, 5) |> conv (18, 3) |> instanceNormWith (track = true, affine = true) |> conv (2, 1)
    "instanceNorm with running statistics, frozen",
    input (3, 4, 5) |> conv (4, 3) |> frozen (instanceNormWith (track = true)) |> conv (2, 1)
    "stochasticDepth", input (3, 4, 5) |> residual (conv (3, 3, pad = Same) >> stochasticDepth 0.5)
    "stochasticDepth of batches",
    input (3, 4, 5)
    |> conv (18, 3)
    |> residual (conv (18, 1) >> stochasticDepth (0.2, wholeBatch = true))
    "dropout", input (3, 4, 5) |> conv (4, 3) |> dropout 0.3 |> conv (3, 1)
    "dropout over nothing", input (3, 4, 5) |> dropout 0.3
    "spatialDropout", input (3, 4, 5) |> conv (18, 3) |> spatialDropout 0.5 |> conv (3, 1)
    "normalize", input (3, 4, 5) |> normalize ([ 0.1; 0.2; -0.3 ], [ 0.5; 1.5; 2.0 ])
    "flatten", input (3, 4, 5) |> flatten |> dense 3
    "residual", input (3, 4, 5) |> residual (conv (3, 3, pad = Same) >> relu)
    "residual around nothing but an activation", input (3, 4, 5) |> residual relu
    "residual with a shortcut",
    input (3, 6, 5) |> residual (conv (4, 3, stride = 2, pad = 1), shortcut = conv (4, 1, stride = 2))
    "residual in a residual", input (2, 4, 5) |> residual (residual (conv (2, 1)) >> relu)
    "shared",
    input (3, 4, 5)
    |> shared "key" (conv (3, 3, pad = Same))
    |> relu
    |> shared "key" (conv (3, 3, pad = Same))
    "frozen", input (3, 4, 5) |> frozen (conv (4, 3)) |> relu |> conv (2, 1)
    "concat", input (3, 4, 5) |> concat [ conv (4, 3, pad = Same); id; conv (2, 1) >> relu ] |> conv (2, 1)
    "concat of whole blocks", input (3, 4, 5) |> concat [ conv (16, 3, pad = Same); conv (17, 1) ] |> conv (3, 1)
    "concat of vectors", inputVector 5 |> concat [ dense 3; id ] |> dense 2
    "concat of one", input (3, 4, 5) |> concat [ conv (2, 1) ]
    "sumOf", input (3, 4, 5) |> sumOf [ conv (3, 3, pad = Same); id; conv (3, 1) >> relu ]
    "squeezeExcite", input (4, 5, 3) |> conv (18, 3, pad = Same) |> squeezeExcite 4 |> conv (2, 1)
    "gated by a vector", input (4, 5, 3) |> gated (globalAvgPool >> flatten >> dense 4)
    "gated by its own pixel", input (3, 1, 1) |> gated id
    "repeat", input (3, 4, 5) |> repeat 3 (conv (3, 3, pad = Same) >> relu)
    "globalMaxPool", input (5, 3, 4) |> globalMaxPool
    "adaptiveAvgPool", input (3, 5, 7) |> adaptiveAvgPool (3, 2)
    "adaptiveAvgPool to an even size", input (3, 4, 6) |> adaptiveAvgPool (2, 3)
    "adaptiveAvgPool to a larger size", input (3, 3, 2) |> adaptiveAvgPool (5, 3)
    "adaptiveMaxPool", input (3, 5, 7) |> adaptiveMaxPool (3, 2)
    "adaptiveMaxPool to an even size", input (17, 4, 6) |> adaptiveMaxPool 2
    "padChannels", input (3, 3, 2) |> padChannels (2, 1)
    "padChannels of blocks", input (3, 4, 3) |> conv (17, 1) |> padChannels (0, 15) |> conv (2, 3)
    "skipConnection", input (3, 4, 4) |> skipConnection (maxPool 2 >> conv (5, 1) >> upsample 2) |> conv (2, 3)
    "upsample", input (3, 3, 2) |> upsample 2
    "upsample of blocks", input (3, 4, 3) |> conv (18, 3, pad = Same) |> upsample ((3, 2)) |> conv (2, 3)
    "AlexNet's beginning: 11×11 in steps of 4",
    input (3, 31, 29) |> conv (16, 11, stride = 4, pad = 2) |> relu |> maxPool (3, stride = 2)
    "upsample, bilinear", input (17, 3, 2) |> upsample ((2, 3), mode = Bilinear)
    "upsample, corners aligned", input (3, 1, 4) |> upsample ((3, 2), mode = Bilinear, alignCorners = true)
    "reflected", input (17, 4, 5) |> conv (5, 3, pad = 2, border = Reflect) |> relu
    "going round, with a stride",
    input (3, 5, 4) |> conv (17, (3, 2), stride = 2, pad = pads (1, 2, 0, 1), border = Circular)
    "replicated, dilated, in groups",
    input (4, 5, 6) |> conv (6, 3, pad = 3, dilation = 2, groups = 2, border = Replicate)
    "padded and cropped", input (3, 4, 5) |> pad (pads (1, -1, 2, 0)) |> pad (1, border = Reflect) |> conv (2, 3)
    "convTranspose", input (3, 4, 3) |> convTranspose (5, 3) |> relu
    "convTranspose with a stride and output padding",
    input (17, 3, 4)
    |> convTranspose (18, (3, 2), stride = 2, pad = 1, outputPad = 1)
    |> relu
    |> conv (2, 1)
    "convTranspose in groups", input (6, 3, 4) |> convTranspose (4, 3, stride = (2, 1), dilation = 2, groups = 2)
    "convTranspose of channels apart", input (16, 3, 4) |> convTranspose (16, 2, stride = 2, groups = 16, bias = false)
    "convTranspose over one pixel", input (5, 1, 1) |> convTranspose (3, 4, pad = Same, stride = 3)
    "lpPool", input (3, 5, 4) |> softplus |> lpPool (3.0, 2, stride = (1, 2))
    "avgPool with a divisor", input (17, 5, 4) |> avgPool (3, stride = 2, pad = 1, divisor = 5)
    "a pool's window larger than the image, in ceil mode", input (17, 2, 4) |> maxPool ((3, 2), stride = 2, ceil = true)
    "SegNet's unpooling",
    input (3, 5, 6)
    |> maxPool (2, name = "pool1")
    |> conv (4, 3, pad = Same)
    |> maxPool ((2, 1), name = "pool2")
    |> conv (4, 1)
    |> maxUnpool "pool2"
    |> conv (3, 3, pad = Same)
    |> maxUnpool "pool1"
    "a signal",
    input (3, 12)
    |> conv1d (5, 3, pad = Same, border = Circular)
    |> batchNorm
    |> relu
    |> maxPool1d 2
    |> convTranspose1d (4, 4, stride = 2, pad = 1)
    |> avgPool1d (3, ceil = true)
    |> flatten
    |> dense 2
    "a signal, pooled by the 3-norm and unpooled",
    input (2, 11)
    |> maxPool1d (2, name = "pool1", stride = 3)
    |> conv1d (5, 1)
    |> softplus
    |> maxPool1d (2, name = "pool2")
    |> conv1d (5, 1)
    |> maxUnpool1d "pool2"
    |> conv1d (2, 1)
    |> maxUnpool1d "pool1"
    |> softplus
    |> lpPool1d (3.0, 3, stride = 2, ceil = true)
    "a signal in groups, with means of all",
    input (4, 9)
    |> conv1d (8, 3, groups = 4, bias = false, stride = 2)
    |> residual (pad1d (1, border = Replicate) >> conv1d (8, 3))
    |> spatialDropout 0.2
    |> adaptiveMaxPool1d 3
    |> globalAvgPool
    "a signal, normalised in each way",
    input (3, 12)
    |> conv1d (6, 3, pad = Same)
    |> groupNorm 3
    |> instanceNormWith (affine = true)
    |> preluWith (perChannel = true)
    |> channelNorm
    |> layerNormWith (axes = 1)
    |> softmaxOver -1
    "tag", input (3, 4, 5) |> tag "stem" (conv (4, 3) >> relu)
    "named", input (3, 4, 5) |> named "stem" (conv (4, 3) >> relu)
]

let private inTraining pipeline : Network = { (NetworkOf $ pipeline) with Mode = RunMode.Training }

let private gradientTests =
    testList "gradients are those of central differences, to 1e-6" [
        for name, pipeline in everyLayer do
            testCase name (fun () -> Check.gradient pipeline |> Outcome.require)
            testCase $"{name}, in training" (fun () -> Check.gradient (inTraining pipeline) |> Outcome.require)

        property 60 "of any network" (Check.gradient >> Outcome.require)
    ]

let private sessionTests =
    testList "sessions compute what the definitions say" [
        for name, pipeline in everyLayer do
            testCase name (fun () ->
                Outcome.both [ Check.agreement pipeline; Check.sameBits pipeline ] |> Outcome.require)

            testCase $"{name}, in training" (fun () ->
                Outcome.both [ Check.agreement (inTraining pipeline); Check.sameBits (inTraining pipeline) ]
                |> Outcome.require)

        testCase "two blocks and a dense layer, as for CIFAR-10" (fun () ->
            let block filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2
            let cnn = input (3, 32, 32) |> block 32 |> block 64 |> flatten |> dense 128 |> relu |> dense 10

            Expect.equal
                (Pipeline.parameterCount cnn, Pipeline.macs cnn)
                (545_098L, 6_128_896L)
                "parameters and multiply-accumulates"

            Outcome.both [ Check.agreement cnn; Check.sameBits cnn ] |> Outcome.require)

        property 60 "of any network" (Check.agreement >> Outcome.require)
        property 30 "with the same bits for 1, 2 and 4 workers" (Check.sameBits >> Outcome.require)
    ]

let private images (pipeline: Pipeline) count seed = Numbers.normal (pipeline.Input.Prepend count) seed

/// Whether what a pixel sees is where it is looked for: a border that copies pixels shows what stands elsewhere.
let seesByPlace (pipeline: Pipeline) =
    let isCopied (layer: Core.Layers.Layer) =
        match layer with
        | :? Core.Layers.Conv2d as conv -> conv.Border <> Core.Shapes.Border.Zeros
        | :? Core.Layers.Pad2d as pad -> pad.Border <> Core.Shapes.Border.Zeros
        | _ -> false

    Stage.layers pipeline.Stages |> List.exists isCopied |> not

/// Stacks of enlargings, transposed convolutions, convolutions and pools over small images.
let private enlarged =
    let stage =
        Gen.elements [
            upsample 2
            upsample (Size (3, 1))
            upsample (2, mode = Bilinear)
            upsample (2, mode = Bilinear, alignCorners = true)
            conv (1, 3, pad = 1)
            conv (1, (1, 5), pad = Same)
            conv (1, 2, stride = 2)
            convTranspose (1, 2, stride = 2)
            convTranspose (1, (3, 4), stride = 2, pad = 1)
            avgPool 2
            residual (upsample 2 >> avgPool 2)
            concat [ conv (1, 3, pad = 1); upsample 2 >> conv (1, 2, stride = 2) ]
        ]

    let stack = gen {
        let! h, w = Gen.zip (Gen.choose (4, 12)) (Gen.choose (4, 12))
        let! stages = Gen.listOfLength 3 stage
        return List.fold (|>) (input (1, h, w)) stages
    }

    stack
    |> Gen.where (fun pipeline ->
        Pipeline.fault pipeline |> Option.isNone && (Pipeline.outputShape pipeline).Count < 4000)
    |> Arb.fromGen

// Whether all that is within a field has a share: an interpolation's second pixel may have none.
let private isCopying (pipeline: Pipeline) =
    Stage.layers pipeline.Stages
    |> List.forall (fun layer ->
        match layer with
        | :? Core.Layers.Upsample as upsample -> not upsample.Bilinear
        | :? Core.Layers.Conv2d as conv -> conv.Stride.Height <= conv.Kernel.Height
        | _ -> true)

let private inferenceTests =
    testList "what is inferred is what comes" [
        property 100 "the shape" (fun pipeline ->
            let model = Model.init 1 pipeline
            let logits = Model.logits (images pipeline 2 1) model
            Expect.equal logits.Shape ((Pipeline.outputShape pipeline).Prepend 2) "of the outputs")

        property 100 "the number of parameters" (fun pipeline ->
            let parameters = Model.init 1 pipeline |> Model.parameters

            Expect.equal
                (Pipeline.parameterCount pipeline)
                (parameters
                 |> List.filter (fun p -> p.Role <> ParameterRole.Buffer)
                 |> List.sumBy (fun p -> int64 p.Value.Count))
                "of the model"

            Expect.hasLength (parameters |> List.distinctBy _.Name) parameters.Length "names differ")

        property 100 "multiply-accumulates and every stage's shape" (fun pipeline ->
            // A convolution or a dense layer multiplies all of a filter's weights for each of its outputs, a transposed
            // one all of a channel's for each of its inputs.
            let network = NetworkOf $ pipeline
            let witness = Runs.witness network (Runs.wide network) (images pipeline 1 1 |> _.Values |> Numbers.wide) 1

            let real = [
                for v, vertex in Seq.indexed network.Graph.Vertices do
                    let times =
                        if vertex.Node.Name = "convTranspose" then
                            network.Graph.ShapeOf(vertex.Inputs[0]).Count
                        else
                            (witness.Value v).Length

                    let isWeight p = network.Graph.Parameters[p].Spec.Role = ParameterRole.Weight

                    match vertex.Parameters |> Seq.filter isWeight |> List.ofSeq with
                    | weight :: _ ->
                        let weights = network.Values[weight]
                        int64 times * int64 (weights.Count / weights.Shape[0])
                    | [] -> 0L
            ]

            let rows = Pipeline.rows pipeline
            Expect.equal (rows |> List.map _.Macs) real "of every stage"

            Expect.equal
                (rows |> List.map _.Bytes)
                [ for v in 0 .. rows.Length - 1 -> 4L * int64 (witness.Value v).Length ]
                "bytes")

        property 100 "a session's values of every stage" (fun pipeline ->
            let network = NetworkOf $ pipeline
            let x = images pipeline 2 1
            let witness = Runs.witness network (Runs.wide network) (Numbers.wide x.Values) 2
            let plan = Plan.Create (network.Graph, PlanOptions (2, KeepOutputs = true, Exact = true), 1)
            use workers = new Fovea.Core.Dispatch.Workers (1)
            use session = new Session (plan, List.toArray network.Values, workers)
            x.Values.AsSpan().CopyTo(session.Input 2)
            session.Forward 2

            for v in 0 .. network.Graph.Vertices.Count - 1 do
                let expected =
                    Tensor.Wrap (network.Graph.ShapeOf(v + 1).Prepend 2, Array.map float32 (witness.Value v))

                let actual = session.Value v
                Expect.equal actual.Shape expected.Shape "shape"

                Expect.isLessThanOrEqual
                    (actual.MaxDifference expected)
                    (1e-4f * (1e-3f + expected.NormMax ()))
                    network.Graph.Vertices[v].Name)

        property 50 "the receptive field: nothing outside it has a gradient" (fun pipeline ->
            let field = Pipeline.receptiveField pipeline
            let output = Pipeline.outputShape pipeline

            if seesByPlace pipeline && pipeline.Input.Rank = 3 && output.Rank = 3 && not field.Whole then
                let network = NetworkOf $ pipeline

                let witness =
                    Runs.witness network (Runs.wide network) (images pipeline 1 1 |> _.Values |> Numbers.wide) 1

                let p, q = output[1] / 2, output[2] / 2
                let gradient = Array.zeroCreate<float> output.Count
                gradient[p * output[2] + q] <- 1.0
                witness.Backward (ReadOnlySpan gradient)
                let top, left, height, breadth = Pipeline.sees (p, q) pipeline
                let width = pipeline.Input[2]
                Expect.isLessThanOrEqual (height, breadth) field.Field "no field is larger than the largest"

                for i, slope in Seq.indexed witness.InputGradient do
                    let row, column = i / width % pipeline.Input[1], i % width

                    let inside = row >= top && row < top + height && column >= left && column < left + breadth

                    Expect.isTrue (inside || slope = 0.0) $"({row}, {column}) and the field {field}")

        testCase "where branches meet, the receptive field is that of both" (fun () ->
            let tall, wide = conv (2, (5, 1), pad = Same), conv (2, (1, 3), pad = Same)
            let field pipeline = (Pipeline.receptiveField pipeline).Field
            Expect.equal (input (2, 9, 9) |> residual (tall, shortcut = wide) |> field) (5, 3) "tall and wide"
            Expect.equal (input (2, 9, 9) |> residual (wide, shortcut = tall) |> field) (5, 3) "wide and tall"
            Expect.equal (input (2, 9, 9) |> residual (conv (2, 3, pad = pads (0, 2, 0, 2))) |> field) (3, 3) "aside"

            let apart =
                residual (conv (2, 2, pad = pads (1, 0, 1, 0)), shortcut = conv (2, 2, pad = pads (0, 1, 0, 1)))

            Expect.equal (input (2, 9, 9) |> apart |> field) (3, 3) "one to each side")

        testProperty "behind enlargings and transposed convolutions, exactly the field has a gradient"
        <| Prop.forAll enlarged (fun pipeline ->
            // Positive numbers everywhere: what is seen shows, since nothing cancels.
            let network = NetworkOf $ pipeline
            let positive = Runs.wide network |> Array.map (Array.map (fun v -> abs v + 0.1))
            let output = Pipeline.outputShape pipeline

            for p in 0 .. output[1] - 1 do
                let q = p % output[2]
                let witness = Runs.witness network positive (Array.create pipeline.Input.Count 1.0) 1
                let gradient = Array.zeroCreate<float> output.Count
                gradient[p * output[2] + q] <- 1.0
                witness.Backward (ReadOnlySpan gradient)
                let top, left, height, breadth = Pipeline.sees (p, q) pipeline

                let slopes = [
                    for i, slope in Seq.indexed witness.InputGradient do
                        if slope <> 0.0 then
                            i / pipeline.Input[2] % pipeline.Input[1], i % pipeline.Input[2]
                ]

                let clipped first extent (length: int) = max 0 first, min (length - 1) (first + extent - 1)
                let rows, columns = clipped top height pipeline.Input[1], clipped left breadth pipeline.Input[2]

                for row, column in slopes do
                    Expect.isTrue
                        (row >= fst rows && row <= snd rows && column >= fst columns && column <= snd columns)
                        $"({row}, {column}) is seen from ({p}, {q}), and the field is {rows} × {columns}"

                // The outermost are seen: the field is not told too large. Near the border padding takes some of it, and an
                // interpolation's second pixel may have no share.
                let isInside first extent length = first > 0 && first + extent < length

                if isCopying pipeline && not slopes.IsEmpty then
                    if isInside top height pipeline.Input[1] then
                        Expect.equal
                            (slopes |> List.map fst |> fun r -> List.min r, List.max r)
                            rows
                            $"rows of ({p}, {q})"

                    if isInside left breadth pipeline.Input[2] then
                        Expect.equal
                            (slopes |> List.map snd |> fun c -> List.min c, List.max c)
                            columns
                            $"columns of ({p}, {q})")

        testCase "the field behind an enlarging is what is worked out by hand" (fun () ->
            let field pipeline = (Pipeline.receptiveField pipeline).Field
            let step pipeline = fst (Pipeline.receptiveField pipeline).Step
            let start = input (1, 8, 8)
            Expect.equal (start |> upsample 2 |> field) (1, 1) "a copy"
            Expect.equal (start |> upsample 2 |> step) 0.5 "half a pixel on"
            Expect.equal (start |> upsample (2, mode = Bilinear) |> field) (2, 2) "between two"
            Expect.equal (start |> upsample 2 |> conv (1, 3, pad = 1) |> field) (2, 2) "three of half a pixel"
            Expect.equal (start |> upsample 2 |> conv (1, 5, pad = 2) |> field) (3, 3) "five of half a pixel"
            Expect.equal (start |> maxPool 2 |> upsample 2 |> field) (2, 2) "a pool's window"
            Expect.equal (start |> convTranspose (1, 2, stride = 2) |> field) (1, 1) "one pixel each"
            Expect.equal (start |> convTranspose (1, 4, stride = 2, pad = 1) |> field) (2, 2) "two that overlap")

        property 50 "translation: images that move, move the output" (Check.translationEquivariance >> Outcome.require)
    ]

let private faultTests =
    testList "faults" [
        testPropertyWith
            (cases 100)
            "a stage that does not fit is told, shown in the table, and raised when the network is wanted"
        <| Prop.forAll AnyNetwork.faulty (fun pipeline ->
            let fault = Pipeline.fault pipeline |> Option.get
            Expect.stringContains (Pipeline.summary pipeline) $"✗ {fault.Message}" "the table"
            Expect.isTrue (fault.Message.Length > 20) "a sentence"

            Expect.throwsC (fun () -> Model.init 1 pipeline |> ignore) (fun raised ->
                Expect.equal raised.Message fault.Message "the same sentence"))

        testPropertyWith (cases 50) "the stages before it are those of the sound pipeline"
        <| Prop.forAll AnyNetwork.faulty (fun pipeline ->
            let rows = Pipeline.rows pipeline

            let sound =
                Pipeline.sequential
                    [ for stage in pipeline.Sound -> Pipeline.add stage ]
                    (Pipeline.ofShape pipeline.Input)

            Expect.equal (rows |> List.map _.Layer) (Pipeline.rows sound |> List.map _.Layer) "rows")
    ]

let tests = testList "Networks" [ gradientTests; sessionTests; inferenceTests; faultTests ]
