/// ONNX files as models: PyTorch's, TensorFlow's habits, our own, and damaged ones.
module Fovea.Tests.OnnxImportTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats
open Fovea.Tests.DataSupport
open Fovea.Tests.SafeTensorsTests
open Fovea.Tests.OnnxSupport
open Fovea.Tests.OnnxExportTests

type private Tensor = Fovea.Core.Tensors.Tensor

let private fixture = OnnxSupport.fixture

let private imported (bytes: byte[]) = inFolder (fun folder -> Model.importOnnx (put folder "net.onnx" bytes))

let private isClose what (expected: Tensor) (found: Tensor) =
    Expect.equal found.Shape expected.Shape $"{what}: the shape"
    Expect.isLessThan (difference expected.Values found.Values) 1e-5 $"{what}: the largest difference, in proportion"

// ---- PyTorch ----

let private source name = Pipeline.toSource (Model.importOnnx (fixture $"{name}.onnx")).Pipeline

let pytorchTests = [
    for name in [ "viewed"; "residual"; "excited"; "branches"; "bordered" ] do
        testCase $"a network that PyTorch exported gives PyTorch's numbers: {name}" (fun () ->
            let answers = (SafeTensors.Load (fixture "answers.safetensors")).Tensors
            let model = Model.importOnnx (fixture $"{name}.onnx")
            isClose name answers[name] (exactLogits answers["images"] model))

    testCase "blocks with shortcuts are residual blocks again" (fun () ->
        Expect.equal
            (source "residual")
            "input (3, 8, 12)
|> conv (4, 3, pad = 1, bias = false)
|> batchNorm
|> relu
|> residual (
    conv (4, 3, pad = 1, bias = false)
    >> batchNorm
    >> relu
    >> conv (4, 3, pad = 1, bias = false)
    >> batchNorm
)
|> relu
|> residual (
    conv (6, 3, stride = 2, pad = 1, bias = false)
    >> batchNorm
    >> relu
    >> conv (6, 3, pad = 1, bias = false)
    >> batchNorm,
    shortcut = (conv (6, 1, stride = 2, bias = false) >> batchNorm)
)
|> relu
|> globalAvgPool
|> flatten
|> dense 5"
            "the pipeline")

    testCase "squeeze and excitation is a gate, a view is flatten" (fun () ->
        Expect.stringContains
            (source "excited")
            "gated (globalAvgPool >> flatten >> dense 2 >> relu >> dense 4 >> sigmoid)"
            "the gate")

    testCase "branches are a concat, and functions of several operators are activations" (fun () ->
        let text = source "branches"

        for stage in
            [
                "gelu"
                "concat ["
                "silu"
                "hardSwish"
                "relu6"
                "softplus"
                "upsample 2"
                "mish"
                "hardSigmoid"
                "elu 0.5"
                "softmax"
            ] do
            Expect.stringContains text stage "the pipeline")

    testCase "branches that are no tree are refused by the operator at which they cross" (fun () ->
        let said = faultOf (fun () -> Model.importOnnx (fixture "crossed.onnx"))
        Expect.stringContains said "crossed.onnx: onnx: what operator \"Conv" "which one"
        Expect.stringContains said "branches that meet in different places" "what is wrong")
]

// ---- Graphs by hand ----

let private node operator (inputs: string list) (output: string) (attributes: OnnxAttribute list) =
    let node = OnnxNode (Operator = operator, Name = output)
    node.Inputs.AddRange inputs
    node.Outputs.Add output
    attributes |> List.iter node.Attributes.Add
    node

let private ints name (values: int list) = OnnxAttribute.Of (name, values |> List.map int64)

let private modelOf version extents (constants: OnnxTensor list) (nodes: OnnxNode list) =
    let graph = OnnxGraph (Name = "by hand")
    constants |> List.iter graph.Initializers.Add
    nodes |> List.iter graph.Nodes.Add
    graph.Inputs.Add (OnnxValue.Batch ("x", extents))
    graph.Outputs.Add (OnnxValue.Batch ("y", []))
    let model = OnnxModel (IrVersion = 8L, Graph = graph)
    model.OperatorSets.Add (OnnxOperatorSet (Version = version))
    use stream = new MemoryStream ()
    Onnx.Write (stream, model)
    stream.ToArray ()

let private floats name (value: Tensor) = OnnxTensor.Of (name, value)
let private whole name (values: int64 list) = OnnxTensor.Of (name, ResizeArray values)

/// As TensorFlow's converter writes a Keras network: images channels last, turned round for each convolution.
let private keras weight bias dense denseBias =
    modelOf 13L [ 6; 8; 3 ] [
        floats "w" weight
        floats "b" bias
        floats "d" dense
        floats "e" denseBias
        whole "pads" [ 0L; 0L; 1L; 1L; 0L; 0L; 1L; 1L ]
        whole "flat" [ -1L; 48L ]
    ] [
        node "Transpose" [ "x" ] "first" [ ints "perm" [ 0; 3; 1; 2 ] ]
        node "Pad" [ "first"; "pads" ] "padded" []
        node "Conv" [ "padded"; "w" ] "conv" [ ints "kernel_shape" [ 3; 3 ] ]
        node "Transpose" [ "conv" ] "last" [ ints "perm" [ 0; 2; 3; 1 ] ]
        node "Add" [ "last"; "b" ] "biased" []
        node "Relu" [ "biased" ] "relu" []
        node "Transpose" [ "relu" ] "again" [ ints "perm" [ 0; 3; 1; 2 ] ]
        node "MaxPool" [ "again" ] "pool" [ ints "kernel_shape" [ 2; 2 ]; ints "strides" [ 2; 2 ] ]
        node "Transpose" [ "pool" ] "pooled" [ ints "perm" [ 0; 2; 3; 1 ] ]
        node "Reshape" [ "pooled"; "flat" ] "vector" []
        node "MatMul" [ "vector"; "d" ] "product" []
        node "Add" [ "product"; "e" ] "logits" []
        node "Softmax" [ "logits" ] "y" []
    ]

/// What a graph by hand must be: a pipeline, its parameters in our order, and ONNX Runtime's numbers where it is there.
let private isRight (bytes: byte[]) fileOrder (text: string) parameters =
    let model = imported bytes
    Expect.equal (Pipeline.toSource model.Pipeline) text "the pipeline"
    let images = uniform 5 (2 :: List.ofSeq model.Pipeline.Input)
    let ours = parameters |> List.fold (fun model (name, value) -> Model.withParameter name value model) model
    isClose "by hand" (exactLogits images ours) (exactLogits images model)

    match Environment.GetEnvironmentVariable "FOVEA_ONNXRUNTIME" with
    | null
    | "" -> ()
    | _ ->
        let shape = (exactLogits images model).Shape

        match answers [ (fun path -> File.WriteAllBytes (path, bytes)), fileOrder images ] with
        | [ Ok answer ] -> isClose "ONNX Runtime" (exactLogits images model) (Tensor.Wrap (shape, answer))
        | other -> failtestf "%A" other

let private channelsLast (images: Tensor) = images.Transpose (0, 2, 3, 1)
let private toFirst = ints "perm" [ 0; 3; 1; 2 ]
let private toLast = ints "perm" [ 0; 2; 3; 1 ]
let private text name (value: string) = OnnxAttribute.Of (name, value)
let private number name (value: int) = OnnxAttribute.Of (name, int64 value)

// Scale, shift, mean and variance of a batch normalisation.
let private norms seed channels = [
    uniform seed [ channels ] + 0.5f
    normal (seed + 1) [ channels ]
    normal (seed + 2) [ channels ]
    uniform (seed + 3) [ channels ] + 0.5f
]

let private named prefix values =
    List.zip [ "scale"; "shift"; "mean"; "variance" ] values
    |> List.map (fun (name, value) -> floats $"{prefix}-{name}" value)

let private normNames prefix = [ for name in [ "scale"; "shift"; "mean"; "variance" ] -> $"{prefix}-{name}" ]

let private ourNames prefix values =
    List.zip [ "weight"; "bias"; "running_mean"; "running_var" ] values
    |> List.map (fun (name, value) -> $"{prefix}.{name}", value)

/// A block of Keras's EfficientNet: images scaled where they come in, SAME, swish, squeeze and excitation over (1, 1, C).
let private efficientNet () =
    let conv, norm = normal 1 [ 4; 3; 3; 3 ], norms 2 4
    let (squeeze, squeezeBias), (excite, exciteBias) = (normal 6 [ 2; 4; 1; 1 ], normal 7 [ 2 ]), (normal 8 [ 4; 2; 1; 1 ], normal 9 [ 4 ])
    let dense, denseBias = normal 10 [ 4; 5 ], normal 11 [ 5 ]

    let bytes =
        modelOf 13L [ 6; 7; 3 ] [
            floats "scale" (Tensor.Scalar (1f / 127.5f))
            floats "one" (Tensor.Scalar 1f)
            floats "conv" conv
            yield! named "norm" norm
            floats "squeeze" squeeze
            floats "squeeze-bias" squeezeBias
            floats "excite" excite
            floats "excite-bias" exciteBias
            floats "dense" dense
            floats "dense-bias" denseBias
            whole "pixels" [ 2L; 3L ]
            whole "spread" [ -1L; 1L; 1L; 4L ]
        ] [
            node "Mul" [ "x"; "scale" ] "scaled" []
            node "Sub" [ "scaled"; "one" ] "centred" []
            node "Transpose" [ "centred" ] "first" [ toFirst ]
            node "Conv" [ "first"; "conv" ] "conv1" [ ints "strides" [ 2; 2 ]; text "auto_pad" "SAME_UPPER" ]
            node "BatchNormalization" ("conv1" :: normNames "norm") "norm1" [ OnnxAttribute.Of ("epsilon", 1e-3f) ]
            node "Sigmoid" [ "norm1" ] "gate1" []
            node "Mul" [ "norm1"; "gate1" ] "swish1" []
            node "GlobalAveragePool" [ "swish1" ] "pool" []
            node "Squeeze" [ "pool"; "pixels" ] "vector" []
            node "Reshape" [ "vector"; "spread" ] "pixel" []
            node "Transpose" [ "pixel" ] "pixel-first" [ toFirst ]
            node "Conv" [ "pixel-first"; "squeeze"; "squeeze-bias" ] "squeezed" [ ints "kernel_shape" [ 1; 1 ] ]
            node "Sigmoid" [ "squeezed" ] "gate2" []
            node "Mul" [ "gate2"; "squeezed" ] "swish2" []
            node "Conv" [ "swish2"; "excite"; "excite-bias" ] "excited" [ ints "kernel_shape" [ 1; 1 ] ]
            node "Sigmoid" [ "excited" ] "factors" []
            node "Mul" [ "swish1"; "factors" ] "gated" []
            node "Transpose" [ "gated" ] "last" [ toLast ]
            node "ReduceMean" [ "last" ] "means" [ ints "axes" [ 1; 2 ]; number "keepdims" 0 ]
            node "Identity" [ "means" ] "dropout" []
            node "MatMul" [ "dropout"; "dense" ] "product" []
            node "Add" [ "product"; "dense-bias" ] "logits" []
            node "Softmax" [ "logits" ] "probabilities" []
            node "Identity" [ "probabilities" ] "y" []
        ]

    bytes,
    "input (3, 6, 7)
|> normalize ([ 127.5; 127.5; 127.5 ], [ 127.5; 127.5; 127.5 ])
|> conv (4, 3, stride = 2, pad = Same, bias = false)
|> batchNormWith (eps = 0.001)
|> silu
|> gated (globalAvgPool >> flatten >> dense 2 >> silu >> dense 4 >> sigmoid)
|> globalAvgPool
|> flatten
|> dense 5
|> softmax",
    [
        "conv1.weight", conv
        yield! ourNames "batchNorm1" norm
    ]

/// Keras's MobileNet: a border on two sides, depthwise windows, ReLU up to 6 in both spellings, weights that the file turns
/// round, and Flatten by extents that are reckoned while it runs.
let private mobileNet () =
    let conv, depthwise, pointwise = normal 1 [ 4; 3; 3; 3 ], normal 2 [ 4; 1; 3; 3 ], normal 3 [ 6; 4; 1; 1 ]
    let norm, flat, dense, denseBias = norms 4 4, norms 8 72, normal 12 [ 72; 5 ], normal 13 [ 5 ]

    let bytes =
        modelOf 13L [ 6; 8; 3 ] [
            whole "border" [ 0L; 0L; 0L; 0L; 0L; 1L; 1L; 0L ]
            floats "conv" conv
            yield! named "norm" norm
            floats "zero" (Tensor.Scalar 0f)
            floats "six" (Tensor.Scalar 6f)
            floats "depthwise" depthwise
            floats "pointwise" (pointwise.Transpose (2, 3, 1, 0))
            whole "start" [ 1L ]
            whole "stop" [ Int64.MaxValue ]
            whole "any" [ -1L ]
            yield! named "flat" flat
            floats "dense" (dense.Transpose ())
            floats "dense-bias" denseBias
        ] [
            node "Pad" [ "x"; "border" ] "padded" []
            node "Transpose" [ "padded" ] "first" [ toFirst ]
            node "Conv" [ "first"; "conv" ] "conv1" [ ints "strides" [ 2; 2 ] ]
            node "BatchNormalization" ("conv1" :: normNames "norm") "norm1" []
            node "Clip" [ "norm1"; "zero"; "six" ] "relu1" []
            node "Conv" [ "relu1"; "depthwise" ] "conv2" [ number "group" 4; text "auto_pad" "SAME_UPPER" ]
            node "Max" [ "conv2"; "zero" ] "above" []
            node "Min" [ "six"; "above" ] "relu2" []
            node "Transpose" [ "pointwise" ] "turned" [ ints "perm" [ 3; 2; 0; 1 ] ]
            node "Conv" [ "relu2"; "turned" ] "conv3" [ ints "kernel_shape" [ 1; 1 ] ]
            node "Transpose" [ "conv3" ] "last" [ toLast ]
            node "Shape" [ "last" ] "extents" []
            node "Cast" [ "extents" ] "wholes" [ number "to" 6 ]
            node "Slice" [ "wholes"; "start"; "stop" ] "inner" []
            node "ReduceProd" [ "inner" ] "features" [ number "keepdims" 1 ]
            node "Cast" [ "features" ] "long" [ number "to" 7 ]
            node "Concat" [ "any"; "long" ] "wanted" [ number "axis" 0 ]
            node "Reshape" [ "last"; "wanted" ] "vector" []
            node "BatchNormalization" ("vector" :: normNames "flat") "norm2" []
            node "Transpose" [ "dense" ] "dense-turned" [ ints "perm" [ 1; 0 ] ]
            node "MatMul" [ "norm2"; "dense-turned" ] "product" []
            node "Add" [ "dense-bias"; "product" ] "y" []
        ]

    // (6, 3, 4), channels last in the file.
    let inOurs (rows: Tensor) = rows.Reshape(-1, 3, 4, 6).Transpose(0, 3, 1, 2)

    bytes,
    "input (3, 6, 8)
|> conv (4, 3, stride = 2, pad = pads (0, 1, 0, 1), bias = false)
|> batchNorm
|> relu6
|> conv (4, 3, pad = Same, groups = 4, bias = false)
|> relu6
|> conv (6, 1, bias = false)
|> flatten
|> batchNorm
|> dense 5",
    [
        "conv1.weight", conv
        "conv2.weight", depthwise
        "conv3.weight", pointwise
        yield! ourNames "batchNorm2" (flat |> List.map (fun numbers -> (inOurs numbers).Reshape 72))
        "dense1.weight", (inOurs (dense.Transpose ())).Reshape (5, 72)
        "dense1.bias", denseBias
    ]

/// Branches with channels last: a dense layer for each pixel, a sum, a concat, pools, a maximum over all pixels.
let private branched () =
    let conv, dense, denseBias = normal 1 [ 4; 3; 3; 3 ], normal 2 [ 4; 4 ], normal 3 [ 4 ]
    let wide, head = normal 4 [ 2; 4; 1; 1 ], normal 5 [ 5; 6 ]

    let bytes =
        modelOf 18L [ 7; 6; 3 ] [
            floats "conv" conv
            floats "dense" dense
            floats "dense-bias" denseBias
            floats "wide" wide
            floats "head" head
            whole "pixels" [ 1L; 2L ]
        ] [
            node "Transpose" [ "x" ] "first" [ toFirst ]
            node "Conv" [ "first"; "conv" ] "conv1" [ ints "pads" [ 1; 1; 1; 1 ] ]
            node "Transpose" [ "conv1" ] "last" [ toLast ]
            node "MatMul" [ "last"; "dense" ] "product" []
            node "Add" [ "product"; "dense-bias" ] "biased" []
            node "Tanh" [ "biased" ] "bent" []
            node "Add" [ "bent"; "last" ] "sum" []
            node "Transpose" [ "sum" ] "sum-first" [ toFirst ]
            node "Conv" [ "sum-first"; "wide" ] "conv2" []
            node "Transpose" [ "conv2" ] "conv2-last" [ toLast ]
            node "Concat" [ "sum"; "conv2-last" ] "both" [ number "axis" -1 ]
            node "Transpose" [ "both" ] "both-first" [ toFirst ]
            node "AveragePool" [ "both-first" ] "pool" [
                ints "kernel_shape" [ 2; 2 ]
                ints "strides" [ 2; 2 ]
                text "auto_pad" "SAME_UPPER"
            ]
            node "Transpose" [ "pool" ] "pool-last" [ toLast ]
            node "ReduceMax" [ "pool-last"; "pixels" ] "top" []
            node "Squeeze" [ "top"; "pixels" ] "vector" []
            node "Gemm" [ "vector"; "head" ] "y" [ number "transB" 1 ]
        ]

    bytes,
    "input (3, 7, 6)
|> conv (4, 3, pad = 1, bias = false)
|> residual (conv (4, 1) >> activation Tanh)
|> concat [ id; conv (2, 1, bias = false) ]
|> avgPool (2, pad = Same, countPad = false)
|> globalMaxPool
|> flatten
|> dense (5, bias = false)",
    [
        "conv1.weight", conv
        "conv2.weight", dense.Transpose().Reshape(4, 4, 1, 1)
        "conv2.bias", denseBias
        "conv3.weight", wide
        "dense1.weight", head
    ]

/// The same bytes, but for the type of a tensor (field 2, the number 1), which becomes its data_location: another file.
let private elsewhere (bytes: byte[]) =
    let places = [ 0 .. bytes.Length - 2 ] |> List.filter (fun i -> bytes[i] = 0x10uy && bytes[i + 1] = 1uy)
    Expect.hasLength places 1 "the type"
    Array.updateAt places.Head (14uy <<< 3) bytes

let private refusals = [
    "weights in another file",
    elsewhere (modelOf 17L [ 4 ] [ floats "w" (uniform 1 [ 4; 5 ]) ] [ node "MatMul" [ "x"; "w" ] "y" [] ]),
    "the elements of tensor 'w' are in another file, which is not read"
    "an operator without a stage",
    modelOf 17L [ 3 ] [] [ node "Sin" [ "x" ] "y" [] ],
    "onnx: operator Sin \"y\": there is no stage for it"
    "an operator of somebody's own",
    modelOf 17L [ 3 ] [] [
        (let it = node "Magic" [ "x" ] "y" [] in
         it.Domain <- "com.example"
         it)
    ],
    "operator com.example.Magic \"y\": it is no operator of ONNX's own"
    "a cycle",
    modelOf 17L [ 3 ] [] [ node "Relu" [ "z" ] "y" []; node "Relu" [ "y" ] "z" [] ],
    "reads \"z\", which nothing before it makes"
    "an output that nothing makes",
    modelOf 17L [ 3 ] [] [ node "Relu" [ "x" ] "z" [] ],
    "nothing makes its output \"y\""
    "old operators", modelOf 6L [ 3 ] [] [ node "Relu" [ "x" ] "y" [] ], "version 6; version 7 and later"
    "enormous images",
    modelOf 17L [ 3; 40_000; 40_000 ] [] [ node "Relu" [ "x" ] "y" [] ],
    "larger than the 32768 pixels"
    "an enormous window",
    modelOf 17L [ 3; 8; 8 ] [] [ node "MaxPool" [ "x" ] "y" [ ints "kernel_shape" [ Int32.MaxValue; 1 ] ] ],
    "kernel_shape is 2147483647; expected 1..10000"
    "weights that do not fit",
    modelOf 17L [ 3 ] [ floats "w" (uniform 1 [ 4; 5 ]) ] [ node "MatMul" [ "x"; "w" ] "y" [] ],
    "its weights take vectors of 4, and get (3)"
    "constants that grow without end",
    modelOf 17L [ 3 ] [ floats "c0" (uniform 1 [ 500_000 ]) ] [
        for i in 1..20 do
            node "Transpose" [ $"c{i - 1}" ] $"c{i}" []
        node "Add" [ "x"; "c20" ] "y" []
    ],
    "operator Transpose \"c7\": the constants that are reckoned from others take many times the memory"
    "a table of two constants",
    modelOf 17L [ 3 ] [ floats "a" (uniform 1 [ 9000; 1 ]); floats "b" (uniform 1 [ 1; 9000 ]) ] [
        node "Mul" [ "a"; "b" ] "c" []
        node "Add" [ "x"; "c" ] "y" []
    ],
    "it makes a table of two constants"
    "a constant of enormous extents",
    modelOf 17L [ 3 ] [ whole "extents" [ 9000L; 9000L ] ] [
        node "ConstantOfShape" [ "extents" ] "c" []
        node "Add" [ "x"; "c" ] "y" []
    ],
    "it makes more than 1,000,000 numbers"
    "a bound of one's own",
    modelOf 17L [ 3 ] [ floats "seven" (Tensor.Scalar 7f) ] [ node "Min" [ "x"; "seven" ] "y" [] ],
    "min with 7: only max with 0 (relu) and min with 6 (relu6) are read"
    "a constant divided by the images",
    modelOf 17L [ 3 ] [ floats "one" (Tensor.Scalar 1f) ] [ node "Div" [ "one"; "x" ] "y" [] ],
    "a constant divided by what depends on the images"
    "a layer norm in pieces",
    modelOf 13L [ 3; 4; 4 ] [] [ node "ReduceMean" [ "x" ] "y" [ ints "axes" [ 1 ] ] ],
    "a layer norm is one operator from opset 17 on"
    "weights that depend on the images",
    modelOf 17L [ 3 ] [] [ node "MatMul" [ "x"; "x" ] "y" [] ],
    "expected a constant"
    "a clip of one's own",
    modelOf 17L [ 3 ] [ floats "low" (Tensor.Scalar -1f); floats "high" (Tensor.Scalar 2f) ] [
        node "Clip" [ "x"; "low"; "high" ] "y" []
    ],
    "it clips to -1..2"
    "two versions of nothing", [| 8uy; 8uy |], "there is no network in it"
    "no protocol buffer", Array.replicate 40 0xFFuy, "not those of a protocol buffer"
]

let handTests = [
    testCase "a network with its channels last is read: Keras by way of TensorFlow's converter" (fun () ->
        let weight, bias = normal 1 [ 4; 3; 3; 3 ], normal 2 [ 4 ]
        let dense, denseBias = normal 3 [ 48; 5 ], normal 4 [ 5 ]

        isRight
            (keras weight bias dense denseBias)
            channelsLast
            "input (3, 6, 8)\n|> conv (4, 3, pad = 1)\n|> relu\n|> maxPool 2\n|> flatten\n|> dense 5\n|> softmax"
            [
                "conv1.weight", weight
                "conv1.bias", bias
                "dense1.bias", denseBias
                // Of (3, 4) pixels, 4 channels last in the file.
                "dense1.weight", dense.Transpose().Reshape(5, 3, 4, 4).Transpose(0, 3, 1, 2).Reshape (5, 48)
            ])

    for name, (bytes, text, parameters) in
        [
            "EfficientNet", efficientNet ()
            "MobileNet", mobileNet ()
            "branches with channels last", branched ()
        ] do
        testCase $"what Keras's networks are made of is read: {name}" (fun () ->
            isRight bytes channelsLast text parameters)

    for name, bytes, said in refusals do
        testCase $"{name}: one sentence says so" (fun () ->
            let sentence = faultOf (fun () -> imported bytes)
            Expect.stringContains sentence said "the sentence"
            Expect.stringContains sentence "net.onnx: onnx: " "the file")
]

// ---- Our own ----

// What is said of stages that become several operators which stand for no one stage: which operator it is.
let private isRefusal (sentence: string) = [ "onnx: operator "; "do not fit" ] |> List.exists sentence.Contains

let roundTripTests = [
    testCase "the zoo's networks come back as they were" (fun () ->
        for pipeline in [ Zoo.leNet5; Zoo.twoBlocks (3, 32, 32) 10 ] do
            let model = lively 1 pipeline |> Model.withClasses [ "a"; "b" ]
            let again = imported (exported model)
            let images = uniform 1 (2 :: List.ofSeq pipeline.Input)
            Expect.equal (bits (exactLogits images again)) (bits (exactLogits images model)) "the logits"
            Expect.equal again.Classes model.Classes "the classes")

    testCase "any pipeline comes back with its numbers, or is refused by a sentence" (fun () ->
        let outcomes =
            Gen.sampleWithSeed (Rnd 20260101UL) 50 (propertyConfig.MaxTest * 3) AnyPipeline.fitting
            |> Seq.map tame
            |> Seq.indexed
            |> Seq.map (fun (i, pipeline) ->
                let model = lively i pipeline
                let images = uniform i (2 :: List.ofSeq pipeline.Input)

                try
                    let again = imported (exported model)
                    let found = difference (exactLogits images model).Values (exactLogits images again).Values

                    Expect.isLessThan
                        found
                        1e-4
                        $"the largest difference, in proportion\n{pipeline}\n{again.Pipeline}"

                    true
                with :? DataFormatException as fault when isRefusal fault.Message ->
                    false)
            |> List.ofSeq

        let read = outcomes |> List.filter id |> List.length
        Expect.isGreaterThan read (outcomes.Length / 4) "many are read")

    testCase "an imported model trains on" (fun () ->
        let model = Model.importOnnx (fixture "residual.onnx")
        let data = Data.ofTensor "dots" [ "a"; "b"; "c"; "d"; "e" ] [ 0; 1; 2; 3 ] (uniform 1 [ 4; 3; 8; 12 ])
        let trained = Training.fit { Recipe.standard with Epochs = 1; Batch = 2; Progress = Silent } (data, data) model
        Expect.equal trained.History.Length 1 "an epoch")
]

let fuzzTests = [
    for name in [ "viewed"; "residual"; "excited"; "bordered" ] do
        FuzzSupport.fuzz $"ONNX file ({name})" (File.ReadAllBytes (fixture $"{name}.onnx")) (fun mutated ->
            use stream = new MemoryStream (mutated)
            OnnxImport.read (Onnx.Read stream) |> ignore)
]

let tests =
    testList "ONNX import" [
        testList "PyTorch" pytorchTests
        testList "by hand" handTests
        testList "round trips" roundTripTests
        testList "damaged" fuzzTests
    ]
