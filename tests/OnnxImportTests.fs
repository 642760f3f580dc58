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
    for name in [ "viewed"; "residual"; "excited"; "branches" ] do
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
        let bytes = keras weight bias dense denseBias
        let model = imported bytes

        Expect.equal
            (Pipeline.toSource model.Pipeline)
            "input (3, 6, 8)\n|> conv (4, 3, pad = 1)\n|> relu\n|> maxPool 2\n|> flatten\n|> dense 5\n|> softmax"
            "the pipeline"

        // The same by hand: (3, 4, 4) channels last, weights (48, 5) in that order.
        let ours =
            model
            |> Model.withParameter "conv1.weight" weight
            |> Model.withParameter "conv1.bias" bias
            |> Model.withParameter "dense1.bias" denseBias
            |> Model.withParameter
                "dense1.weight"
                (dense.Transpose().Reshape(5, 3, 4, 4).Transpose(0, 3, 1, 2).Reshape(5, 48))

        let images = uniform 5 [ 2; 3; 6; 8 ]
        isClose "by hand" (exactLogits images ours) (exactLogits images model)

        match Environment.GetEnvironmentVariable "FOVEA_ONNXRUNTIME" with
        | null
        | "" -> ()
        | _ ->
            match answers [ (fun path -> File.WriteAllBytes (path, bytes)), images.Transpose (0, 2, 3, 1) ] with
            | [ Ok answer ] ->
                isClose "ONNX Runtime" (exactLogits images model) (Tensor.Wrap (Shape.Of [| 2; 5 |], answer))
            | other -> failtestf "%A" other)

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
    for name in [ "viewed"; "residual"; "excited" ] do
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
