/// Convolutions, pools, paddings and upsamplings as stages: PyTorch's numbers over random attributes, and what it rejects.
/// tests/fixtures/windows.py wrote what is expected.
module Fovea.Tests.WindowTests

open System
open System.Text.Json
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Invariants
open Fovea.Tests.Fixtures

let private fixtures = lazy (read "windows/windows.json")
let private cases name = fixtures.Value |> field name |> list |> List.indexed

/// The pipeline of one stage over images of a shape.
let private over (input: int seq) (it: JsonElement) =
    let extents = input |> Seq.map string |> String.concat ","
    Pipeline.ofJson $"""{{ "input": [{extents}], "stages": [{(field "stage" it).GetRawText()}] }}"""

let private layerOf (pipeline: Pipeline) =
    match pipeline.Stages with
    | [ Stage.Layer layer ] -> layer
    | _ -> failtest "expected one layer"

let private numbersLike = [
    for i, it in cases "cases" do
        let x = tensor (field "x" it)
        let pipeline = over (x.Shape |> Seq.skip 1) it

        testCase $"{i}: {layerOf pipeline} over {x.Shape}" (fun () ->
            let y = tensor (field "y" it)
            Expect.equal (Pipeline.outputShape pipeline) y.Shape.Tail "the inferred shape"
            let parameters = field "parameters" it |> list |> List.map tensor

            let specs =
                (Pipeline.graph pipeline).Parameters |> Seq.filter (fun p -> p.Spec.Role <> ParameterRole.Buffer)

            Expect.equal
                (specs |> Seq.map _.Spec.Shape |> List.ofSeq)
                (parameters |> List.map _.Shape)
                "the parameters' shapes are PyTorch's"

            let values = parameters |> List.map (fun p -> p.Values |> Array.map float)

            let buffers =
                (Pipeline.graph pipeline).Parameters
                |> Seq.filter (fun p -> p.Spec.Role = ParameterRole.Buffer)
                |> Seq.map (fun p -> Array.create p.Spec.Shape.Count (if p.Name.EndsWith "var" then 1.0 else 0.0))
                |> List.ofSeq

            for way, run, tolerance in LayerTests.ways do
                let ran = run RunMode.Evaluation (layerOf pipeline) x (numbers (field "dy" it)) (values @ buffers)

                expectNear tolerance 1.0 $"{way}: y" ran.Y (it |> field "y" |> field "values" |> numbers)
                expectNear tolerance 1.0 $"{way}: dx" ran.Dx (numbers (field "dx" it))

                for p, gradient in field "gradients" it |> list |> List.indexed do
                    expectNear tolerance 1.0 $"{way}: parameter {p}" ran.Gradients[p] (numbers gradient))
]

let private unpools = [
    for i, it in cases "unpools" do
        testCase $"unpool {i}" (fun () ->
            let x, v, y = tensor (field "x" it), tensor (field "v" it), tensor (field "y" it)
            let pair name = (integers (field name it))[0], (integers (field name it))[1]
            let size, stride = Size.op_Implicit (pair "size"), Size.op_Implicit (pair "stride")
            let indices = Ops.maxPoolIndices (x, size, stride = stride)
            Expect.equal indices (tensor (field "indices" it)) "indices"
            let to' = Size (x.Shape[2], x.Shape[3])
            Expect.equal (Ops.maxUnpool (v, indices, to')) y "y"
            let dy = Tensor.Wrap (y.Shape, singles (field "dy" it))
            Expect.equal (Ops.maxUnpoolGradient (indices, dy)).Values (singles (field "dv" it)) "dv")
]

let private signalUnpools = [
    for i, it in cases "signalUnpools" do
        testCase $"unpool of a signal {i}" (fun () ->
            let x = tensor (field "x" it)
            let whole name = (field name it).GetInt32()

            let network =
                Pipeline.ofShape x.Shape.Tail
                |> maxPool1d (whole "size", stride = whole "stride", name = "pool")
                |> scale 3.0
                |> maxUnpool1d "pool"

            Expect.equal (Model.logits x (Model.init 1 network)) (tensor (field "y" it)) "y"
            let witness = Witness<float>(Pipeline.graph network, [||], Numbers.wide x.Values, 1)
            witness.Backward (ReadOnlySpan (numbers (field "dy" it)))
            Expect.equal witness.InputGradient (numbers (field "dx" it)) "dx")
]

let private rejections = [
    testCase "what PyTorch rejects is a fault, and what it runs is none" (fun () ->
        for i, it in cases "judged" do
            let input = integers (field "input" it)
            let fault = over input it |> Pipeline.fault
            let wrong = fault |> Option.map _.Message |> Option.defaultValue "no fault"
            let extents = input |> Seq.map string |> String.concat ", "
            let stage = (field "stage" it).GetRawText()

            Expect.equal
                fault.IsNone
                ((field "accepted" it).GetBoolean())
                $"case {i}, {stage} over ({extents}): {wrong}")
]

let tests =
    testList "Windows are PyTorch's" [
        testList "numbers" numbersLike
        testList "unpooling" (unpools @ signalUnpools)
        testList "rejections" rejections
    ]
