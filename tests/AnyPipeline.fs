/// Pipelines at random: any tree of stages, and those that fit.
module Fovea.Tests.AnyPipeline

open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Layers
open Fovea.Core.Shapes

let private sizes most = gen {
    let! height = Gen.choose (1, most)
    let! width = Gen.frequency [ 2, Gen.constant height; 1, Gen.choose (1, most) ]
    return Size (height, width)
}

let private padding =
    Gen.oneof [
        Gen.elements [ Padding.Valid; Padding.Same; Padding.SameSymmetric ]
        Gen.map2 (fun (low: int) (high: int) -> Padding.Of (low, high)) (Gen.choose (0, 2)) (Gen.choose (0, 2))
        Gen.map (fun (both: int) -> Padding.Of both) (Gen.choose (0, 2))
    ]

let private paddings = Gen.frequency [ 2, Gen.map (fun both -> both, both) padding; 1, Gen.zip padding padding ]

let private truth = Gen.elements [ true; false ]

// Numbers that take all seventeen digits, whole ones, tiny ones.
let private number =
    Gen.oneof [
        Gen.elements [ 0.5; 1.0; 2.0; 0.1; 1e-7; 123456789.0; 1.0 / 3.0; 1e22 ]
        Gen.map (fun n -> exp (float n / 7.0)) (Gen.choose (-50, 50))
    ]

let private border =
    Gen.frequency [
        2, Gen.constant Border.Zeros
        1, Gen.elements [ Border.Reflect; Border.Replicate; Border.Circular ]
    ]

let private convs = gen {
    let! filters, kernel, stride, dilation =
        Gen.zip (Gen.choose (1, 6)) (Gen.zip3 (sizes 3) (sizes 2) (sizes 2))
        |> Gen.map (fun (f, (k, s, d)) -> f, k, s, d)

    let! vertical, horizontal = paddings
    let! groups = Gen.frequency [ 3, Gen.constant 1; 1, Gen.constant 2 ]
    let! bias = truth
    let! border = border

    return
        Conv2d (
            filters * groups,
            kernel,
            Stride = stride,
            Dilation = dilation,
            Vertical = vertical,
            Horizontal = horizontal,
            Border = border,
            Groups = groups,
            Bias = bias
        )
        :> Layer
}

let private locals = gen {
    let! filters, kernel, stride = Gen.zip3 (Gen.choose (1, 4)) (sizes 3) (sizes 2)
    let! vertical, horizontal = paddings
    let! bias = truth

    return
        LocallyConnected2d (filters, kernel, Stride = stride, Vertical = vertical, Horizontal = horizontal, Bias = bias)
        :> Layer
}

let private transposed = gen {
    let! filters, kernel, stride, dilation =
        Gen.zip (Gen.choose (1, 6)) (Gen.zip3 (sizes 3) (sizes 3) (sizes 2))
        |> Gen.map (fun (f, (k, s, d)) -> f, k, s, d)

    let! vertical, horizontal = paddings
    let! more = Gen.map2 (fun h w -> Size (h, w)) (Gen.choose (0, 1)) (Gen.choose (0, 1))
    let! groups = Gen.frequency [ 3, Gen.constant 1; 1, Gen.constant 3 ]
    let! bias = truth

    return
        ConvTranspose2d (
            filters * groups,
            kernel,
            Stride = stride,
            Dilation = dilation,
            Vertical = vertical,
            Horizontal = horizontal,
            OutputPadding = more,
            Groups = groups,
            Bias = bias
        )
        :> Layer
}

let private pads = gen {
    let! vertical, horizontal = paddings
    let! border = border
    return Pad2d (vertical, horizontal, Border = border) :> Layer
}

// Over signals (channels, length).
let private signals = gen {
    let! filters, kernel, stride, dilation = Gen.four (Gen.choose (1, 3))
    let! padding = padding
    let! border = border
    let! bias, ceil, counted = Gen.zip3 truth truth truth

    return!
        Gen.elements [
            Conv1d (
                filters,
                kernel,
                Stride = stride,
                Dilation = dilation,
                Padding = padding,
                Border = border,
                Bias = bias
            )
            :> Layer
            Conv1d (3 * filters, kernel, Groups = 3)
            ConvTranspose1d (
                filters,
                kernel,
                Stride = stride,
                Dilation = dilation,
                Padding = padding,
                OutputPadding = stride - 1,
                Bias = bias
            )
            ConvTranspose1d (3 * filters, kernel, Groups = 3)
            MaxPool1d (kernel, Stride = stride, Dilation = dilation, Padding = padding, Ceil = ceil)
            AvgPool1d (kernel, Stride = stride, Padding = padding, Ceil = ceil, CountPadding = counted)
            AdaptivePool1d (kernel, ceil)
            LpPool1d (float stride, kernel, Stride = stride, Ceil = ceil)
            MaxUnpool1d "pool1"
            Pad1d (padding, Border = border)
        ]
}

let private pools = gen {
    let! size, stride, dilation = Gen.zip3 (sizes 3) (sizes 2) (sizes 2)
    let! stride = Gen.elements [ size; stride ]
    let! vertical, horizontal = paddings
    let! ceil, average, counted = Gen.zip3 truth truth truth
    let! divisor = Gen.elements [ System.Nullable (); System.Nullable (); System.Nullable 3 ]

    return
        if average then
            AvgPool2d (
                size,
                Stride = stride,
                Vertical = vertical,
                Horizontal = horizontal,
                Ceil = ceil,
                CountPadding = counted,
                Divisor = divisor
            )
            :> Layer
        else
            MaxPool2d (
                size,
                Stride = stride,
                Dilation = dilation,
                Vertical = vertical,
                Horizontal = horizontal,
                Ceil = ceil
            )
}

let private normalizations = gen {
    let! mean = Gen.listOfLength 3 (Gen.oneof [ number; Gen.map (~-) number; Gen.constant 0.0 ])
    let! std = Gen.listOfLength 3 number
    return Normalize (mean, std) :> Layer
}

let private scales = Gen.map (fun factor -> Scale factor :> Layer) (Gen.oneof [ number; Gen.map (~-) number ])

let private batchNorms = gen {
    let! momentum = Gen.elements [ 0.1; 0.1; 0.0; 0.01; 1.0 / 3.0; 1.0 ]
    let! epsilon = Gen.elements [ 1e-5; 1e-5; 1e-3; 1e-12 ]
    let! affine = truth
    return BatchNorm (Momentum = momentum, Epsilon = epsilon, Affine = affine) :> Layer
}

let private groupNorms = gen {
    let! epsilon = Gen.elements [ 1e-5; 1e-5; 1e-3; 1e-12 ]
    let! affine, track = Gen.zip truth truth
    let! momentum = Gen.elements [ 0.1; 0.1; 0.0; 1.0 / 3.0 ]

    return!
        Gen.frequency [
            2, Gen.choose (1, 3) |> Gen.map (fun g -> GroupNorm (g, Epsilon = epsilon, Affine = affine) :> Layer)
            1,
            Gen.choose (0, 3)
            |> Gen.map (fun axes -> LayerNorm (Axes = axes, Epsilon = epsilon, Affine = affine) :> Layer)
            1, Gen.constant (LayerNorm (OfChannels = true, Epsilon = epsilon, Affine = affine) :> Layer)
            2,
            Gen.constant (
                InstanceNorm (Affine = affine, Track = track, Momentum = momentum, Epsilon = epsilon) :> Layer
            )
        ]
}

let private softmaxes = gen {
    let! axis = Gen.frequency [ 1, Gen.constant None; 2, Gen.choose (-3, 2) |> Gen.map Some ]
    let! isLog = truth
    let axis = Option.toNullable axis
    return (if isLog then LogSoftmax (Axis = axis) :> Layer else Softmax (Axis = axis))
}

/// One layer of every kind that there is, with what it may be given.
let layers =
    Gen.frequency [
        4, convs
        1, locals
        2, pools
        1, normalizations
        1, scales
        1, Gen.map2 (fun outputs bias -> Dense (outputs, Bias = bias) :> Layer) (Gen.choose (1, 5)) truth
        2, Gen.elements [ for f in ActivationLayer.WithoutNumber -> f :> Layer ]
        1,
        Gen.map2
            (fun make n -> make n :> Layer)
            (Gen.elements [ ActivationLayer.Elu; ActivationLayer.LeakyRelu; ActivationLayer.Celu ])
            number
        1, Gen.map (fun each -> Prelu (PerChannel = each) :> Layer) truth
        1, batchNorms
        2, groupNorms
        1, softmaxes
        1,
        Gen.map2
            (fun rate whole -> StochasticDepth (float rate / 10.0, WholeBatch = whole) :> Layer)
            (Gen.choose (0, 10))
            truth
        1, Gen.map2 (fun size isMax -> AdaptivePool2d (size, isMax) :> Layer) (sizes 4) truth
        1, Gen.map2 (fun before after -> PadChannels (before, after) :> Layer) (Gen.choose (0, 2)) (Gen.choose (0, 2))
        1,
        Gen.map2
            (fun factor (bilinear, corners) ->
                Upsample (factor, Bilinear = bilinear, AlignCorners = (bilinear && corners)) :> Layer)
            (sizes 3)
            (Gen.zip truth truth)
        1, transposed
        1, pads
        3, signals
        1,
        Gen.map3
            (fun norm size ceil -> LpPool2d (norm, size, Ceil = ceil) :> Layer)
            (Gen.elements [ 1.0; 2.0; 3.0; 2.5 ])
            (sizes 3)
            truth
        1, Gen.elements [ "pool1"; "größe"; "a\"b" ] |> Gen.map (fun pool -> MaxUnpool2d pool :> Layer)
        1,
        Gen.map2
            (fun rate spatial -> Dropout (float rate / 10.0, Spatial = spatial) :> Layer)
            (Gen.choose (0, 10))
            truth
        2, Gen.elements [ Flatten () :> Layer; GlobalAvgPool (); GlobalMaxPool () ]
    ]

let private names = Gen.elements [ "stem"; "block 1"; "größe"; "a\"b\\c"; "line\nbreak"; "tab\t"; "🦉" ]

let rec private stage depth =
    let block = Gen.choose (0, 3) |> Gen.bind (fun length -> Gen.listOfLength length (stage (depth - 1)))

    if depth = 0 then
        Gen.map Stage.Layer layers
    else
        Gen.frequency [
            6, Gen.map Stage.Layer layers
            1, Gen.map2 (fun body shortcut -> Residual (body, shortcut)) block block
            1, Gen.map (fun body -> Residual (body, [])) block
            1, Gen.map2 (fun name body -> Named (name, body)) names block
            1, Gen.map2 (fun tag body -> Tagged (tag, body)) names block
            1, Gen.map2 (fun key body -> Shared (key, body)) names block
            1, Gen.map Frozen block
            1, Gen.map BiasesOnly block
            1, Gen.map Gated block
            1,
            Gen.map2
                (fun branches isSum -> Parallel (branches, (if isSum then Join.Sum else Join.Concat)))
                (Gen.choose (1, 3) |> Gen.bind (fun count -> Gen.listOfLength count block))
                truth
        ]

let private inputs =
    Gen.frequency [
        6, Gen.map (fun (h, w) -> Shape.Of [| 3; h; w |]) (Gen.zip (Gen.choose (5, 9)) (Gen.choose (5, 9)))
        1, Gen.map (fun n -> Shape.Of [| n |]) (Gen.choose (1, 9))
        1, Gen.constant (Shape.Of [| 3; 4 |])
        2, Gen.map (fun n -> Shape.Of [| 3; n |]) (Gen.choose (1, 12))
        1, Gen.constant (Shape.Of [| 2; 1; 2; 2 |])
    ]

let private ofStages input stages =
    List.fold (fun pipeline stage -> Pipeline.add stage pipeline) (Pipeline.ofShape input) stages

/// Any tree, whether its stages fit or not.
let any = gen {
    let! input = inputs
    let! stages = Gen.choose (0, 6) |> Gen.bind (fun length -> Gen.listOfLength length (stage 2))
    return ofStages input stages
}

/// Pipelines without a fault: of random stages, those that fit where they come, and what fits in every case.
let fitting = gen {
    let! height, width = Gen.zip (Gen.choose (5, 9)) (Gen.choose (5, 9))
    let! stages = Gen.listOfLength 8 (stage 1)
    let! outputs = Gen.choose (2, 5)

    let keep pipeline stage =
        let longer = Pipeline.add stage pipeline

        try
            Pipeline.graph longer |> ignore
            longer
        with :? ShapeException ->
            pipeline

    return List.fold keep (input (3, height, width)) stages |> flatten |> dense outputs
}
