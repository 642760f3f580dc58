namespace Fovea

open Fovea.Core.Layers
open Fovea.Core.Shapes

/// A value that a stage was given.
[<RequireQualifiedAccess>]
type internal StageValue =
    | Whole of int
    | Count of int
    | Number of float
    | Truth of bool
    | Numbers of float list
    | Extents of Size
    | Axis of int
    | Border of Pad
    | Beyond of Fovea.Border
    | Mode of Interpolation
    | Text of string

/// A value by its name, and what it is where it is not said; without that it must be said.
[<RequireQualifiedAccess>]
type internal StageArgument = { Name: string; Value: StageValue; Usual: StageValue option }

/// What makes a layer again: its kind, the stage function that makes it, and what that is given, in the function's order.
[<RequireQualifiedAccess>]
type internal LayerText = { Kind: string; Function: string; Arguments: StageArgument list }

/// The values of a stage that is read.
type internal IStageValues =
    abstract Whole: name: string * ?usual: int -> int
    abstract Count: name: string -> int
    abstract Number: name: string * ?usual: float -> float
    abstract Truth: name: string * usual: bool -> bool
    abstract Numbers: name: string -> float list
    abstract Extents: name: string * ?usual: Size -> Size
    abstract Axis: name: string -> int option
    abstract Border: name: string -> Pad
    abstract Beyond: name: string -> Fovea.Border
    abstract Mode: name: string -> Interpolation
    abstract Text: name: string -> string

/// Every layer both ways: as a text that says what it is, and made again from such a text. What a stage function is
/// given is named as its parameters are. A layer that is missing here is found by a test.
module internal LayerText =

    let private must name value = { StageArgument.Name = name; StageArgument.Value = value; StageArgument.Usual = None }

    let private may name value usual = {
        StageArgument.Name = name
        StageArgument.Value = value
        StageArgument.Usual = Some usual
    }

    let private size (value: Size) = StageValue.Extents value
    let private one = size (Size (1, 1))

    let private pad vertical horizontal =
        may "pad" (StageValue.Border { Pad.Vertical = vertical; Pad.Horizontal = horizontal }) (StageValue.Border Valid)

    // Of a signal, both axes say the same, and the horizontal one counts.
    let private along padding = pad padding padding

    let private border value = may "border" (StageValue.Beyond (Fovea.Border.ofCore value)) (StageValue.Beyond Zeros)

    let private whole name value usual = may name (StageValue.Whole value) (StageValue.Whole usual)
    let private truth name value usual = may name (StageValue.Truth value) (StageValue.Truth usual)

    let private text kind arguments = {
        LayerText.Kind = kind
        LayerText.Function = kind
        LayerText.Arguments = arguments
    }

    // Stages without arguments have a twin that takes options.
    let private optional kind (arguments: StageArgument list) =
        let said = arguments |> List.exists (fun argument -> argument.Usual <> Some argument.Value)

        { text kind arguments with LayerText.Function = if said then kind + "With" else kind }

    let private overAxis kind (axis: System.Nullable<int>) =
        match Option.ofNullable axis with
        | Some axis -> { text kind [ must "axis" (StageValue.Axis axis) ] with LayerText.Function = kind + "Over" }
        | None -> text kind []

    let private momentum value = may "momentum" (StageValue.Number value) (StageValue.Number 0.1)
    let private eps value = may "eps" (StageValue.Number value) (StageValue.Number 1e-5)
    let private affine value usual = may "affine" (StageValue.Truth value) (StageValue.Truth usual)

    /// A layer's text; None for a layer that is made of functions of one's own.
    let ofLayer (layer: Layer) : LayerText option =
        match layer with
        | :? Conv2d as conv ->
            text "conv" [
                must "filters" (StageValue.Whole conv.Filters)
                must "kernel" (size conv.Kernel)
                may "stride" (size conv.Stride) one
                pad conv.Vertical conv.Horizontal
                border conv.Border
                may "dilation" (size conv.Dilation) one
                may "groups" (StageValue.Whole conv.Groups) (StageValue.Whole 1)
                may "bias" (StageValue.Truth conv.Bias) (StageValue.Truth true)
            ]
            |> Some
        | :? LocallyConnected2d as local ->
            text "locallyConnected" [
                must "filters" (StageValue.Whole local.Filters)
                must "kernel" (size local.Kernel)
                may "stride" (size local.Stride) one
                pad local.Vertical local.Horizontal
                may "bias" (StageValue.Truth local.Bias) (StageValue.Truth true)
            ]
            |> Some
        | :? Conv1d as conv ->
            text "conv1d" [
                must "filters" (StageValue.Whole conv.Filters)
                must "kernel" (StageValue.Whole conv.Kernel)
                whole "stride" conv.Stride 1
                along conv.Padding
                border conv.Border
                whole "dilation" conv.Dilation 1
                whole "groups" conv.Groups 1
                truth "bias" conv.Bias true
            ]
            |> Some
        | :? ConvTranspose2d as conv ->
            text "convTranspose" [
                must "filters" (StageValue.Whole conv.Filters)
                must "kernel" (size conv.Kernel)
                may "stride" (size conv.Stride) one
                pad conv.Vertical conv.Horizontal
                may "outputPad" (size conv.OutputPadding) (size (Size (0, 0)))
                may "dilation" (size conv.Dilation) one
                whole "groups" conv.Groups 1
                truth "bias" conv.Bias true
            ]
            |> Some
        | :? ConvTranspose1d as conv ->
            text "convTranspose1d" [
                must "filters" (StageValue.Whole conv.Filters)
                must "kernel" (StageValue.Whole conv.Kernel)
                whole "stride" conv.Stride 1
                along conv.Padding
                whole "outputPad" conv.OutputPadding 0
                whole "dilation" conv.Dilation 1
                whole "groups" conv.Groups 1
                truth "bias" conv.Bias true
            ]
            |> Some
        | :? Pad2d as padding ->
            let pixels = { Pad.Vertical = padding.Vertical; Pad.Horizontal = padding.Horizontal }
            Some (text "pad" [ must "pixels" (StageValue.Border pixels); border padding.Border ])
        | :? Pad1d as padding ->
            let positions = { Pad.Vertical = padding.Padding; Pad.Horizontal = padding.Padding }
            Some (text "pad1d" [ must "positions" (StageValue.Border positions); border padding.Border ])
        | :? Dense as dense ->
            text "dense" [
                must "outputs" (StageValue.Whole dense.Outputs)
                may "bias" (StageValue.Truth dense.Bias) (StageValue.Truth true)
            ]
            |> Some
        | :? MaxPool2d as pool ->
            text "maxPool" [
                must "size" (size pool.Kernel)
                may "stride" (size pool.Stride) (size pool.Kernel)
                pad pool.Vertical pool.Horizontal
                may "dilation" (size pool.Dilation) one
                may "ceil" (StageValue.Truth pool.Ceil) (StageValue.Truth false)
            ]
            |> Some
        | :? AvgPool2d as pool ->
            text "avgPool" [
                must "size" (size pool.Kernel)
                may "stride" (size pool.Stride) (size pool.Kernel)
                pad pool.Vertical pool.Horizontal
                may "ceil" (StageValue.Truth pool.Ceil) (StageValue.Truth false)
                may "countPad" (StageValue.Truth pool.CountPadding) (StageValue.Truth true)

                for divisor in Option.toList (Option.ofNullable pool.Divisor) do
                    whole "divisor" divisor 0
            ]
            |> Some
        | :? MaxPool1d as pool ->
            text "maxPool1d" [
                must "size" (StageValue.Whole pool.Kernel)
                whole "stride" pool.Stride pool.Kernel
                along pool.Padding
                whole "dilation" pool.Dilation 1
                truth "ceil" pool.Ceil false
            ]
            |> Some
        | :? AvgPool1d as pool ->
            text "avgPool1d" [
                must "size" (StageValue.Whole pool.Kernel)
                whole "stride" pool.Stride pool.Kernel
                along pool.Padding
                truth "ceil" pool.Ceil false
                truth "countPad" pool.CountPadding true
            ]
            |> Some
        | :? LpPool2d as pool ->
            text "lpPool" [
                must "norm" (StageValue.Number pool.Norm)
                must "size" (size pool.Kernel)
                may "stride" (size pool.Stride) (size pool.Kernel)
                truth "ceil" pool.Ceil false
            ]
            |> Some
        | :? MaxUnpool2d as unpool -> Some (text "maxUnpool" [ must "pool" (StageValue.Text unpool.Pool) ])
        | :? LpPool1d as pool ->
            text "lpPool1d" [
                must "norm" (StageValue.Number pool.Norm)
                must "size" (StageValue.Whole pool.Kernel)
                whole "stride" pool.Stride pool.Kernel
                truth "ceil" pool.Ceil false
            ]
            |> Some
        | :? MaxUnpool1d as unpool -> Some (text "maxUnpool1d" [ must "pool" (StageValue.Text unpool.Pool) ])
        | :? Scale as scale -> Some (text "scale" [ must "factor" (StageValue.Number scale.Factor) ])
        | :? Normalize as normalize ->
            text "normalize" [
                must "mean" (StageValue.Numbers (List.ofSeq normalize.Mean))
                must "std" (StageValue.Numbers (List.ofSeq normalize.Std))
            ]
            |> Some
        | :? BatchNorm as norm ->
            optional "batchNorm" [ momentum norm.Momentum; eps norm.Epsilon; affine norm.Affine true ] |> Some
        | :? GroupNorm as norm ->
            text "groupNorm" [ must "groups" (StageValue.Whole norm.Groups); eps norm.Epsilon; affine norm.Affine true ]
            |> Some
        | :? InstanceNorm as norm ->
            optional "instanceNorm" [
                affine norm.Affine false
                may "track" (StageValue.Truth norm.Track) (StageValue.Truth false)
                momentum norm.Momentum
                eps norm.Epsilon
            ]
            |> Some
        | :? LayerNorm as norm ->
            optional layer.Kind [
                if norm.Axes <> 0 && not norm.OfChannels then
                    may "axes" (StageValue.Whole norm.Axes) (StageValue.Whole 0)
                eps norm.Epsilon
                affine norm.Affine true
            ]
            |> Some
        | :? Prelu as prelu ->
            optional "prelu" [ may "perChannel" (StageValue.Truth prelu.PerChannel) (StageValue.Truth false) ]
            |> Some
        | :? StochasticDepth as depth ->
            text "stochasticDepth" [
                must "rate" (StageValue.Number depth.Rate)
                may "wholeBatch" (StageValue.Truth depth.WholeBatch) (StageValue.Truth false)
            ]
            |> Some
        | :? Dropout as dropout -> Some (text layer.Kind [ must "rate" (StageValue.Number dropout.Rate) ])
        | :? ActivationLayer as f when layer = ActivationLayer.Tanh ->
            // F# has a function of that name, so the stage has none of its own.
            Some { text f.Kind [] with LayerText.Function = "activation Tanh" }
        | :? ActivationLayer as f ->
            let name = if f.Kind = "leakyRelu" then "slope" else "alpha"

            Some (
                text f.Kind [
                    for number in Option.ofNullable f.Number |> Option.toList -> must name (StageValue.Number number)
                ]
            )
        | :? AdaptivePool2d as pool -> Some (text pool.Kind [ must "size" (size pool.To) ])
        | :? PadChannels as pad ->
            text "padChannels" [
                must "before" (StageValue.Count pad.Before)
                must "after" (StageValue.Count pad.After)
            ]
            |> Some
        | :? AdaptivePool1d as pool -> Some (text $"{pool.Kind}1d" [ must "length" (StageValue.Whole pool.To) ])
        | :? Upsample as upsample ->
            text "upsample" [
                must "factor" (size upsample.Factor)
                may "mode" (StageValue.Mode (if upsample.Bilinear then Bilinear else Nearest)) (StageValue.Mode Nearest)
                truth "alignCorners" upsample.AlignCorners false
            ]
            |> Some
        | :? Flatten
        | :? GlobalAvgPool
        | :? GlobalMaxPool -> Some (text layer.Kind [])
        | :? Softmax as softmax -> Some (overAxis softmax.Kind softmax.Axis)
        | :? LogSoftmax as softmax -> Some (overAxis softmax.Kind softmax.Axis)
        | _ -> None

    /// The layer of a kind with what it was given; None where there is no such kind.
    let toLayer kind (given: IStageValues) : Layer option =
        match kind with
        | "conv" ->
            let pad = given.Border "pad"

            Conv2d (
                given.Whole "filters",
                given.Extents "kernel",
                Stride = given.Extents ("stride", Size (1, 1)),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Border = Fovea.Border.toCore (given.Beyond "border"),
                Dilation = given.Extents ("dilation", Size (1, 1)),
                Groups = given.Whole ("groups", 1),
                Bias = given.Truth ("bias", true)
            )
            :> Layer
            |> Some
        | "locallyConnected" ->
            let pad = given.Border "pad"

            LocallyConnected2d (
                given.Whole "filters",
                given.Extents "kernel",
                Stride = given.Extents ("stride", Size (1, 1)),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Bias = given.Truth ("bias", true)
            )
            :> Layer
            |> Some
        | "conv1d" ->
            Conv1d (
                given.Whole "filters",
                given.Whole "kernel",
                Stride = given.Whole ("stride", 1),
                Padding = (given.Border "pad").Horizontal,
                Border = Fovea.Border.toCore (given.Beyond "border"),
                Dilation = given.Whole ("dilation", 1),
                Groups = given.Whole ("groups", 1),
                Bias = given.Truth ("bias", true)
            )
            :> Layer
            |> Some
        | "convTranspose" ->
            let pad = given.Border "pad"

            ConvTranspose2d (
                given.Whole "filters",
                given.Extents "kernel",
                Stride = given.Extents ("stride", Size (1, 1)),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                OutputPadding = given.Extents ("outputPad", Size (0, 0)),
                Dilation = given.Extents ("dilation", Size (1, 1)),
                Groups = given.Whole ("groups", 1),
                Bias = given.Truth ("bias", true)
            )
            :> Layer
            |> Some
        | "convTranspose1d" ->
            ConvTranspose1d (
                given.Whole "filters",
                given.Whole "kernel",
                Stride = given.Whole ("stride", 1),
                Padding = (given.Border "pad").Horizontal,
                OutputPadding = given.Whole ("outputPad", 0),
                Dilation = given.Whole ("dilation", 1),
                Groups = given.Whole ("groups", 1),
                Bias = given.Truth ("bias", true)
            )
            :> Layer
            |> Some
        | "pad" ->
            let pixels = given.Border "pixels"

            Pad2d (pixels.Vertical, pixels.Horizontal, Border = Fovea.Border.toCore (given.Beyond "border")) :> Layer
            |> Some
        | "pad1d" ->
            Pad1d ((given.Border "positions").Horizontal, Border = Fovea.Border.toCore (given.Beyond "border")) :> Layer
            |> Some
        | "dense" -> Dense (given.Whole "outputs", Bias = given.Truth ("bias", true)) :> Layer |> Some
        | "maxPool" ->
            let size, pad = given.Extents "size", given.Border "pad"

            MaxPool2d (
                size,
                Stride = given.Extents ("stride", size),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Dilation = given.Extents ("dilation", Size (1, 1)),
                Ceil = given.Truth ("ceil", false)
            )
            :> Layer
            |> Some
        | "avgPool" ->
            let size, pad = given.Extents "size", given.Border "pad"

            AvgPool2d (
                size,
                Stride = given.Extents ("stride", size),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Ceil = given.Truth ("ceil", false),
                CountPadding = given.Truth ("countPad", true),
                Divisor =
                    (match given.Whole ("divisor", 0) with
                     | 0 -> System.Nullable ()
                     | divisor -> System.Nullable divisor)
            )
            :> Layer
            |> Some
        | "maxPool1d" ->
            let size = given.Whole "size"

            MaxPool1d (
                size,
                Stride = given.Whole ("stride", size),
                Padding = (given.Border "pad").Horizontal,
                Dilation = given.Whole ("dilation", 1),
                Ceil = given.Truth ("ceil", false)
            )
            :> Layer
            |> Some
        | "avgPool1d" ->
            let size = given.Whole "size"

            AvgPool1d (
                size,
                Stride = given.Whole ("stride", size),
                Padding = (given.Border "pad").Horizontal,
                Ceil = given.Truth ("ceil", false),
                CountPadding = given.Truth ("countPad", true)
            )
            :> Layer
            |> Some
        | "lpPool" ->
            let size = given.Extents "size"

            LpPool2d (
                given.Number "norm",
                size,
                Stride = given.Extents ("stride", size),
                Ceil = given.Truth ("ceil", false)
            )
            :> Layer
            |> Some
        | "maxUnpool" -> Some (MaxUnpool2d (given.Text "pool"))
        | "lpPool1d" ->
            let size = given.Whole "size"

            LpPool1d (
                given.Number "norm",
                size,
                Stride = given.Whole ("stride", size),
                Ceil = given.Truth ("ceil", false)
            )
            :> Layer
            |> Some
        | "maxUnpool1d" -> Some (MaxUnpool1d (given.Text "pool"))
        | "adaptiveAvgPool1d" -> Some (AdaptivePool1d (given.Whole "length", false))
        | "adaptiveMaxPool1d" -> Some (AdaptivePool1d (given.Whole "length", true))
        | "scale" -> Some (Scale (given.Number ("factor")))
        | "normalize" -> Normalize (given.Numbers "mean", given.Numbers "std") :> Layer |> Some
        | "batchNorm" ->
            BatchNorm (
                Momentum = given.Number ("momentum", 0.1),
                Epsilon = given.Number ("eps", 1e-5),
                Affine = given.Truth ("affine", true)
            )
            :> Layer
            |> Some
        | "groupNorm" ->
            GroupNorm (
                given.Whole "groups",
                Epsilon = given.Number ("eps", 1e-5),
                Affine = given.Truth ("affine", true)
            )
            :> Layer
            |> Some
        | "instanceNorm" ->
            InstanceNorm (
                Affine = given.Truth ("affine", false),
                Track = given.Truth ("track", false),
                Momentum = given.Number ("momentum", 0.1),
                Epsilon = given.Number ("eps", 1e-5)
            )
            :> Layer
            |> Some
        | "layerNorm"
        | "channelNorm" ->
            LayerNorm (
                OfChannels = (kind = "channelNorm"),
                Axes = given.Whole ("axes", 0),
                Epsilon = given.Number ("eps", 1e-5),
                Affine = given.Truth ("affine", true)
            )
            :> Layer
            |> Some
        | "prelu" -> Some (Prelu (PerChannel = given.Truth ("perChannel", false)))
        | "stochasticDepth" ->
            Some (StochasticDepth (given.Number "rate", WholeBatch = given.Truth ("wholeBatch", false)))
        | "dropout" -> Some (Dropout (given.Number "rate"))
        | "spatialDropout" -> Some (Dropout (given.Number "rate", Spatial = true))
        | "leakyRelu" -> Some (ActivationLayer.LeakyRelu (given.Number "slope"))
        | "celu" -> Some (ActivationLayer.Celu (given.Number "alpha"))
        | "elu" -> Some (ActivationLayer.Elu (given.Number "alpha"))
        | "flatten" -> Some (Flatten ())
        | "globalAvgPool" -> Some (GlobalAvgPool ())
        | "globalMaxPool" -> Some (GlobalMaxPool ())
        | "adaptiveAvgPool" -> Some (AdaptivePool2d (given.Extents "size", false))
        | "adaptiveMaxPool" -> Some (AdaptivePool2d (given.Extents "size", true))
        | "padChannels" -> Some (PadChannels (given.Count "before", given.Count "after"))
        | "softmax" -> Some (Softmax (Axis = Option.toNullable (given.Axis "axis")))
        | "logSoftmax" -> Some (LogSoftmax (Axis = Option.toNullable (given.Axis "axis")))
        | "upsample" ->
            Upsample (
                given.Extents "factor",
                Bilinear = (given.Mode "mode" = Bilinear),
                AlignCorners = given.Truth ("alignCorners", false)
            )
            :> Layer
            |> Some
        | _ ->
            ActivationLayer.WithoutNumber
            |> Seq.tryFind (fun f -> f.Kind = kind)
            |> Option.map (fun f -> f :> Layer)

    /// The layers of a tree that are made of functions of one's own, by name.
    let rec custom stage =
        match stage with
        | Layer layer when (ofLayer layer).IsNone -> [ string layer ]
        | _ -> Stage.parts stage |> List.collect (List.collect custom)
