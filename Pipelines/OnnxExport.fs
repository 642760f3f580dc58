/// Pipelines as ONNX graphs, of the operators of version 17. Every layer has its form in `layer`, which a test holds against
/// the layers that there are; parameters keep their names, and the number of images is left open.
module internal Fovea.OnnxExport

open System
open System.Collections.Generic
open System.Text.Json
open Fovea.Core.Formats
open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors

/// What images are fed as, and what comes out.
let inputName, outputName = "input", "output"

let private operatorSet, irVersion = 17L, 8L

/// A graph on its way, and the names that are taken in it.
type private Writer = { Graph: OnnxGraph; Taken: HashSet<string> }

/// A stage in its place: its name, what it reads, and the shape of that for one image.
type private Place = {
    Writer: Writer
    Name: string
    /// What the names of its parameters begin with.
    Owner: string
    Parameters: string list
    Input: string
    /// What it reads beside that.
    Others: string list
    Shape: Shape
    /// The name of its weight, where that is another than the parameter's.
    Reshaped: string option
    Node: Node
} with

    member this.Weight = this.Reshaped |> Option.defaultValue (this.Parameter "weight")

    /// The name of a parameter of the stage.
    member this.Parameter own = $"{this.Owner}.{own}"
    member this.Has own = List.contains (this.Parameter own) this.Parameters

// ---- Names, constants and operators ----

// Shared stages run twice under one name.
let private unique (writer: Writer) name =
    Seq.initInfinite (fun i -> if i = 0 then name else $"{name}#{i + 1}") |> Seq.find writer.Taken.Add

let private constant (place: Place) own (value: Tensor) =
    let name = unique place.Writer (place.Parameter own)
    place.Writer.Graph.Initializers.Add (OnnxTensor.Of (name, value))
    name

let private scalar place own (value: float) = constant place own (Tensor.Scalar (float32 value))

let private wholes (place: Place) own (values: int64 list) =
    let name = unique place.Writer (place.Parameter own)
    place.Writer.Graph.Initializers.Add (OnnxTensor.Of (name, ResizeArray values))
    name

// A number for each channel, to be spread over images of a shape.
let private perChannel (place: Place) own (values: float seq) =
    let values = values |> Seq.map float32 |> Array.ofSeq
    let extents = 1 :: values.Length :: List.replicate (place.Shape.Rank - 1) 1
    constant place own (Tensor.Wrap (Shape.Of (Array.ofList extents), values))

/// Adds an operator under a name, and answers the name of what it makes.
let private operator (place: Place) name kind (inputs: string list) (attributes: OnnxAttribute list) =
    let output = unique place.Writer name
    let node = OnnxNode (Name = output, Operator = kind)
    node.Inputs.AddRange inputs
    node.Outputs.Add output
    attributes |> List.iter node.Attributes.Add
    place.Writer.Graph.Nodes.Add node
    output

// The operator that stands for the whole stage, and those inside one that takes several.
let private whole place kind inputs attributes = operator place place.Name kind inputs attributes
let private inner place own kind inputs = operator place (place.Parameter own) kind inputs []
let private simple place kind attributes = whole place kind [ place.Input ] attributes

let private number name (value: float) = OnnxAttribute.Of (name, float32 value)
let private count name (value: int) = OnnxAttribute.Of (name, int64 value)
let private text name (value: string) = OnnxAttribute.Of (name, value)
let private counts name (values: int list) = OnnxAttribute.Of (name, values |> List.map int64)

// ---- Windows ----

let private pads (v: Window) (h: Window) = [ v.Low; h.Low; v.High; h.High ]

let private window (v: Window) (h: Window) = [
    counts "kernel_shape" [ v.Kernel; h.Kernel ]
    counts "strides" [ v.Stride; h.Stride ]
    counts "pads" (pads v h)
]

let private widened low high (it: Window) = Window (it.Kernel, it.Stride, it.Dilation, low, high)

let private dilations (v: Window) (h: Window) = counts "dilations" [ v.Dilation; h.Dilation ]

/// What is left of an axis between two positions.
let private sliced place own axis (start: int) (stop: int) input =
    inner place own "Slice" [
        input
        wholes place $"{own}.starts" [ start ]
        wholes place $"{own}.ends" [ stop ]
        wholes place $"{own}.axes" [ axis ]
    ]

// Padding below zero crops, which no operator but Slice does.
let private cropped place axis (length: int) (window: Window) input =
    let low, high = max 0 -window.Low, max 0 -window.High

    let input = if low = 0 && high = 0 then input else sliced place $"crop{axis}" axis low (length - high) input

    input, widened (max 0 window.Low) (max 0 window.High) window

// Numbers for each channel as they stand over images of the stage's shape.
let private reshaped (place: Place) own (extents: int list) input =
    inner place own "Reshape" [ input; wholes place $"{own}.shape" (List.map int64 extents) ]

let private transposed place own (order: int list) input =
    operator place (place.Parameter own) "Transpose" [ input ] [ counts "perm" order ]

// What is put around an image from the image itself: pixels beyond an edge of an axis, then those that are cut off.
let private bordered (place: Place) axis (length: int) (window: Window) (border: Border) input =
    let low, high = max 0 window.Low, max 0 window.High

    let padded mode others =
        let around at = List.init 4 (fun i -> if int64 i = axis then int64 at else 0L)
        let widths = wholes place $"pads{axis}" (around low @ around high)
        operator place (place.Parameter $"padded{axis}") "Pad" (input :: widths :: others) [ text "mode" mode ]

    let whole =
        match border with
        | _ when low = 0 && high = 0 -> input
        | Border.Reflect -> padded "reflect" []
        | Border.Replicate -> padded "edge" []
        | Border.Circular ->
            let parts = [
                if low > 0 then
                    sliced place $"before{axis}" axis (length - low) length input
                input
                if high > 0 then
                    sliced place $"after{axis}" axis 0 high input
            ]

            operator place (place.Parameter $"round{axis}") "Concat" parts [ count "axis" (int axis) ]
        | _ -> padded "constant" [ scalar place $"nought{axis}" 0.0 ]

    if window.Low < 0 || window.High < 0 then
        sliced place $"cut{axis}" axis (max 0 -window.Low) (length + low + high - max 0 -window.High) whole
    else
        whole

// An image and its windows: what they crop is cropped, and a border other than zeros is put there.
let private windowed (place: Place) border (vertical: Window) (horizontal: Window) =
    if border = Border.Zeros then
        let input, vertical = cropped place 2L place.Shape[1] vertical place.Input
        let input, horizontal = cropped place 3L place.Shape[2] horizontal input
        input, vertical, horizontal
    else
        let input =
            place.Input
            |> bordered place 2L place.Shape[1] vertical border
            |> bordered place 3L place.Shape[2] horizontal border

        input, widened 0 0 vertical, widened 0 0 horizontal

// Layers without windows, whose output is to have the stage's name.
let private identity (place: Place) input = whole place "Identity" [ input ] []

let private pad (place: Place) (pad: Pad2d) =
    place.Input
    |> bordered place 2L place.Shape[1] (pad.Vertical.Resolve (place.Shape[1], 1)) pad.Border
    |> bordered place 3L place.Shape[2] (pad.Horizontal.Resolve (place.Shape[2], 1)) pad.Border
    |> identity place

let private biasOf (place: Place) hasBias = [
    if hasBias then
        place.Parameter "bias"
]

let private conv (place: Place) (conv: Conv2d) =
    let vertical = conv.Vertical.Resolve (place.Shape[1], conv.Kernel.Height, conv.Stride.Height, conv.Dilation.Height)

    let horizontal = conv.Horizontal.Resolve (place.Shape[2], conv.Kernel.Width, conv.Stride.Width, conv.Dilation.Width)

    let input, vertical, horizontal = windowed place conv.Border vertical horizontal

    whole
        place
        "Conv"
        (input :: place.Weight :: biasOf place conv.Bias)
        (window vertical horizontal @ [ dilations vertical horizontal; count "group" conv.Groups ])

// What lies beyond what the windows reach is nothing but the bias.
let private convTranspose (place: Place) (conv: ConvTranspose2d) =
    let sizes =
        TransposedConvolution.Of (
            place.Shape.Prepend 1,
            conv.Filters,
            conv.Kernel,
            conv.Stride,
            conv.Dilation,
            conv.Vertical,
            conv.Horizontal,
            conv.OutputPadding,
            conv.Groups
        )

    let inside (window: Window) length outputs =
        let window' = widened (max 0 window.Low) (max 0 window.High) window
        let before = max 0 -window.Low
        window', before, outputs - before - int (window'.Covered length)

    let vertical, above, below = inside sizes.Vertical place.Shape[1] sizes.H
    let horizontal, left, right = inside sizes.Horizontal place.Shape[2] sizes.W

    let attributes = window vertical horizontal @ [ dilations vertical horizontal; count "group" conv.Groups ]

    if [ above; below; left; right ] |> List.forall ((=) 0) then
        whole place "ConvTranspose" (place.Input :: place.Weight :: biasOf place conv.Bias) attributes
    else
        let bare = operator place (place.Parameter "bare") "ConvTranspose" [ place.Input; place.Weight ] attributes
        let around = [ 0; 0; above; left; 0; 0; below; right ] |> List.map int64
        let name = if conv.Bias then place.Parameter "padded" else place.Name
        let padded = operator place name "Pad" [ bare; wholes place "around" around; scalar place "nought" 0.0 ] []

        if conv.Bias then
            let bias = place.Parameter "bias" |> reshaped place "shift" [ 1; conv.Filters; 1; 1 ]
            whole place "Add" [ padded; bias ] []
        else
            padded

// Every place has filters of its own: its patch, as the channels that a convolution by the identity makes of it, times
// them, and summed.
let private locallyConnected (place: Place) (local: LocallyConnected2d) =
    let channels, height, width = place.Shape[0], place.Shape[1], place.Shape[2]
    let vertical = local.Vertical.Resolve (height, local.Kernel.Height, local.Stride.Height)
    let horizontal = local.Horizontal.Resolve (width, local.Kernel.Width, local.Stride.Width)
    let rows, columns = vertical.Output height, horizontal.Output width
    let input, vertical, horizontal = windowed place Border.Zeros vertical horizontal
    let length = channels * local.Kernel.Height * local.Kernel.Width
    let one = (Tensor.Identity length).Reshape(length, channels, local.Kernel.Height, local.Kernel.Width)
    let taken = constant place "one" one
    let patches = operator place (place.Parameter "patches") "Conv" [ input; taken ] (window vertical horizontal)

    let patches =
        transposed place "places" [ 0; 2; 3; 1 ] patches
        |> reshaped place "each" [ 0; 1; rows; columns; length ]

    let weights = place.Parameter "weight" |> reshaped place "filters" [ 1; local.Filters; rows; columns; length ]
    let products = inner place "products" "Mul" [ patches; weights ]
    let name = if local.Bias then place.Parameter "sums" else place.Name
    let sums = operator place name "ReduceSum" [ products; wholes place "last" [ 4L ] ] [ count "keepdims" 0 ]
    if local.Bias then whole place "Add" [ sums; place.Parameter "bias" ] [] else sums

let private maxPool (place: Place) (pool: MaxPool2d) =
    let vertical =
        pool.Vertical
            .Resolve(place.Shape[1], pool.Kernel.Height, pool.Stride.Height, pool.Dilation.Height, pool.Ceil)
            .WithoutCeil(place.Shape[1])

    let horizontal =
        pool.Horizontal
            .Resolve(place.Shape[2], pool.Kernel.Width, pool.Stride.Width, pool.Dilation.Width, pool.Ceil)
            .WithoutCeil(place.Shape[2])

    let isWide (window: Window) = max window.Low window.High >= window.Kernel

    // ONNX Runtime takes no padding as wide as the window, which dilation can ask for.
    if isWide vertical || isWide horizontal then
        let around = pads vertical horizontal |> List.map int64
        let widths = wholes place "pads" ([ 0L; 0L ] @ around[..1] @ [ 0L; 0L ] @ around[2..])
        let padded = inner place "padded" "Pad" [ place.Input; widths; scalar place "outside" -infinity ]
        let vertical, horizontal = widened 0 0 vertical, widened 0 0 horizontal
        whole place "MaxPool" [ padded ] (window vertical horizontal @ [ dilations vertical horizontal ])
    else
        simple place "MaxPool" (window vertical horizontal @ [ dilations vertical horizontal ])

let private avgPool (place: Place) (pool: AvgPool2d) =
    let vertical = pool.Vertical.Resolve (place.Shape[1], pool.Kernel.Height, pool.Stride.Height, 1, pool.Ceil)
    let horizontal = pool.Horizontal.Resolve (place.Shape[2], pool.Kernel.Width, pool.Stride.Width, 1, pool.Ceil)
    let padded = vertical.WithoutCeil place.Shape[1], horizontal.WithoutCeil place.Shape[2]
    // Where there is no padding, none counts: what a partial window reaches beyond is not to either. A divisor of one's
    // own is for sums, which are means of all that a window covers.
    let isBare = [ vertical; horizontal ] |> List.forall (fun window -> window.Low = 0 && window.High = 0)
    let own = Option.ofNullable pool.Divisor
    let isCounted = own.IsSome || pool.CountPadding && not isBare
    let counted = count "count_include_pad" (if isCounted then 1 else 0)
    let attributes = window (fst padded) (snd padded) @ [ counted ]

    // A partial window counts the padding that it has; the operator would count what is beyond that as well.
    if isCounted && (pool.Ceil || own.IsSome) then
        let sizes = PoolShape (1, place.Shape[0], place.Shape[1], place.Shape[2], vertical, horizontal)

        let divisors =
            match own with
            | Some divisor -> Array.create (sizes.P * sizes.Q) (float32 divisor)
            | None -> sizes.Divisors true |> Array.map float32

        let shape = Shape.Of [| 1; 1; sizes.P; sizes.Q |]
        let factors = float32 (sizes.R * sizes.S) / Tensor.Wrap (shape, divisors)
        let mean = operator place (place.Parameter "mean") "AveragePool" [ place.Input ] attributes
        whole place "Mul" [ mean; constant place "factors" factors ] []
    else
        simple place "AveragePool" attributes

// The root of the mean of the powers, times the number of elements: that of a partial window is scaled up with it.
let private lpPool (place: Place) (pool: LpPool2d) =
    let resolved length kernel stride = Padding.Valid.Resolve(length, kernel, stride, 1, pool.Ceil).WithoutCeil length

    let vertical = resolved place.Shape[1] pool.Kernel.Height pool.Stride.Height
    let horizontal = resolved place.Shape[2] pool.Kernel.Width pool.Stride.Width
    let powers = inner place "powers" "Pow" [ place.Input; scalar place "norm" pool.Norm ]
    let attributes = window vertical horizontal @ [ count "count_include_pad" 0 ]
    let mean = operator place (place.Parameter "mean") "AveragePool" [ powers ] attributes
    let size = float (pool.Kernel.Height * pool.Kernel.Width)
    let sum = inner place "sum" "Mul" [ mean; scalar place "size" size ]
    whole place "Pow" [ sum; scalar place "root" (1.0 / pool.Norm) ] []

// The places of the maxima are found once more, in what the max pool was given.
let private maxUnpool (place: Place) =
    let sizes = (place.Node :?> MaxUnpoolingNode).Shape
    let vertical, horizontal = sizes.Vertical.WithoutCeil sizes.H, sizes.Horizontal.WithoutCeil sizes.W
    let pooled = List.head place.Others
    let windows = window vertical horizontal

    let maxima =
        operator place (place.Parameter "maxima") "MaxPool" [ pooled ] (windows @ [ dilations vertical horizontal ])

    let places = unique place.Writer (place.Parameter "places")
    (Seq.last place.Writer.Graph.Nodes).Outputs.Add places
    ignore maxima
    let shape = inner place "shape" "Shape" [ pooled ]
    whole place "MaxUnpool" [ place.Input; places; shape ] windows

// Windows that differ: each row of windows is cut out and reduced, and then each column.
let private adaptivePool (place: Place) (pool: AdaptivePool2d) =
    let reduction = if pool.Max then "ReduceMax" else "ReduceMean"

    let reduced axis (windows: AdaptiveWindow) name input =
        let parts =
            List.init windows.Outputs (fun i ->
                let part = sliced place $"slice{axis}.{i}" axis (windows.Start i) (windows.End i) input

                operator place (place.Parameter $"reduced{axis}.{i}") reduction [ part ] [
                    counts "axes" [ int axis ]
                    count "keepdims" 1
                ])

        operator place name "Concat" parts [ count "axis" (int axis) ]

    let rows = AdaptiveWindow (place.Shape[1], pool.To.Height)
    let columns = AdaptiveWindow (place.Shape[2], pool.To.Width)

    // Even ones are an ordinary pool's.
    if rows.IsEven && columns.IsEven then
        let kernel = Size (rows.Length / rows.Outputs, columns.Length / columns.Outputs)
        if pool.Max then maxPool place (MaxPool2d kernel) else avgPool place (AvgPool2d kernel)
    else
        place.Input |> reduced 2L rows (place.Parameter "rows") |> reduced 3L columns place.Name

// ---- Layers ----

let private activation (place: Place) (f: ActivationLayer) =
    let half name = scalar place name 0.5
    let clip low high = whole place "Clip" [ place.Input; scalar place "min" low; scalar place "max" high ] []
    let times factor = whole place "Mul" [ place.Input; factor ] []

    match f.Kind with
    | "relu" -> simple place "Relu" [] |> Some
    | "sigmoid" -> simple place "Sigmoid" [] |> Some
    | "tanh" -> simple place "Tanh" [] |> Some
    | "relu6" -> clip 0.0 6.0 |> Some
    | "leakyRelu" -> simple place "LeakyRelu" [ number "alpha" f.Number.Value ] |> Some
    | "elu" -> simple place "Elu" [ number "alpha" f.Number.Value ] |> Some
    | "selu" -> simple place "Selu" [] |> Some
    | "softplus" -> simple place "Softplus" [] |> Some
    | "hardSigmoid" -> simple place "HardSigmoid" [ number "alpha" (1.0 / 6.0); number "beta" 0.5 ] |> Some
    | "hardSwish" -> simple place "HardSwish" [] |> Some
    | "hardTanh" -> clip -1.0 1.0 |> Some
    | "celu" -> simple place "Celu" [ number "alpha" f.Number.Value ] |> Some
    | "softsign" -> simple place "Softsign" [] |> Some
    | "logSigmoid" ->
        let minus = inner place "minus" "Neg" [ place.Input ]
        whole place "Neg" [ inner place "softplus" "Softplus" [ minus ] ] [] |> Some
    | "silu" -> inner place "sigmoid" "Sigmoid" [ place.Input ] |> times |> Some
    | "mish" ->
        inner place "softplus" "Softplus" [ place.Input ]
        |> fun it -> inner place "tanh" "Tanh" [ it ] |> times |> Some
    | "gelu" ->
        // x/2 · (1 + erf (x/√2)): the operator of its own came with version 20.
        let scaled = inner place "scaled" "Div" [ place.Input; scalar place "root2" (sqrt 2.0) ]
        let above = inner place "above" "Add" [ inner place "erf" "Erf" [ scaled ]; scalar place "one" 1.0 ]
        let product = inner place "product" "Mul" [ place.Input; above ]
        whole place "Mul" [ product; half "half" ] [] |> Some
    | "geluTanh" ->
        // x/2 · (1 + tanh (√(2/π)·(x + 0.044715·x³))).
        let cube = inner place "cube" "Pow" [ place.Input; scalar place "three" 3.0 ]
        let bent = inner place "bent" "Mul" [ cube; scalar place "bend" 0.044715 ]
        let sum = inner place "sum" "Add" [ place.Input; bent ]
        let scaled = inner place "scaled" "Mul" [ sum; scalar place "scale" (sqrt (2.0 / Math.PI)) ]
        let above = inner place "above" "Add" [ inner place "tanh" "Tanh" [ scaled ]; scalar place "one" 1.0 ]
        let product = inner place "product" "Mul" [ place.Input; above ]
        whole place "Mul" [ product; half "half" ] [] |> Some
    | _ -> None

// A parameter, or where the stage has none of that name, what it would be.
let private owned (place: Place) name (shape: Shape) usual =
    if place.Has name then place.Parameter name else constant place name (Tensor.Full (shape, usual))

// Numbers for the channels as they stand over images of the stage's shape.
let private overPixels (place: Place) own input =
    reshaped place own (1 :: place.Shape[0] :: List.replicate (place.Shape.Rank - 1) 1) input

let private byRunning (place: Place) epsilon =
    let channels = Shape.Of [| place.Shape[0] |]

    whole place "BatchNormalization" [
        place.Input
        owned place "weight" channels 1f
        owned place "bias" channels 0f
        place.Parameter "running_mean"
        place.Parameter "running_var"
    ] [ number "epsilon" epsilon ]

let private instances (place: Place) name input groups epsilon weight bias =
    let shape = Shape.Of [| groups |]
    let inputs = [ input; weight shape; bias shape ]
    operator place name "InstanceNormalization" inputs [ number "epsilon" epsilon ]

let private instanceNorm (place: Place) (norm: InstanceNorm) =
    if norm.Track then
        byRunning place norm.Epsilon
    else
        let weight shape = owned place "weight" shape 1f
        let bias shape = owned place "bias" shape 0f
        instances place place.Name place.Input place.Shape[0] norm.Epsilon weight bias

// A group is an instance of one long channel.
let private groupNorm (place: Place) (norm: GroupNorm) =
    let ones shape = constant place "ones" (Tensor.Ones shape)
    let noughts shape = constant place "noughts" (Tensor.Zeros shape)
    let groups = reshaped place "groups" [ 0; norm.Groups; -1 ] place.Input
    let normal = instances place (place.Parameter "normal") groups norm.Groups norm.Epsilon ones noughts
    let extents = wholes place "shape" (0L :: [ for extent in place.Shape -> int64 extent ])

    if norm.Affine then
        let normal = inner place "images" "Reshape" [ normal; extents ]
        let scaled = inner place "scaled" "Mul" [ normal; place.Parameter "weight" |> overPixels place "scale" ]
        whole place "Add" [ scaled; place.Parameter "bias" |> overPixels place "shift" ] []
    else
        whole place "Reshape" [ normal; extents ] []

let private layerNorm (place: Place) (norm: LayerNorm) =
    let rank = place.Shape.Rank

    let axes =
        if norm.OfChannels then 1
        elif norm.Axes = 0 then rank
        else norm.Axes

    let shape =
        if norm.OfChannels then
            Shape.Of [| place.Shape[0] |]
        else
            Shape.Of (Array.skip (rank - axes) (place.Shape.ToArray ()))

    let normal name input =
        operator place name "LayerNormalization" [ input; owned place "weight" shape 1f; owned place "bias" shape 0f ] [
            count "axis" -axes
            number "epsilon" norm.Epsilon
        ]

    if norm.OfChannels && rank > 1 then
        let last = transposed place "last" (0 :: [ 2..rank ] @ [ 1 ]) place.Input
        let order = 0 :: rank :: [ 1 .. rank - 1 ]
        whole place "Transpose" [ normal (place.Parameter "normal") last ] [ counts "perm" order ]
    else
        normal place.Name place.Input

let private prelu (place: Place) (prelu: Prelu) =
    let slope = place.Parameter "weight"
    let slope = if prelu.PerChannel then overPixels place "slope" slope else slope
    whole place "PRelu" [ place.Input; slope ] []

let private padChannels (place: Place) (pad: PadChannels) =
    let widths = [ 0; pad.Before; 0; 0; 0; pad.After; 0; 0 ] |> List.map int64
    whole place "Pad" [ place.Input; wholes place "pads" widths; scalar place "nought" 0.0 ] []

let private softmax (place: Place) kind (axis: Nullable<int>) =
    let axis = axis |> Option.ofNullable |> Option.defaultValue 0
    simple place kind [ count "axis" ((if axis < 0 then axis + place.Shape.Rank else axis) + 1) ]

let private dense (place: Place) (dense: Dense) =
    whole place "Gemm" [
        place.Input
        place.Parameter "weight"
        if dense.Bias then
            place.Parameter "bias"
    ] [ count "transB" 1 ]

// The operator does not know the probability 1; nothing happens outside training anyway.
let private dropout (place: Place) (dropout: Dropout) =
    if float32 dropout.Rate < 1f then
        whole place "Dropout" [ place.Input; scalar place "ratio" dropout.Rate ] []
    else
        simple place "Identity" []

let private normalize (place: Place) (normalize: Normalize) =
    let centred = inner place "centred" "Sub" [ place.Input; perChannel place "mean" normalize.Mean ]
    whole place "Div" [ centred; perChannel place "std" normalize.Std ] []

let private upsample (place: Place) (upsample: Upsample) =
    let factors = [| 1f; 1f; float32 upsample.Factor.Height; float32 upsample.Factor.Width |]
    let scales = constant place "scales" (Tensor.Wrap (Shape.Of [| 4 |], factors))

    whole place "Resize" [ place.Input; ""; scales ] [
        text "mode" (if upsample.Bilinear then "linear" else "nearest")
        text
            "coordinate_transformation_mode"
            (if upsample.AlignCorners then "align_corners"
             elif upsample.Bilinear then "half_pixel"
             else "asymmetric")
        if not upsample.Bilinear then
            text "nearest_mode" "floor"
    ]

/// A layer as operators: the name of what they make; None for a layer of one's own.
let rec private layer (place: Place) (layer': Layer) : string option =
    match layer' with
    | :? SignalLayer as it -> signal place it
    | :? Conv2d as it -> conv place it |> Some
    | :? ConvTranspose2d as it -> convTranspose place it |> Some
    | :? Pad2d as it -> pad place it |> Some
    | :? LpPool2d as it -> lpPool place it |> Some
    | :? MaxUnpool2d -> maxUnpool place |> Some
    | :? Dense as it -> dense place it |> Some
    | :? MaxPool2d as it -> maxPool place it |> Some
    | :? AvgPool2d as it -> avgPool place it |> Some
    | :? AdaptivePool2d as it -> adaptivePool place it |> Some
    | :? GlobalAvgPool -> simple place "GlobalAveragePool" [] |> Some
    | :? GlobalMaxPool -> simple place "GlobalMaxPool" [] |> Some
    | :? Scale as it -> whole place "Mul" [ place.Input; scalar place "factor" it.Factor ] [] |> Some
    | :? Normalize as it -> normalize place it |> Some
    | :? LocallyConnected2d as it -> locallyConnected place it |> Some
    | :? BatchNorm as it -> byRunning place it.Epsilon |> Some
    | :? InstanceNorm as it -> instanceNorm place it |> Some
    | :? GroupNorm as it -> groupNorm place it |> Some
    | :? LayerNorm as it -> layerNorm place it |> Some
    | :? Prelu as it -> prelu place it |> Some
    | :? PadChannels as it -> padChannels place it |> Some
    // Nothing happens outside training.
    | :? StochasticDepth -> simple place "Identity" [] |> Some
    | :? Dropout as it -> dropout place it |> Some
    | :? ActivationLayer as it -> activation place it
    | :? Upsample as it -> upsample place it |> Some
    | :? Flatten -> simple place "Flatten" [ count "axis" 1 ] |> Some
    | :? Softmax as it -> softmax place "Softmax" it.Axis |> Some
    | :? LogSoftmax as it -> softmax place "LogSoftmax" it.Axis |> Some
    | _ -> None

// A signal is an image of height 1, and so are its weights.
and private signal (place: Place) (it: SignalLayer) =
    let image = reshaped place "image" [ 0; place.Shape[0]; 1; place.Shape[1] ] place.Input

    let weight =
        place.Node.Parameters
        |> Seq.tryFind (fun spec -> spec.Name = "weight")
        |> Option.map (fun spec ->
            let extents = List.ofSeq spec.Shape
            place.Parameter "weight" |> reshaped place "filters" (List.insertAt 2 1 extents))

    let others =
        match place.Node with
        | :? SignalNode as signal when (signal.Image :? MaxUnpoolingNode) ->
            let sizes = (signal.Image :?> MaxUnpoolingNode).Shape
            place.Others |> List.map (reshaped place "pooled" [ 0; sizes.C; 1; sizes.W ])
        | _ -> place.Others

    let inside = {
        place with
            Name = place.Parameter "over"
            Node = (place.Node :?> SignalNode).Image
            Others = others
            Input = image
            Shape = SignalLayer.AsImage place.Shape
            Reshaped = weight
    }

    layer inside it.Image
    |> Option.map (fun output ->
        let made = place.Node.Output
        whole place "Reshape" [ output; wholes place "extents" [ 0L; int64 made[0]; int64 made[1] ] ] [])

// ---- Where branches meet ----

let private join (place: Place) (inputs: string list) (shapes: Shape list) (kind: Stage.Joint) =
    match kind with
    | Stage.Added -> whole place "Add" inputs []
    | Stage.Concatenated -> whole place "Concat" inputs [ count "axis" 1 ]
    | Stage.Multiplied ->
        let images, factors = List.head shapes, List.last shapes

        // Factors that come as a vector stand over the pixels.
        let factor =
            if factors.Rank < images.Rank then
                let extents = [ 0L; int64 factors[0] ] @ List.replicate (images.Rank - 1) 1L
                inner place "factors" "Reshape" [ List.last inputs; wholes place "shape" extents ]
            elif factors.Rank > images.Rank then
                inner place "factors" "Flatten" [ List.last inputs ]
            else
                List.last inputs

        whole place "Mul" [ List.head inputs; factor ] []

let private place (graph: Graph) writer (names: string list) (vertex: Vertex) = {
    Writer = writer
    Name = vertex.Name
    Owner = vertex.Name
    Parameters = [ for i in vertex.Parameters -> graph.Parameters[i].Name ]
    Input = names[vertex.Inputs[0]]
    Others = [ for i in Seq.skip 1 vertex.Inputs -> names[i] ]
    Shape = graph.ShapeOf vertex.Inputs[0]
    Reshaped = None
    Node = vertex.Node
}

// Names of all values so far, the newest last; each vertex adds its own.
let private addVertex (graph: Graph) writer (names: string list) (vertex: Vertex, leaf: Stage.Leaf) =
    let place = place graph writer names vertex
    let inputs = [ for i in vertex.Inputs -> names[i] ]

    match leaf.Operation with
    | Stage.Joint kind ->
        let shapes = [ for i in vertex.Inputs -> graph.ShapeOf i ]
        names @ [ join place inputs shapes kind ]
    | Stage.Single it ->
        match layer place it with
        | Some output -> names @ [ output ]
        | None ->
            raise (
                ArgumentException
                    $"onnx: stage \"{it}\" is of one's own, and ONNX has no operator for it; leave it out, or replace it by stages of Fovea's"
            )

// ---- The model ----

let private texts (pipeline: Pipeline) (classes: string list) = [
    "input",
    $"{outputName} for {inputName}: images (N, channels, height, width) as numbers from 0 to 1; the network normalises them itself where it does at all"
    if not classes.IsEmpty then
        "classes", JsonSerializer.Serialize (Array.ofList classes)
    match
        Stage.layers pipeline.Stages
        |> List.tryPick (fun it ->
            match it with
            | :? Normalize as n -> Some n
            | _ -> None)
    with
    | Some normalize ->
        "mean", JsonSerializer.Serialize (Array.ofSeq normalize.Mean)
        "std", JsonSerializer.Serialize (Array.ofSeq normalize.Std)
    | None -> ()
    "source", Pipeline.toSource pipeline
]

// What comes out has one name, whatever made it.
let private nameOutput (graph: OnnxGraph) (output: string) =
    match graph.Nodes |> Seq.tryFind (fun node -> node.Outputs.Contains output) with
    | None ->
        let node = OnnxNode (Name = "identity", Operator = "Identity")
        node.Inputs.Add output
        node.Outputs.Add outputName
        graph.Nodes.Add node
    | Some node -> node.Outputs[0] <- outputName

/// The ONNX model of a pipeline with its parameters, in the graph's order.
/// Raises an ArgumentException that names a stage of one's own.
let model (pipeline: Pipeline) (parameters: Parameter list) (classes: string list) =
    let graph = Pipeline.graph pipeline
    let writer = { Graph = OnnxGraph (Name = "Fovea"); Taken = HashSet [ inputName; outputName ] }

    for parameter in parameters do
        writer.Taken.Add parameter.Name |> ignore
        writer.Graph.Initializers.Add (OnnxTensor.Of (parameter.Name, parameter.Value))

    let names =
        List.zip (List.ofSeq graph.Vertices) (Stage.leaves pipeline.Stages)
        |> List.fold (addVertex graph writer) [ inputName ]

    nameOutput writer.Graph names[graph.Output]
    writer.Graph.Inputs.Add (OnnxValue.Batch (inputName, graph.Input))
    writer.Graph.Outputs.Add (OnnxValue.Batch (outputName, graph.OutputShape))
    let version = typeof<Pipeline>.Assembly.GetName().Version

    let model =
        OnnxModel (IrVersion = irVersion, Producer = "Fovea", ProducerVersion = string version, Graph = writer.Graph)

    model.OperatorSets.Add (OnnxOperatorSet (Version = operatorSet))

    for key, value in texts pipeline classes do
        model.Metadata.Add (OnnxText (Key = key, Value = value))

    model
