/// Models written as ONNX, run in ONNX Runtime and looked into.
module Fovea.Tests.OnnxExportTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats
open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Tests.DataSupport
open Fovea.Tests.OnnxSupport

/// A model whose running statistics are not those that it began with.
let lively seed pipeline =
    let model = Model.init seed pipeline

    (model, Model.parameters model)
    ||> List.fold (fun model p ->
        let extents = List.ofSeq p.Shape

        match p.Role with
        | Fovea.Core.Tensors.ParameterRole.Buffer
        | Fovea.Core.Tensors.ParameterRole.Scale -> model |> Model.withParameter p.Name (uniform seed extents + 0.5f)
        | Fovea.Core.Tensors.ParameterRole.Weight -> model
        | _ -> model |> Model.withParameter p.Name (uniform seed extents - 0.5f))

/// What the definitions give, without Winograd's rounding.
let exactLogits images (model: Model) =
    let parameters = Model.parameters model |> List.map _.Value |> List.toArray
    (Predictor (Pipeline.graph model.Pipeline, parameters, exact = true)).Run images

let private agree (models: (string * Model) list) =
    let asked =
        models
        |> List.mapi (fun i (name, model) -> name, model, uniform i (2 :: List.ofSeq model.Pipeline.Input) - 0.25f)

    let answers =
        asked
        |> List.map (fun (_, model, images) -> (fun path -> Model.exportOnnx path model), images)
        |> answers

    for (name, model, images), answer in List.zip asked answers do
        match answer with
        | Error fault -> failtestf "%s: %s\n%s" name fault (string model)
        | Ok answer ->
            let difference = difference (exactLogits images model).Values answer
            Expect.isLessThan difference 1e-4 $"{name}: the largest difference, in proportion\n{model}"

let private resNet20 =
    let block width stride =
        let body =
            conv (width, 3, stride = stride, pad = SameSymmetric, bias = false)
            >> batchNorm
            >> relu
            >> conv (width, 3, pad = SameSymmetric, bias = false)
            >> batchNorm

        if stride = 1 then
            residual body >> relu
        else
            residual (body, shortcut = (conv (width, 1, stride = stride, bias = false) >> batchNorm)) >> relu

    input (3, 32, 32)
    |> normalize ([ 0.49; 0.48; 0.45 ], [ 0.25; 0.24; 0.26 ])
    |> conv (16, 3, pad = Same, bias = false)
    |> batchNorm
    |> relu
    |> repeat 3 (block 16 1)
    |> block 32 2
    |> repeat 2 (block 32 1)
    |> block 64 2
    |> repeat 2 (block 64 1)
    |> globalAvgPool
    |> flatten
    |> dense 10

// Numbers like 1e22 leave nothing of a sum but its rounding, and nor do means of a thousand deviations, or deviations of
// nearly equal numbers to which nothing is added.
let tame =
    Pipeline.mapStages (fun stage ->
        match stage with
        | Stage.Layer (:? ActivationLayer as f) when f.Number.HasValue && f.Number.Value > 100.0 ->
            Stage.Layer (if f.Kind = "leakyRelu" then ActivationLayer.LeakyRelu 0.01 else ActivationLayer.Elu 1.0)
        // The root of a negative sum is no number.
        | Stage.Layer (:? LpPool2d as pool) ->
            Stage.Layer (LpPool2d (2.0, pool.Kernel, Stride = pool.Stride, Ceil = pool.Ceil))
        | Stage.Layer (:? LpPool1d as pool) ->
            Stage.Layer (LpPool1d (2.0, pool.Kernel, Stride = pool.Stride, Ceil = pool.Ceil))
        | Stage.Layer (:? InstanceNorm as n) -> Stage.Layer (InstanceNorm (Affine = n.Affine, Track = n.Track))
        | Stage.Layer (:? GroupNorm as n) -> Stage.Layer (GroupNorm (n.Groups, Affine = n.Affine))
        | Stage.Layer (:? LayerNorm as n) ->
            Stage.Layer (LayerNorm (Axes = n.Axes, OfChannels = n.OfChannels, Affine = n.Affine))
        | Stage.Layer (:? Normalize as n) when Seq.exists2 (fun m s -> abs m > 10.0 || s < 0.1) n.Mean n.Std ->
            Stage.Layer (Normalize ([ 0.5; 0.4; -0.3 ], [ 0.2; 0.25; 3.0 ]))
        | _ -> stage)

/// One pipeline at least for every layer that a generator makes, each in a place where it fits.
let private everyLayer =
    lazy
        (Gen.sampleWithSeed (Rnd 20260101UL) 50 4000 AnyPipeline.layers
         |> Seq.distinctBy string
         |> Seq.groupBy (fun layer -> layer.GetType (), layer.Kind)
         |> Seq.collect (fun (_, layers) -> Seq.truncate 12 layers)
         |> Seq.choose (fun layer ->
             [ input (3, 7, 9); inputVector 6; Pipeline.ofShape (Shape.Of [| 3; 9 |]) ]
             |> List.map (Pipeline.add (Stage.Layer layer))
             |> List.tryFind (fun pipeline ->
                 (Pipeline.fault pipeline).IsNone && (Pipeline.graph pipeline).OutputShape.Count > 0)
             |> Option.map (fun pipeline -> layer, pipeline))
         |> List.ofSeq)

let runtimeTests = [
    testCase "ONNX Runtime gives our logits for LeNet-5, the two blocks and a ResNet-20" (fun () ->
        agree [
            "LeNet-5", lively 1 Zoo.leNet5
            "the two blocks", lively 2 (Zoo.twoBlocks (3, 32, 32) 10)
            "ResNet-20", lively 3 resNet20
        ])

    testCase "ONNX Runtime gives our logits for the rest of the zoo" (fun () ->
        agree [
            "AlexNet", lively 1 Zoo.alexNet
            "VGG-11 with norms", lively 2 Zoo.vgg11Norm
            "ResNet-18", lively 3 Zoo.resNet18
            "ResNet-50", lively 4 Zoo.resNet50
            "MobileNetV2", lively 5 Zoo.mobileNetV2
            "U-Net", lively 6 (Zoo.uNet (3, 48, 32) 4)
        ])

    testCase "ONNX Runtime gives our numbers for every layer" (fun () ->
        agree [ for layer, pipeline in everyLayer.Value -> string layer, lively 4 (tame pipeline) ])

    testCase "ONNX Runtime puts maxima back where ours are" (fun () ->
        agree [
            for ceil in [ false; true ] do
                $"unpooled, {ceil}",
                input (3, 7, 9)
                |> maxPool (2, name = "pool", pad = 1, ceil = ceil)
                |> conv (3, 1)
                |> maxUnpool "pool"
                |> lively 5

                $"unpooled signal, {ceil}",
                Pipeline.ofShape (Shape.Of [| 3; 9 |])
                |> maxPool1d (2, name = "pool", pad = 1, ceil = ceil)
                |> conv1d (3, 1)
                |> maxUnpool1d "pool"
                |> lively 5
        ])

    testCase "ONNX Runtime gives our logits for random pipelines" (fun () ->
        let count = propertyConfig.MaxTest

        agree [
            for i, pipeline in Seq.indexed (Gen.sampleWithSeed (Rnd 20260101UL) 50 count AnyPipeline.fitting) ->
                $"random pipeline {i}", lively i (tame pipeline)
        ])
]

let exported model =
    inFolder (fun folder ->
        let path = Path.Combine (folder, "net.onnx")
        Model.exportOnnx path model
        File.ReadAllBytes path)

let private small =
    input (3, 8, 8)
    |> normalize ([ 0.5; 0.4; 0.3 ], [ 0.25; 0.5; 1.0 ])
    |> named "stem" (conv (4, 3, pad = Same) >> relu)
    |> residual (shared "twice" (conv (4, 3, pad = Same)))
    |> residual (shared "twice" (conv (4, 3, pad = Same)))
    |> maxPool 2
    |> flatten
    |> dense 3

let structureTests = [
    testCase "operators, weights, inputs and texts have the names that they should" (fun () ->
        let model =
            Onnx.Read (new MemoryStream (exported (Model.init 1 small |> Model.withClasses [ "a"; "größe"; "c" ])))

        let graph = model.Graph

        Expect.equal
            [ for node in graph.Nodes -> node.Operator ]
            [ "Sub"; "Div"; "Conv"; "Relu"; "Conv"; "Add"; "Conv"; "Add"; "MaxPool"; "Flatten"; "Gemm" ]
            "the operators"

        Expect.equal
            [ for value in graph.Initializers -> value.Name ]
            [
                for p in Model.parameters (Model.init 1 small) do
                    p.Name
                "normalize1.mean"
                "normalize1.std"
            ]
            "weights that are shared are there once"

        let value (value: OnnxValue) = value.Name, List.ofSeq value.Extents
        Expect.equal [ for input in graph.Inputs -> value input ] [ "input", [ 0L; 3L; 8L; 8L ] ] "the input"
        Expect.equal [ for output in graph.Outputs -> value output ] [ "output", [ 0L; 3L ] ] "the output"
        let texts = Map [ for text in model.Metadata -> text.Key, text.Value ]

        Expect.equal
            (Text.Json.JsonSerializer.Deserialize<string list> texts["classes"])
            [ "a"; "größe"; "c" ]
            "classes"

        Expect.equal texts["mean"] "[0.5,0.4,0.3]" "the mean"
        Expect.equal texts["std"] "[0.25,0.5,1]" "the deviation"
        Expect.equal texts["source"] (Pipeline.toSource small) "the source")

    testCase "the bytes of a small model are those that the format says" (fun () ->
        let bytes = exported (Model.init 1 (inputVector 2 |> relu))
        // Field 1 (the format's version, 8); field 2 (the producer, five letters).
        Expect.equal
            bytes[..8]
            [| 0x08uy; 8uy; 0x12uy; 5uy; byte 'F'; byte 'o'; byte 'v'; byte 'e'; byte 'a' |]
            "the head"

        Expect.stringContains
            (Text.Encoding.Latin1.GetString bytes)
            "\"\004Relu"
            "a node's operator, field 4, in a node")

    testCase "what is written is read again byte for byte" (fun () ->
        let bytes = exported (Model.init 1 small)
        use again = new MemoryStream ()
        Onnx.Write (again, Onnx.Read (new MemoryStream (bytes)))
        Expect.equal (again.ToArray ()) bytes "the bytes")

    testCase "every layer that there is has its operators" (fun () ->
        for layer, pipeline in everyLayer.Value do
            Expect.isGreaterThan (exported (Model.init 1 pipeline)).Length 0 (string layer)

        let covered = set [ for layer, _ in everyLayer.Value -> layer.GetType().Name ]

        let there =
            set [
                for kind in typeof<Layer>.Assembly.GetTypes() do
                    if kind.IsSubclassOf typeof<Layer> && not kind.IsAbstract && kind <> typeof<CustomLayer> then
                        kind.Name
            ]

        // Max-unpooling needs a max pool before it: it has tests of its own.
        Expect.equal (covered + set [ "MaxUnpool1d"; "MaxUnpool2d" ]) there "the layers that were tried")

    testCase "a stage of one's own is refused by name, and nothing is written" (fun () ->
        inFolder (fun folder ->
            let path = Path.Combine (folder, "net.onnx")
            let own = inputVector 4 |> stage ("square", (fun x -> x * x), (fun x _ dy -> 2f * x * dy)) |> dense 3

            Expect.throwsC (fun () -> Model.exportOnnx path (Model.init 1 own)) (fun fault ->
                Expect.stringContains fault.Message "onnx: stage \"square\" is of one's own" "the sentence")

            Expect.isEmpty (Directory.GetFiles folder) "files"))
]

let tests = testList "ONNX export" [ testList "structure" structureTests; testList "ONNX Runtime" runtimeTests ]
