/// ONNX operators as pieces of pipelines, one function for each family. What an operator can say that a pipeline cannot
/// is refused by a sentence that names it.
module internal Fovea.OnnxOperators

open System
open Fovea.Core.Formats
open Fovea.Core.Layers
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.OnnxFlow

/// An operator with what it reads, and the version of the operators.
type Call = {
    Node: OnnxNode
    Values: Value option list
    Version: int64
} with

    member this.Try i = this.Values |> List.tryItem i |> Option.flatten

    member this.Input i : Value =
        match this.Try i with
        | Some value -> value
        | None -> fail this.Node $"it lacks its input number {i + 1}"

    member this.Flow = flowIn this.Node (this.Input 0)
    member this.Constant i = constantIn this.Node (this.Input i)

/// What a call comes to.
type Result =
    /// A value that is known already, or one that is seen in another way.
    | Known of Value
    /// A constant that is reckoned from others.
    | Reckoned of Value
    /// Pieces over one flow, and the flow that they make, but for its number.
    | Pieces of from: Flow * pieces: Piece list * makes: Flow
    /// Branches that meet.
    | Meeting of Flow list * Stage.Joint * Factors * makes: Flow

// ---- Layers ----

// The shape that a layer makes of a flow's; a layer that does not fit is told as the operator's fault.
let private over (call: Call) (flow: Flow) (layer: Layer) =
    try
        (layer.Resolve flow.Shape).Output
    with
    | :? ShapeException
    | :? ArgumentException as fault -> fail call.Node fault.Message

let private layerOn (call: Call) (flow: Flow) layer parameters =
    Pieces (flow, [ Is (layer, parameters) ], { flow with Shape = over call flow layer })

let private plain (call: Call) layer = layerOn call call.Flow layer []

let private image (call: Call) =
    match call.Flow with
    | { Order = ChannelsFirst } as flow when flow.Shape.Rank = 3 -> flow
    | { Order = ChannelsLast } ->
        fail call.Node "it reads images with their channels last; expected a Transpose before it"
    | flow -> fail call.Node $"expected images (channels, height, width), got {flow.Shape}"

let private vector (call: Call) =
    match call.Flow with
    | { Order = Spread }
    | { Order = ChannelsLast } as flow -> fail call.Node $"expected vectors, got images of {flow.Shape}"
    | flow when flow.Shape.Rank = 1 -> flow
    | flow -> fail call.Node $"expected vectors (features), got {flow.Shape}"

// ---- Windows ----

let private pair (call: Call) name low usual =
    match wholesOf name call.Node with
    | None -> usual
    | Some [ height; width ] -> Size (bounded call.Node name low height, bounded call.Node name low width)
    | Some other -> fail call.Node $"{name} has {other.Length} numbers; only operators over images, with two, are read"

let private paddings (call: Call) (flow: Flow) (kernel: Size) (stride: Size) (dilation: Size) =
    let explicit (low: int64) (high: int64) =
        match bounded call.Node "pads" 0L low, bounded call.Node "pads" 0L high with
        | 0, 0 -> Padding.Valid
        | low, high -> Padding.Of (low, high)

    // The odd pixel before the image, not after it.
    let sameLower length kernel stride dilation =
        let window = Padding.Same.Resolve (length, kernel, stride, dilation)
        Padding.Of (window.High, window.Low)

    match textOf "auto_pad" "NOTSET" call.Node, wholesOf "pads" call.Node with
    | ("NOTSET" | ""), None
    | "VALID", _ -> Padding.Valid, Padding.Valid
    | ("NOTSET" | ""), Some [ top; left; bottom; right ] -> explicit top bottom, explicit left right
    | "SAME_UPPER", _ -> Padding.Same, Padding.Same
    | "SAME_LOWER", _ ->
        sameLower flow.Shape[1] kernel.Height stride.Height dilation.Height,
        sameLower flow.Shape[2] kernel.Width stride.Width dilation.Width
    | ("NOTSET" | ""), Some other -> fail call.Node $"pads has {other.Length} numbers; expected four"
    | other, _ -> fail call.Node $"auto_pad is \"{other}\", which there is not"

let private one = Size (1, 1)

let private convOfImages (call: Call) (weight: Tensor) =
    let flow = image call

    if weight.Rank <> 4 then
        fail call.Node $"its weights are {weight.Shape}; only convolutions of images, (K, C, R, S), are read"

    let kernel = Size (weight.Shape[2], weight.Shape[3])

    if pair call "kernel_shape" 1L kernel <> kernel then
        fail call.Node $"its kernel_shape is another than that of its weights {weight.Shape}"

    let stride, dilation = pair call "strides" 1L one, pair call "dilations" 1L one
    let vertical, horizontal = paddings call flow kernel stride dilation
    let bias = call.Try 2 |> Option.map (constantIn call.Node)

    let layer =
        Conv2d (
            weight.Shape[0],
            kernel,
            Stride = stride,
            Dilation = dilation,
            Vertical = vertical,
            Horizontal = horizontal,
            Groups = bounded call.Node "group" 1L (wholeOf "group" 1L call.Node),
            Bias = bias.IsSome
        )

    layerOn call flow layer [
        "weight", weight
        for bias in Option.toList bias do
            "bias", bias
    ]

// Over vectors that are seen as images of one pixel, as in gates: a dense layer.
let private conv (call: Call) =
    let flow, weight = call.Flow, call.Constant 1

    if flow.Order <> Spread then
        convOfImages call weight
    elif
        weight.Rank <> 4
        || weight.Count <> weight.Shape[0] * flow.Shape[0]
        || wholeOf "group" 1L call.Node <> 1L
        || (wholesOf "pads" call.Node |> Option.defaultValue [] |> List.exists ((<>) 0L))
    then
        fail call.Node "over images of one pixel, only windows of one pixel without groups are read"
    else
        let bias = call.Try 2 |> Option.map (constantIn call.Node)

        layerOn call flow (Dense (weight.Shape[0], Bias = bias.IsSome)) [
            "weight", weight.Reshape (weight.Shape[0], flow.Shape[0])
            for bias in Option.toList bias do
                "bias", bias
        ]

let private convTranspose (call: Call) =
    let flow, weight = image call, call.Constant 1

    if weight.Rank <> 4 then
        fail call.Node $"its weights are {weight.Shape}; only those of images, (C, K, R, S), are read"

    let kernel = Size (weight.Shape[2], weight.Shape[3])
    let stride, dilation = pair call "strides" 1L one, pair call "dilations" 1L one
    let groups = bounded call.Node "group" 1L (wholeOf "group" 1L call.Node)

    if textOf "auto_pad" "NOTSET" call.Node <> "NOTSET" || has "output_shape" call.Node then
        fail call.Node "only one whose padding is said in pixels is read"

    let vertical, horizontal = paddings call flow kernel stride dilation
    let bias = call.Try 2 |> Option.map (constantIn call.Node)

    let layer =
        ConvTranspose2d (
            bounded call.Node "filters" 1L (int64 weight.Shape[1] * int64 groups),
            kernel,
            Stride = stride,
            Dilation = dilation,
            Vertical = vertical,
            Horizontal = horizontal,
            OutputPadding = pair call "output_padding" 0L (Size (0, 0)),
            Groups = groups,
            Bias = bias.IsSome
        )

    layerOn call flow layer [
        "weight", weight
        for bias in Option.toList bias do
            "bias", bias
    ]

let private pool (call: Call) isMax =
    let flow = image call
    let kernel = pair call "kernel_shape" 1L (Size (0, 0))
    let stride, dilation = pair call "strides" 1L one, pair call "dilations" 1L one
    let vertical, horizontal = paddings call flow kernel stride dilation
    let ceil = wholeOf "ceil_mode" 0L call.Node <> 0L

    if call.Node.Outputs.Count > 1 && call.Node.Outputs[1] <> "" then
        fail call.Node "it also gives the places of its maxima, which are not read"

    if isMax then
        layerOn
            call
            flow
            (MaxPool2d (
                kernel,
                Stride = stride,
                Dilation = dilation,
                Vertical = vertical,
                Horizontal = horizontal,
                Ceil = ceil
            ))
            []
    elif dilation <> one then
        fail call.Node "its windows are dilated, which average pools here are not"
    else
        let counted = wholeOf "count_include_pad" 0L call.Node <> 0L
        // Without padding it makes no difference, and the usual way is the shorter one to write.
        let counted = counted || (vertical, horizontal) = (Padding.Valid, Padding.Valid)

        layerOn
            call
            flow
            (AvgPool2d (
                kernel,
                Stride = stride,
                Vertical = vertical,
                Horizontal = horizontal,
                Ceil = ceil,
                CountPadding = counted
            ))
            []

// ---- Matrices ----

let private matrix (call: Call) (value: Tensor) =
    if value.Rank = 2 then value else fail call.Node $"its weights are {value.Shape}; expected a matrix"

let private gemm (call: Call) =
    let flow, node = vector call, call.Node

    if wholeOf "transA" 0L node <> 0L then
        fail node "transA is set: the images would be its columns"

    let weight = matrix call (call.Constant 1)
    let weight = if wholeOf "transB" 0L node <> 0L then weight else weight.Transpose ()
    let alpha, beta = singleOf "alpha" 1.0 node, singleOf "beta" 1.0 node
    let weight = if alpha = 1.0 then weight else weight * float32 alpha
    let outputs = weight.Shape[0]

    let bias =
        call.Try 2
        |> Option.map (fun value ->
            let value = constantIn node value
            let value = if beta = 1.0 then value else value * float32 beta

            if value.Count = outputs then value.Reshape outputs
            elif value.Count = 1 then Tensor.Full (Shape.Of [| outputs |], value.Reshape(1).ToScalar())
            else fail node $"its bias is {value.Shape}; expected one number for each of {outputs} outputs")

    if weight.Shape[1] <> flow.Shape[0] then
        fail node $"its weights take vectors of {weight.Shape[1]}, and get {flow.Shape}"

    let made = { flow with Order = ChannelsFirst; Shape = over call flow (Dense outputs) }

    let parameters = [
        "weight", inOurOrder flow weight
        for bias in Option.toList bias do
            "bias", bias
    ]

    Pieces (flow, [ Is (Dense (outputs, Bias = bias.IsSome), parameters) ], made)

// Of images with their channels last: the same for each pixel.
let private pointwise (call: Call) (flow: Flow) (weight: Tensor) =
    if weight.Shape[0] <> flow.Shape[0] then
        fail call.Node $"its weights take pixels of {weight.Shape[0]} channels, and get {flow.Shape}"

    let layer = Conv2d (weight.Shape[1], Size (1, 1), Bias = false)
    layerOn call flow layer [ "weight", weight.Transpose().Reshape(weight.Shape[1], weight.Shape[0], 1, 1) ]

let private matMul (call: Call) =
    let weight = matrix call (call.Constant 1)

    match call.Flow with
    | { Order = ChannelsLast } as flow -> pointwise call flow weight
    | _ ->

    let flow = vector call

    if weight.Shape[0] <> flow.Shape[0] then
        fail call.Node $"its weights take vectors of {weight.Shape[0]}, and get {flow.Shape}"

    let dense = Dense (weight.Shape[1], Bias = false)
    let made = { flow with Order = ChannelsFirst; Shape = over call flow dense }
    Pieces (flow, [ Is (dense, [ "weight", inOurOrder flow (weight.Transpose ()) ]) ], made)

// ---- Normalisation and activations ----

let private batchNorm (call: Call) =
    let node, flow = call.Node, call.Flow

    if wholeOf "training_mode" 0L node <> 0L then
        fail node "it is in training mode; export the model for inference"

    match flow.Order with
    | ChannelsFirst
    | Spread
    | FlatChannelsLast _ -> ()
    | _ -> fail node "it reads channels that do not come first; expected a Transpose before it"

    let inOurs (numbers: Tensor) =
        if numbers.Count = flow.Shape[0] then
            (inOurOrder flow (numbers.Reshape (1, numbers.Count))).Reshape numbers.Count
        else
            fail node $"it has {numbers.Count} numbers for {flow.Shape[0]} channels"

    let named =
        [ "weight"; "bias"; "running_mean"; "running_var" ]
        |> List.mapi (fun i name -> name, inOurs (call.Constant (i + 1)))

    // ONNX says how much of the old statistics stays.
    let momentum = Math.Round (1.0 - singleOf "momentum" 0.9 node, 6)
    let epsilon = meant (singleOf "epsilon" 1e-5 node)
    layerOn call flow (BatchNorm (Momentum = momentum, Epsilon = epsilon)) named

let private near (expected: float) (value: float) = abs (value - expected) <= 1e-4 * max 1.0 (abs expected)

let private clip (call: Call) =
    let bound i name usual =
        match call.Try i with
        | Some value -> float ((constantIn call.Node value).Reshape(1).ToScalar())
        | None -> singleOf name usual call.Node

    match bound 1 "min" -infinity, bound 2 "max" infinity with
    | 0.0, 6.0 -> plain call ActivationLayer.Relu6
    | -1.0, 1.0 -> plain call ActivationLayer.HardTanh
    | 0.0, high when high >= float Single.MaxValue -> plain call ActivationLayer.Relu
    | low, high ->
        fail call.Node $"it clips to {low}..{high}; only 0..6 (relu6), -1..1 (hardTanh) and 0 upwards are read"

let private hardSigmoid (call: Call) =
    match singleOf "alpha" 0.2 call.Node, singleOf "beta" 0.5 call.Node with
    | alpha, beta when near (1.0 / 6.0) alpha && near 0.5 beta -> plain call ActivationLayer.HardSigmoid
    | alpha, beta -> fail call.Node $"its slope is {alpha} and its offset {beta}; only 1/6 and 1/2, PyTorch's, are read"

let private selu (call: Call) =
    match singleOf "alpha" 1.67326 call.Node, singleOf "gamma" 1.0507 call.Node with
    | alpha, gamma when near 1.67326 alpha && near 1.0507 gamma -> plain call ActivationLayer.Selu
    | alpha, gamma -> fail call.Node $"its alpha is {alpha} and its gamma {gamma}; only the published ones are read"

let private dropout (call: Call) =
    let rate =
        match call.Try 1 with
        | Some value -> float ((constantIn call.Node value).Reshape(1).ToScalar())
        | None -> singleOf "ratio" 0.5 call.Node

    if rate >= 0.0 && rate <= 1.0 then
        plain call (Dropout (meant rate))
    else
        fail call.Node $"its ratio is {rate}; expected 0..1"

let private softmax (call: Call) (layer: Nullable<int> -> Layer) =
    let axis = wholeOf "axis" (if call.Version >= 13L then -1L else 1L) call.Node

    match call.Flow with
    | { Order = ChannelsFirst | FlatChannelsLast _ } as flow when flow.Shape.Rank = 1 && (axis = 1L || axis = -1L) ->
        layerOn call flow (layer (Nullable ())) []
    | { Order = ChannelsFirst } as flow when call.Version >= 13L && axis <> 0L && abs axis <= int64 flow.Shape.Rank ->
        layerOn call flow (layer (Nullable (int (if axis < 0L then axis else axis - 1L)))) []
    | _ -> fail call.Node $"along axis {axis} it is not read here"

let private prelu (call: Call) =
    let flow, slope = call.Flow, call.Constant 1

    match flow.Order with
    | _ when slope.Count = 1 -> layerOn call flow (Prelu ()) [ "weight", slope.Reshape 1 ]
    | ChannelsFirst when
        slope.Count = flow.Shape[0]
        && slope.Shape |> Seq.filter (fun extent -> extent > 1) |> Seq.length = 1
        ->
        perChannel call.Node flow slope |> ignore
        layerOn call flow (Prelu (PerChannel = true)) [ "weight", slope.Reshape flow.Shape[0] ]
    | _ -> fail call.Node $"its slopes are {slope.Shape}; one, or one for each channel, is read"

let private instanceNorm (call: Call) =
    let named = [ "weight", call.Constant 1; "bias", call.Constant 2 ]
    let epsilon = meant (singleOf "epsilon" 1e-5 call.Node)
    let isAll value (_, numbers: Tensor) = numbers.Values |> Array.forall ((=) value)

    match call.Flow with
    | { Order = Grouped groups } as flow when isAll 1f named[0] && isAll 0f named[1] ->
        layerOn call flow (GroupNorm (groups, Epsilon = epsilon, Affine = false)) []
    | { Order = Grouped _ } -> fail call.Node "over groups of channels, only weights of 1 and 0 are read"
    | _ -> layerOn call (image call) (InstanceNorm (Affine = true, Epsilon = epsilon)) named

let private layerNorm (call: Call) =
    let flow = call.Flow
    let rank = int64 flow.Shape.Rank
    let axis = wholeOf "axis" -1L call.Node
    let axes = if axis < 0L then -axis else rank + 1L - axis
    let weight = call.Constant 1

    let bias =
        match call.Try 2 with
        | Some value -> constantIn call.Node value
        | None -> Tensor.Zeros weight.Shape

    let epsilon = meant (singleOf "epsilon" 1e-5 call.Node)

    match flow.Order with
    | ChannelsFirst when axes >= 1L && axes <= rank ->
        let axes = if axes = rank then 0 else int axes
        layerOn call flow (LayerNorm (Axes = axes, Epsilon = epsilon)) [ "weight", weight; "bias", bias ]
    // The channels of each pixel come last in the file.
    | ChannelsLast when axes = 1L ->
        layerOn call flow (LayerNorm (OfChannels = true, Epsilon = epsilon)) [ "weight", weight; "bias", bias ]
    | _ -> fail call.Node $"along axis {axis} it is not read here"

// ---- Shapes and orders ----

let private flattened (call: Call) (flow: Flow) =
    match flow.Order, flow.Shape.Rank with
    | Spread, _ -> Known (Flow { flow with Order = ChannelsFirst })
    | SpreadLast, _ -> Known (Flow { flow with Order = ChannelsFirst })
    | _, 1 -> Known (Flow flow)
    | order, _ ->
        let made = over call flow (Flatten ())

        let order =
            match order with
            | ChannelsLast when flow.Shape[1] * flow.Shape[2] > 1 -> FlatChannelsLast flow.Shape
            | _ -> ChannelsFirst

        Pieces (flow, [ Is (Flatten (), []) ], { flow with Shape = made; Order = order })

let private isGrouped flow =
    match flow.Order with
    | Grouped _ -> true
    | _ -> false

let private isGroups (flow: Flow) groups wanted =
    flow.Order = ChannelsFirst
    && flow.Shape.Rank > 0
    && groups > 0L
    && int64 flow.Shape[0] % groups = 0L
    && List.fold (*) 1L wanted = int64 flow.Shape.Count

// The same numbers by other extents, the batch's being left away.
let private seenAs (call: Call) (flow: Flow) (wanted: int64 list) =
    let own = extents flow |> List.tail |> List.choose id
    let known = wanted |> List.filter (fun extent -> extent >= 0L) |> List.fold (*) 1L
    let rest = if known > 0L then int64 flow.Shape.Count / known else 0L
    let wanted = wanted |> List.map (fun extent -> if extent = -1L then rest else extent)

    match wanted with
    | _ when wanted = own -> Known (Flow flow)
    | [ groups; _ ] when isGroups flow groups wanted -> Known (Flow { flow with Order = Grouped (int groups) })
    | _ when isGrouped flow && wanted = [ for extent in flow.Shape -> int64 extent ] ->
        Known (Flow { flow with Order = ChannelsFirst })
    | [ features ] when features = int64 flow.Shape.Count -> flattened call flow
    | [ features; 1L; 1L ] when flow.Shape.Rank = 1 && features = int64 flow.Shape[0] && flow.Order = ChannelsFirst ->
        Known (Flow { flow with Order = Spread })
    | [ 1L; 1L; features ] when flow.Shape.Rank = 1 && features = int64 flow.Shape[0] && flow.Order = ChannelsFirst ->
        Known (Flow { flow with Order = SpreadLast })
    | _ ->
        let listed = wanted |> List.map string |> String.concat ", "
        fail call.Node $"it makes ({listed}) of {flow.Shape}; only flattening, and (C, 1, 1) or (1, 1, C) of a vector, are read"

let private reshape (call: Call) =
    let flow = call.Flow
    let wanted = wholesIn call.Node (call.Input 1)
    let own = extents flow

    // 0 stands for the extent that is there.
    let wanted =
        if wanted.Length > 8 then
            fail call.Node $"it makes {wanted.Length} axes"
        else
            wanted
            |> List.mapi (fun i extent -> if extent = Some 0L then List.tryItem i own |> Option.flatten else extent)

    match wanted with
    | [] -> fail call.Node "it makes a single number of a batch"
    | Some -1L :: rest when List.contains (Some -1L) rest -> fail call.Node "two of its extents are left open"
    | _ :: rest -> seenAs call flow (rest |> List.map (Option.defaultValue -1L))

// Axes may be counted from behind.
let private axesOf (call: Call) i name (rank: int) =
    let axes =
        match call.Try i with
        | Some value -> wholesIn call.Node value |> List.choose id |> Some
        | None -> wholesOf name call.Node

    axes
    |> Option.map (List.map (fun axis -> if axis < 0L then axis + int64 rank else axis) >> List.sort)

let private squeeze (call: Call) =
    match call.Input 0 with
    | Flow flow ->
        let own = extents flow

        let axes =
            axesOf call 1 "axes" own.Length
            |> Option.defaultValue [
                for i, extent in List.indexed own do
                    if extent = Some 1L then
                        int64 i
            ]

        let kept =
            own
            |> List.indexed
            |> List.filter (fun (i, _) -> not (List.contains (int64 i) axes))
            |> List.map snd

        match kept with
        | None :: rest -> seenAs call flow (List.choose id rest)
        | _ -> fail call.Node "it takes the batch away"
    | other -> Known other

let private unsqueeze (call: Call) =
    match call.Input 0 with
    | Flow flow ->
        match flow.Shape.Rank, axesOf call 1 "axes" 4 with
        | 1, Some [ 2L; 3L ] -> seenAs call flow [ int64 flow.Shape[0]; 1L; 1L ]
        | 1, Some [ 1L; 2L ] -> seenAs call flow [ 1L; 1L; int64 flow.Shape[0] ]
        | _ -> fail call.Node "it makes other images of vectors than (C, 1, 1) and (1, 1, C)"
    | other -> Known other

let private transpose (call: Call) =
    let flow = call.Flow

    match flow.Order, wholesOf "perm" call.Node with
    | _, Some perm when perm = [ for i in 0 .. perm.Length - 1 -> int64 i ] -> Known (Flow flow)
    | ChannelsFirst, Some [ 0L; 2L; 3L; 1L ] when flow.Shape.Rank = 3 -> Known (Flow { flow with Order = ChannelsLast })
    | ChannelsLast, Some [ 0L; 3L; 1L; 2L ] -> Known (Flow { flow with Order = ChannelsFirst })
    | Spread, Some [ 0L; 2L; 3L; 1L ] -> Known (Flow { flow with Order = SpreadLast })
    | SpreadLast, Some [ 0L; 3L; 1L; 2L ] -> Known (Flow { flow with Order = Spread })
    | _ -> fail call.Node "only a change between channels first and channels last is read"

/// The axes of height and width, and that of channels, as the file has them.
let private spatial (flow: Flow) =
    match flow.Order with
    | ChannelsLast -> [ 1L; 2L ], 3L
    | _ -> [ 2L; 3L ], 1L

let private reduce (call: Call) (layer: Layer) =
    let flow = call.Flow

    match axesOf call 1 "axes" (List.length (extents flow)) with
    | Some axes when axes = fst (spatial flow) && flow.Shape.Rank = 3 ->
        let made = { flow with Shape = over call flow layer }

        if wholeOf "keepdims" 1L call.Node <> 0L then
            Pieces (flow, [ Is (layer, []) ], made)
        else
            let vector = { made with Shape = over call made (Flatten ()); Order = ChannelsFirst }
            Pieces (flow, [ Is (layer, []); Is (Flatten (), []) ], vector)
    | _ ->
        fail
            call.Node
            "only along height and width, which makes a global pool, is it read; a layer norm is one operator from opset 17 on: export with that"

let private pad (call: Call) =
    let flow = call.Flow

    let widths =
        match call.Try 1 with
        | Some value -> wholesIn call.Node value |> List.choose id
        | None -> wholesOf "pads" call.Node |> Option.defaultValue []

    let value =
        match call.Try 2 with
        | Some value -> float ((constantIn call.Node value).Reshape(1).ToScalar())
        | None -> singleOf "value" 0.0 call.Node

    let border =
        match textOf "mode" "constant" call.Node with
        | "constant" when value = 0.0 -> Border.Zeros
        | "reflect" -> Border.Reflect
        | "edge" -> Border.Replicate
        | "wrap" -> Border.Circular
        | mode -> fail call.Node $"its mode is {mode} with {value}; only zeros and pixels of the image are read"

    let width = bounded call.Node "pads" 0L

    let sides =
        match flow.Order, widths with
        | ChannelsFirst, [ 0L; 0L; top; left; 0L; 0L; bottom; right ]
        | ChannelsLast, [ 0L; top; left; 0L; 0L; bottom; right; 0L ] ->
            Some (width top, width bottom, width left, width right)
        | _ -> None

    let isChannels =
        widths.Length = 8
        && widths |> List.indexed |> List.forall (fun (i, width) -> width = 0L || i = 1 || i = 5)

    match sides with
    | _ when widths |> List.forall ((=) 0L) -> Known (Flow flow)
    | None when flow.Order = ChannelsFirst && isChannels && border = Border.Zeros ->
        plain call (PadChannels (width widths[1], width widths[5]))
    | Some (top, bottom, left, right) when flow.Shape.Rank = 3 ->
        let shape = Shape.Of [| flow.Shape[0]; flow.Shape[1] + top + bottom; flow.Shape[2] + left + right |]

        if border = Border.Zeros then
            Pieces (flow, [ Pads (top, bottom, left, right) ], { flow with Shape = shape })
        else
            plain call (Pad2d (Padding.Of (top, bottom), Padding.Of (left, right), Border = border))
    | _ -> fail call.Node "only a border around the pixels is read"

let private resize (call: Call) =
    let flow = call.Flow

    let place =
        textOf "coordinate_transformation_mode" "half_pixel" call.Node,
        textOf "nearest_mode" "round_prefer_floor" call.Node

    let enlarged (factor: Size) =
        match textOf "mode" "nearest" call.Node, place with
        | "nearest", _ when call.Node.Operator = "Upsample" || call.Version < 11L -> Upsample factor
        | "nearest", ("asymmetric", "floor")
        | "nearest", ("tf_half_pixel_for_nn", "floor")
        | "nearest", (("half_pixel" | "pytorch_half_pixel"), "round_prefer_floor") -> Upsample factor
        | "linear", (("half_pixel" | "pytorch_half_pixel"), _) -> Upsample (factor, Bilinear = true)
        | "linear", ("align_corners", _) -> Upsample (factor, Bilinear = true, AlignCorners = true)
        | mode, (coordinates, rounding) ->
            fail
                call.Node
                $"it enlarges by {mode}, {coordinates} and {rounding}; other pixels than a stage of ours would mix"

    let own = extents flow |> List.tail |> List.choose id |> List.map float

    let scales =
        if call.Node.Operator = "Upsample" || call.Version < 11L then
            match call.Try 1 with
            | Some value -> (constantIn call.Node value).Values |> Array.map float |> List.ofArray
            | None -> singlesOf "scales" call.Node |> Option.defaultValue [] |> List.map float
        else
            match call.Try 2, call.Try 3 with
            | _, Some sizes ->
                let sizes = wholesIn call.Node sizes |> List.skip 1 |> List.map (Option.defaultValue 0L >> float)
                1.0 :: List.map2 (/) (if sizes.Length = own.Length then sizes else own) own
            | Some scales, None -> (constantIn call.Node scales).Values |> Array.map float |> List.ofArray
            | None, None -> []

    let isWhole scale = scale >= 1.0 && scale <= float Limits.window && scale = Math.Floor scale

    match flow.Order, scales with
    | ChannelsFirst, [ 1.0; 1.0; rows; columns ]
    | ChannelsLast, [ 1.0; rows; columns; 1.0 ] when isWhole rows && isWhole columns && flow.Shape.Rank = 3 ->
        plain call (enlarged (Size (int rows, int columns)))
    | _ -> fail call.Node "only enlarging by whole factors of height and width is read"

// ---- Where flows meet ----

let private added (call: Call) (flows: Flow list) =
    let first = List.head flows

    if flows |> List.exists (fun flow -> flow.Shape <> first.Shape || flow.Order <> first.Order) then
        let listed = flows |> List.map (fun flow -> string flow.Shape) |> String.concat ", "
        fail call.Node $"it adds values of different shapes or orders: {listed}"

    Meeting (flows, Stage.Added, Alike, first)

let private multiplied (call: Call) (first: Flow) (second: Flow) =
    let isFactor (flow: Flow) (image: Flow) =
        image.Shape.Rank = 3
        && flow.Shape.Count = image.Shape[0]
        && (flow.Shape.Rank = 3 && flow.Order = image.Order
            || flow.Order = Spread && image.Order = ChannelsFirst
            || flow.Order = SpreadLast && image.Order = ChannelsLast)

    if first.Shape = second.Shape && first.Order = second.Order then
        let factors = if first.Shape.Count = first.Shape[0] then AlikeOfChannels else Alike
        Meeting ([ first; second ], Stage.Multiplied, factors, first)
    elif isFactor second first then
        Meeting ([ first; second ], Stage.Multiplied, OfChannels, first)
    elif isFactor first second then
        Meeting ([ second; first ], Stage.Multiplied, OfChannels, second)
    else
        fail call.Node $"it multiplies {first.Shape} by {second.Shape}; only a factor for each channel is read"

let private arithmetic (call: Call) =
    match call.Input 0, call.Input 1 with
    | Flow first, Flow second ->
        match call.Node.Operator with
        | "Add" -> added call [ first; second ]
        | "Mul" -> multiplied call first second
        | _ -> fail call.Node "of two values that both depend on the images, only sums and products are read"
    | Flow flow, constant ->
        let numbers = perChannel call.Node flow (constantIn call.Node constant)
        Pieces (flow, [ Affine (call.Node.Operator, numbers) ], flow)
    | constant, Flow flow when call.Node.Operator = "Add" || call.Node.Operator = "Mul" ->
        let numbers = perChannel call.Node flow (constantIn call.Node constant)
        Pieces (flow, [ Affine (call.Node.Operator, numbers) ], flow)
    | constant, Flow flow when call.Node.Operator = "Sub" ->
        let numbers = perChannel call.Node flow (constantIn call.Node constant)
        let opposite = List.replicate numbers.Length -1.0
        Pieces (flow, [ Affine ("Mul", opposite); Affine ("Add", numbers) ], flow)
    | _, Flow _ -> fail call.Node "a constant divided by what depends on the images, or to its power, is not read"
    | _ -> fail call.Node "arithmetic with numbers that depend on the batch is not read"

// Keras writes ReLU and its upper bound so.
let private bounds (call: Call) =
    let isFlow value =
        match value with
        | Flow _ -> true
        | _ -> false

    match List.choose id call.Values |> List.partition isFlow with
    | [ Flow flow ], [ constant ] ->
        let number = perChannel call.Node flow (constantIn call.Node constant)

        match call.Node.Operator, List.distinct number with
        | "Max", [ 0.0 ] -> Pieces (flow, [ Is (ActivationLayer.Relu, []) ], flow)
        | "Min", [ 6.0 ] -> Pieces (flow, [ Function "Min 6" ], flow)
        | name, numbers -> fail call.Node $"{name.ToLowerInvariant ()} with {numbers.Head}: only max with 0 (relu) and min with 6 (relu6) are read"
    | _ -> fail call.Node "of several values that depend on the images it is not read"

let private concat (call: Call) =
    let values = call.Values |> List.choose id
    let axis = wholeOf "axis" 1L call.Node

    let flows =
        values
        |> List.choose (fun value ->
            match value with
            | Flow flow -> Some flow
            | _ -> None)

    match flows with
    | [] -> Known (Numbers (values |> List.collect (wholesIn call.Node)))
    | first :: _ when flows.Length = values.Length ->
        let rank = (extents first).Length
        let axis = if axis < 0L then axis + int64 rank else axis

        let fits (flow: Flow) =
            flow.Order = first.Order
            && flow.Shape.Rank = first.Shape.Rank
            && flow.Shape.Tail = first.Shape.Tail
            && (flow.Order = ChannelsFirst || flow.Order = ChannelsLast)

        if axis <> snd (spatial first) || not (List.forall fits flows) then
            fail call.Node "only values of equal height and width are joined, along their channels"

        let channels = flows |> List.sumBy (fun flow -> int64 flow.Shape[0])

        if channels > int64 Limits.input then
            fail call.Node $"it makes {channels:N0} channels"

        Meeting (flows, Stage.Concatenated, Alike, { first with Shape = first.Shape.Tail.Prepend (int channels) })
    | _ -> fail call.Node "it joins images with constants"

// ---- Numbers that are reckoned with ----

let private gather (call: Call) =
    let numbers = wholesIn call.Node (call.Input 0)

    match wholesIn call.Node (call.Input 1) with
    | [ Some place ] ->
        let place = if place < 0L then place + int64 numbers.Length else place

        match List.tryItem (int (min place 1000L)) numbers with
        | Some number when place >= 0L -> Known (Numbers [ number ])
        | _ -> fail call.Node $"there is no extent number {place}"
    | _ -> fail call.Node "it takes several extents at once"

let private slice (call: Call) =
    let numbers = wholesIn call.Node (call.Input 0)

    let at i name usual =
        match call.Try i with
        | Some value -> wholesIn call.Node value |> List.tryHead |> Option.flatten |> Option.defaultValue usual
        | None -> wholesOf name call.Node |> Option.bind List.tryHead |> Option.defaultValue usual

    let count = int64 numbers.Length
    let place value = Math.Clamp ((if value < 0L then value + count else value), 0L, count) |> int
    let start, stop = place (at 1 "starts" 0L), place (at 2 "ends" count)
    Known (Numbers numbers[start .. stop - 1])

let private constant (call: Call) =
    match tensorOf "value" call.Node with
    | Some tensor -> Known (Constant tensor)
    | None when has "value_float" call.Node ->
        Known (Constant (OnnxTensor.Of ("", Tensor.Scalar (float32 (singleOf "value_float" 0.0 call.Node)))))
    | None ->
        match wholesOf "value_ints" call.Node with
        | Some numbers when has "value_ints" call.Node -> Known (Numbers (List.map Some numbers))
        | _ when has "value_int" call.Node -> Known (Numbers [ Some (wholeOf "value_int" 0L call.Node) ])
        | _ -> fail call.Node "its value is of a kind that is not read"

/// What an operator comes to.
/// Raises a DataFormatException that names it where a pipeline cannot say it.
let read (call: Call) : Result =
    let function' name = Pieces (call.Flow, [ Function name ], call.Flow)
    let reckoned = OnnxConstants.tryRead call.Node call.Values

    match call.Node.Operator with
    | _ when (call.Node.Domain = "" || call.Node.Domain = "ai.onnx") && reckoned.IsSome -> Reckoned reckoned.Value
    | _ when call.Node.Domain <> "" && call.Node.Domain <> "ai.onnx" -> fail call.Node "it is no operator of ONNX's own"
    | "Conv" -> conv call
    | "ConvTranspose" -> convTranspose call
    | "Gemm" -> gemm call
    | "MatMul" -> matMul call
    | "BatchNormalization" -> batchNorm call
    | "MaxPool" -> pool call true
    | "AveragePool" -> pool call false
    | "GlobalAveragePool" -> layerOn call (image call) (GlobalAvgPool ()) []
    | "GlobalMaxPool" -> layerOn call (image call) (GlobalMaxPool ()) []
    | "ReduceMean" -> reduce call (GlobalAvgPool ())
    | "ReduceMax" -> reduce call (GlobalMaxPool ())
    | "Relu" -> plain call ActivationLayer.Relu
    | "Sigmoid" -> plain call ActivationLayer.Sigmoid
    | "Tanh" -> plain call ActivationLayer.Tanh
    | "LeakyRelu" -> plain call (ActivationLayer.LeakyRelu (meant (singleOf "alpha" 0.01 call.Node)))
    | "Elu" -> plain call (ActivationLayer.Elu (meant (singleOf "alpha" 1.0 call.Node)))
    | "Selu" -> selu call
    | "Softplus" -> plain call ActivationLayer.Softplus
    | "HardSigmoid" -> hardSigmoid call
    | "HardSwish" -> plain call ActivationLayer.HardSwish
    | "Mish" -> plain call ActivationLayer.Mish
    | "Gelu" ->
        plain
            call
            (if textOf "approximate" "none" call.Node = "tanh" then
                 ActivationLayer.GeluTanh
             else
                 ActivationLayer.Gelu)
    | "Clip" -> clip call
    | "Erf"
    | "Neg"
    | "Log" -> function' call.Node.Operator
    | "Softmax" -> softmax call (fun axis -> Softmax (Axis = axis))
    | "LogSoftmax" -> softmax call (fun axis -> LogSoftmax (Axis = axis))
    | "PRelu" -> prelu call
    | "InstanceNormalization" -> instanceNorm call
    | "LayerNormalization" -> layerNorm call
    | "Celu" -> plain call (ActivationLayer.Celu (meant (singleOf "alpha" 1.0 call.Node)))
    | "Softsign" -> plain call ActivationLayer.Softsign
    | "Dropout" -> dropout call
    | "Flatten" when wholeOf "axis" 1L call.Node = 1L -> flattened call call.Flow
    | "Reshape" -> reshape call
    | "Squeeze" -> squeeze call
    | "Unsqueeze" -> unsqueeze call
    | "Transpose" -> transpose call
    | "Pad" -> pad call
    | "Resize"
    | "Upsample" -> resize call
    | "Identity"
    | "Cast" -> Known (call.Input 0)
    | "Add"
    | "Sub"
    | "Mul"
    | "Div"
    | "Pow" -> arithmetic call
    | "Max"
    | "Min" -> bounds call
    | "Sum" -> added call (call.Values |> List.choose id |> List.map (flowIn call.Node))
    | "Concat" -> concat call
    | "Shape" -> Known (Numbers (extents call.Flow))
    | "Gather" -> gather call
    | "Slice" -> slice call
    | "Constant" -> constant call
    | _ -> fail call.Node "there is no stage for it"
