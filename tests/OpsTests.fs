/// Single operations on tensors: the examples that one works out by hand, gradients, and what is said of wrong shapes.
module Fovea.Tests.OpsTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Shapes
open Fovea.Invariants

let private fault f =
    try
        f () |> ignore
        failtest "expected an exception"
    with
    | :? ShapeException as fault -> fault.Message
    | :? ArgumentException as fault -> fault.Message

let private oneTo n = (arange (n * n) + 1f).Reshape(n, n)

let byHand =
    testList "by hand" [
        testCase "ones convolved with a 3×3 of ones are 9" (fun () ->
            Expect.equal (Ops.convolve2d (ones [ 3; 3 ], ones [ 3; 3 ])) (tensor [ [ 9 ] ]) "the sum of nine ones")

        testCase "1 to 9 convolved with the 2×2 identity are 6, 8, 12, 14" (fun () ->
            Expect.equal
                (Ops.convolve2d (oneTo 3, identity 2))
                (tensor [ [ 6; 8 ]; [ 12; 14 ] ])
                "sums along diagonals")

        testCase "the vertical edge filter finds 6 everywhere on the 5×5 of 1 to 25" (fun () ->
            Expect.equal (Ops.convolve2d (oneTo 5, Filters.verticalEdge)) (full 6f [ 3; 3 ]) "3 rows of 2")

        testCase "the horizontal edge filter finds 30 everywhere on the 5×5 of 1 to 25" (fun () ->
            Expect.equal (Ops.convolve2d (oneTo 5, Filters.horizontalEdge)) (full 30f [ 3; 3 ]) "3 columns of 10")

        testCase "the horizontal edge filter is the vertical one, transposed" (fun () ->
            Expect.equal (Filters.verticalEdge.Transpose ()) Filters.horizontalEdge "edges"
            Expect.equal (Filters.sobelX.Transpose ()) Filters.sobelY "Sobel's")

        testCase "1 0 2 3 1 0 1 convolved with 1 0 -1 is -1 -3 1 3 0" (fun () ->
            let signal, filter = tensor [ 1; 0; 2; 3; 1; 0; 1 ], tensor [ 1; 0; -1 ]
            Expect.equal (Ops.convolve1d (signal, filter)) (tensor [ -1; -3; 1; 3; 0 ]) "differences two apart")

        testCase
            "with zero padding a corner pixel counts in four windows, an edge in six, the middle in nine"
            (fun () ->
                // The gradient of the sum of all outputs with respect to a pixel counts the windows that the pixel is in.
                let gradients = Ops.convolve2dGradients (zeros [ 3; 3 ], ones [ 3; 3 ], ones [ 3; 3 ], pad = 1)
                Expect.equal gradients.Input (tensor [ [ 4; 6; 4 ]; [ 6; 9; 6 ]; [ 4; 6; 4 ] ]) "windows of each pixel")

        testCase "blurring keeps an even image, sharpening too" (fun () ->
            let even = full 5f [ 4; 6 ]
            Expect.isTrue (Ops.convolve2d(even, Filters.blur).AllClose(full 5f [ 2; 4 ])) "blur"
            Expect.isTrue (Ops.convolve2d(even, Filters.gaussian).AllClose(full 5f [ 2; 4 ])) "gaussian"
            Expect.equal (Ops.convolve2d (even, Filters.sharpen)) (full 5f [ 2; 4 ]) "sharpen"
            Expect.equal (Ops.convolve2d (even, Filters.laplacian)) (zeros [ 2; 4 ]) "laplacian")

        testCase "the identity filter with Same padding gives the image back" (fun () ->
            let image = normal 1 [ 3; 7; 5 ]
            Expect.equal (Ops.convolve2d (image, Filters.identity, pad = Same)) image "the image")

        testCase "pools of 1 to 16" (fun () ->
            Expect.equal (Ops.maxPool (oneTo 4, 2)) (tensor [ [ 6; 8 ]; [ 14; 16 ] ]) "largest"
            Expect.equal (Ops.avgPool (oneTo 4, 2)) (tensor [ [ 3.5; 5.5 ]; [ 11.5; 13.5 ] ]) "mean"
            let gradient = Ops.maxPoolGradient (oneTo 4, ones [ 2; 2 ], 2)
            Expect.equal (gradient.Sum ()) 4f "one place a window"
            Expect.equal gradient[1, 1] 1f "at its largest element")

        testCase "a dense layer, its gradients and softmax" (fun () ->
            let x, w, b = tensor [ 1; 2; 3 ], tensor [ [ 1; 0; -1 ]; [ 2; 2; 2 ] ], tensor [ 10; 20 ]
            Expect.equal (Ops.dense (x, w, b)) (tensor [ 8; 32 ]) "w·x + b"
            let gradients = Ops.denseGradients (x, w, tensor [ 1; 10 ])
            Expect.equal gradients.Input (tensor [ 21; 20; 19 ]) "dx"
            Expect.equal gradients.Weights (tensor [ [ 1; 2; 3 ]; [ 10; 20; 30 ] ]) "dw"
            Expect.equal gradients.Bias (tensor [ 1; 10 ]) "db"
            Expect.equal (Ops.softmax (tensor [ 1000; 1000 ])) (tensor [ 0.5; 0.5 ]) "without overflow")

        testCase "element-wise functions and their gradients at 0 and far out" (fun () ->
            let x = tensor [ -100.0; 0.0; 100.0 ]
            Expect.equal (Ops.relu x) (tensor [ 0; 0; 100 ]) "relu"
            Expect.equal (Ops.activation (Sigmoid, x)) (tensor [ 0.0; 0.5; 1.0 ]) "sigmoid"
            Expect.equal (Ops.activation (Tanh, x)) (tensor [ -1; 0; 1 ]) "tanh"
            Expect.equal (Ops.activationGradient (Relu, x, ones [ 3 ])) (tensor [ 0; 0; 1 ]) "relu's is 0 at 0"
            Expect.equal (Ops.activationGradient (Tanh, x, ones [ 3 ])) (tensor [ 0; 1; 0 ]) "tanh's")

        testCase "224 pixels: 3×3 same, pool 2, 3×3 stride 2 give 224, 112, 55" (fun () ->
            let pipeline = input (3, 224, 224) |> conv (64, 3, pad = Same) |> maxPool 2 |> conv (128, 3, stride = 2)
            let heights = Pipeline.rows pipeline |> List.map (fun row -> row.Output[1])
            Expect.equal heights [ 224; 112; 55 ] "heights")

        testCase "224 pixels with kernel 3, padding 1, stride 2 are 112" (fun () ->
            Expect.equal (Window(3, 2, 1, 1, 1).Output 224) 112 "⌊(224 + 2 - 3) / 2⌋ + 1")

        testCase "a convolution from 3 to 64 channels, 3×3, has 1,792 parameters" (fun () ->
            let pipeline = input (3, 224, 224) |> conv (64, 3, pad = Same)
            Expect.equal (Pipeline.parameterCount pipeline) 1792L "64·(3·9 + 1)")

        testCase "32 images of 3×224×224 to 64 channels are 2,774,532,096 multiply-accumulates" (fun () ->
            let window = Window (3, 1, 1, 1, 1)
            Expect.equal (ConvShape (32, 3, 224, 224, 64, window, window)).Macs 2_774_532_096L "32·64·224²·27"
            let one = input (3, 224, 224) |> conv (64, 3, pad = Same) |> Pipeline.macs
            Expect.equal (32L * one) 2_774_532_096L "the table's")

        testCase "16 images of 64×56×56 to 128 channels are 3,699,376,128 multiply-accumulates" (fun () ->
            let window = Window (3, 1, 1, 1, 1)
            Expect.equal (ConvShape (16, 64, 56, 56, 128, window, window)).Macs 3_699_376_128L "16·128·56²·64·9")

        testCase "a batch of (64, 256, 112, 112) takes 822,083,584 bytes" (fun () ->
            Expect.equal (4L * int64 (Shape.Of [| 64; 256; 112; 112 |]).Count) 822_083_584L "float32"
            let row = input (256, 112, 112) |> relu |> Pipeline.rows |> List.head
            Expect.equal (64L * row.Bytes) 822_083_584L "the table's")

        testCase "a pair of 3×3 costs 18/25 of a 5×5" (fun () ->
            let macs stages = input (8, 20, 20) |> stages |> Pipeline.macs
            let pair = macs (conv (8, 3, pad = Same) >> conv (8, 3, pad = Same))
            Expect.equal (25L * pair) (18L * macs (conv (8, 5, pad = Same))) "per output")

        testCase "conv 3, pool 2, conv 3, conv 3 see 12 pixels" (fun () ->
            let pipeline = input (1, 32, 32) |> conv (1, 3) |> maxPool 2 |> conv (1, 3) |> conv (1, 3)
            Expect.equal (Pipeline.receptiveField pipeline).Field (12, 12) "3 + 1 + 2·2 + 2·2")
    ]

let private rankTests =
    testList "single images" [
        testCase "an image alone gives what it gives in a batch" (fun () ->
            let image, filters = normal 1 [ 3; 8; 6 ], normal 2 [ 5; 3; 3; 3 ]
            let alone = Ops.convolve2d (image, filters, pad = 1)
            Expect.equal (Tensor.shape alone) [ 5; 8; 6 ] "shape"
            Expect.equal alone (Ops.convolve2d(image.Unsqueeze 0, filters, pad = 1).Take 0) "values"
            Expect.equal (Ops.maxPool (image, 2)) (Ops.maxPool(image.Unsqueeze 0, 2).Take 0) "pool")

        testCase "one channel through many filters gives many channels" (fun () ->
            let shape = Ops.convolve2d (normal 1 [ 8; 6 ], normal 2 [ 5; 1; 3; 3 ]) |> Tensor.shape
            Expect.equal shape [ 5; 6; 4 ] "shape")

        testCase "one matrix filters every channel by itself" (fun () ->
            let images = normal 1 [ 2; 3; 8; 6 ]
            let filtered = Ops.convolve2d (images, Filters.sobelX)
            Expect.equal (Tensor.shape filtered) [ 2; 3; 6; 4 ] "shape"
            Expect.equal (filtered.Take(1).Take 2) (Ops.convolve2d (images.Take(1).Take 2, Filters.sobelX)) "a channel")

        testCase "gradients have the shapes of what they belong to" (fun () ->
            let image = normal 1 [ 3; 8; 6 ]
            let of' = Ops.convolve2dGradients (image, Filters.blur, normal 2 [ 3; 6; 4 ])
            Expect.equal (Tensor.shape of'.Input, Tensor.shape of'.Weights) ([ 3; 8; 6 ], [ 3; 3 ]) "one matrix"
            let filters = normal 3 [ 5; 1; 3; 3 ]
            let of' = Ops.convolve2dGradients (normal 1 [ 8; 6 ], filters, normal 2 [ 5; 6; 4 ])
            Expect.equal (Tensor.shape of'.Input, Tensor.shape of'.Weights) ([ 8; 6 ], [ 5; 1; 3; 3 ]) "many filters")

        testCase "signals with channels, and batches of them" (fun () ->
            let filters = normal 2 [ 5; 3; 4 ]
            Expect.equal (Ops.convolve1d (normal 1 [ 3; 20 ], filters, stride = 2) |> Tensor.shape) [ 5; 9 ] "one"

            Expect.equal
                (Ops.convolve1d (normal 1 [ 2; 3; 20 ], filters, pad = 1) |> Tensor.shape)
                [ 2; 5; 19 ]
                "a batch"

            Expect.equal (Ops.convolve1d (normal 1 [ 20 ], ones [ 3 ], pad = Same) |> Tensor.shape) [ 20 ] "same")
    ]

let private choiceTests =
    testList "algorithms" [
        testProperty "every algorithm that is listed runs, and one of each pass is chosen"
        <| Prop.forAll (Any.convolutionWhere (fun s -> s.Macs < 30_000L)) (fun s ->
            let options name =
                Core.Operations.ConvolutionOptions (
                    Algorithm = name,
                    Stride = Size (s.Vertical.Stride, s.Horizontal.Stride),
                    Dilation = Size (s.Vertical.Dilation, s.Horizontal.Dilation),
                    Vertical = Padding.Of (s.Vertical.Low, s.Vertical.High),
                    Horizontal = Padding.Of (s.Horizontal.Low, s.Horizontal.High),
                    Groups = s.Groups
                )

            let x, w, dy = Numbers.whole s.Input 1, Numbers.whole s.Weights 2, Numbers.whole s.Output 3

            let run (algorithm: Core.Operations.ConvolutionAlgorithm) =
                let named = options algorithm.Name

                match algorithm.Pass with
                | "Forward" -> Core.Operations.Convolution.Forward (x, w, null, named)
                | "BackwardInput" -> Core.Operations.Convolution.BackwardInput (s.Input, w, dy, named)
                | _ -> Core.Operations.Convolution.BackwardWeights (x, s.Weights, dy, named)

            for _, algorithms in Core.Operations.Convolution.Algorithms (s, options null) |> Seq.groupBy _.Pass do
                let naive = algorithms |> Seq.find (fun a -> a.Name = "naive") |> run

                for algorithm in algorithms do
                    let tolerance = if algorithm.IsExact then 0f else 1e-3f * (1f + naive.NormMax ())
                    Expect.isLessThanOrEqual (run(algorithm).MaxDifference naive) tolerance (string algorithm)

                Expect.equal (algorithms |> Seq.filter _.IsChosen |> Seq.length) 1 "chosen")

        testCase "an exact one is not Winograd's" (fun () ->
            let algorithms = Ops.algorithms ([ 1; 64; 56; 56 ], [ 64; 64; 3; 3 ], pad = 1, exact = true)
            Expect.all (algorithms |> List.filter _.IsChosen) _.IsExact "chosen ones")

        testCase "large windows are taken by Fourier transforms, unless their weights' would be enormous" (fun () ->
            let names channels kernel =
                Ops.algorithms ([ 8; channels; 48; 48 ], [ channels; channels; kernel; kernel ], pad = Same)
                |> List.filter (fun a -> a.Name = "fourier")
                |> List.map (fun a -> a.Pass, a.IsChosen)

            Expect.equal
                (names 32 15)
                [ "Forward", true; "BackwardInput", true; "BackwardWeights", true ]
                "of 32 channels"

            Expect.equal (names 32 3) [ "Forward", false; "BackwardInput", false; "BackwardWeights", false ] "of 3×3"

            Expect.equal
                (names 512 31)
                [ "Forward", false; "BackwardInput", false; "BackwardWeights", true ]
                "of 512 channels, gigabytes")

        testCase "images of one pixel are matrix products in every pass, few and many" (fun () ->
            for images, channels, filters in [ 1, 512, 10; 64, 4096, 128; 512, 4096, 128; 128, 256, 1000 ] do
                let chosen =
                    Ops.algorithms ([ images; channels; 1; 1 ], [ filters; channels; 1; 1 ])
                    |> List.filter _.IsChosen
                    |> List.map _.Name

                Expect.equal chosen [ "product"; "product"; "product" ] $"{images}×{channels} → {filters}")

        testCase "every unit of work has a cost with every instruction set" (fun () ->
            let core = typeof<Core.Dispatch.ConvolutionForward>.Assembly
            use stream = core.GetManifestResourceStream "costs.csv"
            use table = new IO.StreamReader (stream)
            let lines = table.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            let units = lines |> Array.tail |> Array.map (fun line -> line.Split ',')
            Expect.equal lines[0] "unit,512,256,128" "the columns"
            let known = core.GetType "Fovea.Core.Dispatch.Unit" |> Enum.GetNames
            Expect.equal (units |> Array.map Array.head |> Set.ofArray) (Set.ofArray known) "a line a unit"

            for unit in units do
                Expect.all (Array.tail unit) (fun cost -> float cost > 0.0) unit[0])

        testCase "a name that does not exist is told with those that do" (fun () ->
            let said = fault (fun () -> Ops.convolve2d (ones [ 3; 3 ], ones [ 2; 2 ], algorithm = "magic"))
            Expect.stringContains said "magic" "the name"
            Expect.stringContains said "naive" "the others"
            let said = fault (fun () -> Ops.maxPool (ones [ 3; 3 ], 2, algorithm = "magic"))
            Expect.stringContains said "naive" "of pools")
    ]

let private faultTests =
    testList "wrong shapes" [
        for name, said, f in
            [
                "weights of other channels",
                "see 4 channels",
                (fun () -> Ops.convolve2d (ones [ 3; 8; 8 ], ones [ 5; 4; 3; 3 ]))
                "weights without an axis",
                "(1, 3, 3, 3)",
                (fun () -> Ops.convolve2d (ones [ 3; 8; 8 ], ones [ 3; 3; 3 ]))
                "a kernel larger than its image",
                "larger than its padded input",
                (fun () -> Ops.convolve2d (ones [ 2; 2 ], ones [ 3; 3 ]))
                "a bias of another length",
                "a bias for each filter",
                (fun () -> Ops.convolve2d (ones [ 3; 8; 8 ], ones [ 5; 3; 3; 3 ], bias = ones [ 3 ]))
                "groups that do not divide",
                "groups",
                (fun () -> Ops.convolve2d (ones [ 4; 8; 8 ], ones [ 5; 2; 3; 3 ], groups = 2))
                "padding of more than half a window",
                "more than half",
                (fun () -> Ops.maxPool (ones [ 8; 8 ], 2, pad = 2))
                "features that do not fit", "features", (fun () -> Ops.dense (ones [ 2; 3 ], ones [ 4; 5 ]))
                "a gradient of another shape",
                "dy of the output's shape",
                (fun () -> Ops.convolve2dGradients(ones [ 8; 8 ], ones [ 3; 3 ], ones [ 8; 8 ]).Input)
            ] do
            testCase name (fun () -> Expect.stringContains (fault f) said "the sentence")

        testCase "Core asks for the batch dimension" (fun () ->
            let said =
                fault (fun () -> Core.Operations.Convolution.Forward (ones [ 3; 224; 224 ], ones [ 64; 3; 3; 3 ]))

            Expect.equal
                said
                "conv: expected 4D input (batch, channels, height, width), got (3, 224, 224); add the batch dimension: (1, 3, 224, 224)"
                "the sentence")
    ]

let tests = testList "Operations" [ byHand; rankTests; choiceTests; faultTests ]
