/// The figures of a network's tables against what a run does, and numbers that are often got wrong.
module Fovea.Tests.SummaryTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Operations
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Core.Training
open Fovea.Invariants

let private cases share = propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest * share / 100))

// Over numbers that are all 1, padding among them, what comes out of a pass is how often it multiplied and added.
let private counted (shape: ConvShape) =
    let vertical, horizontal = shape.Vertical, shape.Horizontal

    let x =
        Tensor.Ones (
            Shape.Of [|
                1
                shape.C
                shape.H + vertical.Low + vertical.High
                shape.W + horizontal.Low + horizontal.High
            |]
        )

    let w = Tensor.Ones shape.Weights

    let options =
        ConvolutionOptions (
            Stride = Size (vertical.Stride, horizontal.Stride),
            Dilation = Size (vertical.Dilation, horizontal.Dilation),
            Groups = shape.Groups,
            Exact = true
        )

    let y = Convolution.Forward (x, w, options = options)
    let dy = Tensor.Ones y.Shape
    let dx = Convolution.BackwardInput (x.Shape, w, dy, options)
    let dw = Convolution.BackwardWeights (x, w.Shape, dy, options)
    int64 (y.Sum ()), int64 (dx.Sum ()), int64 (dw.Sum ())

let private isConvolution (vertex: Vertex) = vertex.Node :? ConvolutionNode

// A convolution's step names the algorithm of each pass that it has.
let private passes (plan: Plan) =
    [
        for line in (string plan).Split '\n' -> line.Split ' ' |> Array.head, line.Split '·' |> Array.length
    ]
    |> dict

let private countingTests =
    testList "figures are what a run does" [
        testPropertyWith (cases 60) "a convolution's multiply-accumulates, forward and for either gradient"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            for vertex, row in Seq.zip (Pipeline.graph pipeline).Vertices (Pipeline.rows pipeline) do
                match vertex.Node with
                | :? ConvolutionNode as node when
                    node.Shape.Vertical.Low >= 0
                    && node.Shape.Vertical.High >= 0
                    && node.Shape.Horizontal.Low >= 0
                    && node.Shape.Horizontal.High >= 0
                    ->
                    Expect.equal (counted node.Shape) (row.Macs, row.Macs, row.Macs) row.Name
                    Expect.equal row.Flops (2L * row.Macs) "two operations for each"
                | _ -> ())

        testPropertyWith (cases 60) "the passes of a training step"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            let graph = Pipeline.graph pipeline
            let passes = Plan.Create (graph, PlanOptions.Training 2, 1) |> passes

            for vertex, row in Seq.zip graph.Vertices (Pipeline.rows pipeline) do
                if isConvolution vertex && row.Macs > 0L then
                    Expect.equal (1L + row.BackwardMacs / row.Macs) (int64 passes[row.Name]) row.Name)

        testCase "the first convolution needs no gradient of its input, a frozen one none at all" (fun () ->
            let backward pipeline = [ for row in Pipeline.rows pipeline -> row.BackwardMacs / max 1L row.Macs ]
            Expect.equal (backward (input (1, 6, 6) |> conv (2, 3) |> conv (2, 3))) [ 1L; 2L ] "conv, conv"

            Expect.equal
                (backward (input (1, 6, 6) |> frozen (conv (2, 3)) |> conv (2, 3) |> frozen (conv (2, 1))))
                [ 0L; 1L; 1L ]
                "frozen, conv, frozen")

        testPropertyWith (cases 30) "the planned peak of training is what a run takes"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            let parameters = Model.init 1 pipeline |> Model.parameters |> List.map _.Copy()

            use run =
                new TrainingRun (Pipeline.graph pipeline, List.toArray parameters, CrossEntropy (), Sgd 0.1, 4, 0)

            Expect.equal (Pipeline.memory true 4 pipeline) run.Bytes "bytes")

        testPropertyWith (cases 60) "parameter bytes are the model's, floats of four"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            let own =
                Model.init 1 pipeline
                |> Model.parameters
                |> List.filter (fun p -> p.Role <> ParameterRole.Buffer)
                |> List.sumBy (fun p -> int64 (Buffer.ByteLength p.Value.Values))

            Expect.equal (Pipeline.rows pipeline |> List.sumBy _.ParameterBytes) own "bytes")

        testCase "operations of what does not multiply and add" (fun () ->
            let flops stage = Pipeline.flops (input (3, 4, 6) |> stage)
            Expect.equal (flops relu) 72L "an activation: one an element"
            Expect.equal (flops batchNorm) 144L "a normalisation: two"
            Expect.equal (flops (groupNorm 3)) 432L "by the image's own statistics: six"
            Expect.equal (flops (maxPool 2)) 72L "pooling: one a pixel of each window"
            Expect.equal (flops (avgPool (3, stride = 1))) (3L * 2L * 4L * 9L) "overlapping windows count each"
            Expect.equal (flops globalAvgPool) 72L "the window is the image"
            Expect.equal (flops flatten) 0L "another shape costs nothing"
            Expect.equal (flops (residual id)) 72L "a sum: one an element")
    ]

let private numberTests =
    testList "numbers that are often got wrong" [
        testCase "224 with kernel 3, padding 1 and stride 2 is 112" (fun () ->
            let output = input (3, 224, 224) |> conv (8, 3, stride = 2, pad = 1) |> Pipeline.outputShape
            Expect.equal (output[1], output[2]) (112, 112) "rows and columns")

        testCase "(16, 64, 56, 56) through 128 filters of 3×3 is 3,699,376,128 multiply-accumulates" (fun () ->
            let macs = input (64, 56, 56) |> conv (128, 3, pad = 1) |> Pipeline.macs
            Expect.equal (16L * macs) 3_699_376_128L "for the batch")

        testCase "(64, 256, 112, 112) in float32 is 822,083,584 bytes" (fun () ->
            let row = input (256, 112, 112) |> relu |> Pipeline.rows |> List.exactlyOne
            Expect.equal (64L * row.Bytes) 822_083_584L "for the batch")

        testCase "a pair of 3×3 costs 18/25 of a 5×5, three 27/49 of a 7×7" (fun () ->
            let cost times (kernel: int) =
                let block = repeat times (conv (32, kernel, pad = Same, bias = false))
                let network = input (32, 20, 20) |> block
                Pipeline.parameterCount network, Pipeline.macs network, (Pipeline.receptiveField network).Field

            let pair, five = cost 2 3, cost 1 5
            let three, seven = cost 3 3, cost 1 7
            let first (a, _, _) = a
            let second (_, b, _) = b
            let third (_, _, c) = c
            Expect.equal (25L * first pair) (18L * first five) "weights"
            Expect.equal (25L * second pair) (18L * second five) "multiply-accumulates"
            Expect.equal (third pair) (third five) "and they see as much"
            Expect.equal (49L * first three) (27L * first seven) "weights"
            Expect.equal (third three) (third seven) "and they see as much")

        testCase "with zero padding a corner counts in four windows, an edge in six, the middle in nine" (fun () ->
            let options = ConvolutionOptions (Vertical = Padding.Same, Horizontal = Padding.Same)
            let w = Tensor.Ones (Shape.Of [| 1; 1; 3; 3 |])

            let windows =
                Convolution.BackwardInput (
                    Shape.Of [| 1; 1; 5; 5 |],
                    w,
                    Tensor.Ones (Shape.Of [| 1; 1; 5; 5 |]),
                    options
                )

            Expect.equal windows[0, 0, 0, 0] 4f "corner"
            Expect.equal windows[0, 0, 0, 2] 6f "edge"
            Expect.equal windows[0, 0, 2, 2] 9f "middle"
            Expect.equal (windows.Sum ()) 169f "in all: (5·3 − 2)²")

        testCase
            "a dense layer in place of VGG's first convolution has 5.4 hundred million times its weights"
            (fun () ->
                let table = input (3, 224, 224) |> conv (64, 3, pad = Same) |> Pipeline.asDense
                let row = List.exactlyOne table.Rows
                Expect.equal row[4] "1,792" "the convolution's parameters"
                Expect.equal row[5] "483,388,358,656" "the dense layer's: 150,528 · 3,211,264 + 3,211,264")

        testCase "AlexNet's first stages see 11, 19, 51, 67, 99, 131, 163 and 195 pixels" (fun () ->
            let fields =
                input (3, 227, 227)
                |> conv (96, 11, stride = 4)
                |> maxPool (3, stride = 2)
                |> conv (256, 5, pad = 2)
                |> maxPool (3, stride = 2)
                |> conv (384, 3, pad = 1)
                |> conv (384, 3, pad = 1)
                |> conv (256, 3, pad = 1)
                |> maxPool (3, stride = 2)
                |> Pipeline.rows

            Expect.equal
                [ for row in fields -> fst row.Receptive.Field ]
                [ 11; 19; 51; 67; 99; 131; 163; 195 ]
                "the published sizes"

            Expect.equal
                [ for row in fields -> int (fst row.Receptive.Step) ]
                [ 4; 8; 8; 16; 16; 16; 16; 32 ]
                "strides")
    ]

let private tableTests =
    testList "tables" [
        testCase "totals are sums, and every table of every network can be printed" (fun () ->
            let cnn = input (3, 32, 32) |> conv (16, 3, pad = Same) |> relu |> maxPool 2 |> flatten |> dense 10

            Expect.equal
                (Pipeline.costs cnn).Total
                [ "total"; ""; "483,328"; "999,424"; "524,288"; "1,081,344" ]
                "MACs and FLOPs, forward and backward"

            for table in
                [
                    Pipeline.table cnn
                    Pipeline.costs cnn
                    Pipeline.receptiveFields cnn
                    Pipeline.asDense cnn
                    Pipeline.memoryTable 8 cnn
                ] do
                for line in (string table).Split '\n' |> Array.takeWhile ((<>) "") do
                    Expect.isLessThanOrEqual line.Length 110 "columns")

        testPropertyWith (cases 30) "any network has them"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            for table in
                [
                    Pipeline.costs pipeline
                    Pipeline.receptiveFields pipeline
                    Pipeline.asDense pipeline
                    Pipeline.memoryTable 2 pipeline
                ] do
                Expect.all table.Rows (fun row -> row.Length = table.Header.Length) "a cell for each column")
    ]

let tests = testList "Summary" [ countingTests; numberTests; tableTests ]
