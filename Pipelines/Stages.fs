namespace Fovea

open Fovea.Core.Layers

/// The element-wise functions that a network can have between its layers: `activation Tanh`.
type Activation =
    /// max (0, x).
    | Relu
    /// 1 / (1 + exp -x).
    | Sigmoid
    /// The hyperbolic tangent.
    | Tanh
    /// min (max (0, x), 6).
    | Relu6
    /// x above 0, slope * x below; PyTorch's slope is 0.01.
    | LeakyRelu of slope: float
    /// x above 0, alpha * (exp x - 1) below; PyTorch's alpha is 1.
    | Elu of alpha: float
    /// x above 0, alpha * (exp (x / alpha) - 1) below; PyTorch's alpha is 1.
    | Celu of alpha: float
    /// Elu with the alpha and the factor that keep mean 0 and variance 1.
    | Selu
    /// x * Phi x, where Phi is the normal distribution.
    | Gelu
    /// Gelu's approximation by a hyperbolic tangent.
    | GeluTanh
    /// x * sigmoid x, also called swish.
    | Silu
    /// x * tanh (softplus x).
    | Mish
    /// min (max (0, x + 3), 6) / 6.
    | HardSigmoid
    /// x * min (max (0, x + 3), 6) / 6.
    | HardSwish
    /// min (max (-1, x), 1).
    | HardTanh
    /// log (1 + exp x).
    | Softplus
    /// x / (1 + abs x).
    | Softsign
    /// -log (1 + exp -x).
    | LogSigmoid

/// How pipelines begin, and the stages that need no arguments.
[<AutoOpen>]
module BasicStages =

    let private stage layer = Pipeline.add (Stage.Layer layer)

    /// The pipeline over vectors of so many features.
    let inputVector (features: int) = Pipeline.ofShape (Shape.Of [| features |])

    /// A layer of one's own as a stage.
    let layer (layer: Fovea.Core.Layers.Layer) = stage layer

    let internal activationLayer (f: Activation) =
        match f with
        | Relu -> ActivationLayer.Relu
        | Sigmoid -> ActivationLayer.Sigmoid
        | Tanh -> ActivationLayer.Tanh
        | LeakyRelu slope -> ActivationLayer.LeakyRelu slope
        | Elu alpha -> ActivationLayer.Elu alpha
        | Relu6 -> ActivationLayer.Relu6
        | Selu -> ActivationLayer.Selu
        | Gelu -> ActivationLayer.Gelu
        | GeluTanh -> ActivationLayer.GeluTanh
        | Silu -> ActivationLayer.Silu
        | Mish -> ActivationLayer.Mish
        | HardSigmoid -> ActivationLayer.HardSigmoid
        | HardSwish -> ActivationLayer.HardSwish
        | Celu alpha -> ActivationLayer.Celu alpha
        | HardTanh -> ActivationLayer.HardTanh
        | Softplus -> ActivationLayer.Softplus
        | Softsign -> ActivationLayer.Softsign
        | LogSigmoid -> ActivationLayer.LogSigmoid

    /// An element-wise function.
    let activation (f: Activation) = stage (activationLayer f)

    /// max (0, x).
    let relu pipeline = activation Relu pipeline

    /// 1 / (1 + exp -x).
    let sigmoid pipeline = activation Sigmoid pipeline

    /// min (max (0, x), 6).
    let relu6 pipeline = activation Relu6 pipeline

    /// Elu with the alpha and the factor that keep mean 0 and variance 1.
    let selu pipeline = activation Selu pipeline

    /// x * Phi x, where Phi is the normal distribution.
    let gelu pipeline = activation Gelu pipeline

    /// Gelu's approximation by a hyperbolic tangent.
    let geluTanh pipeline = activation GeluTanh pipeline

    /// x * sigmoid x, also called swish.
    let silu pipeline = activation Silu pipeline

    /// x * tanh (softplus x).
    let mish pipeline = activation Mish pipeline

    /// min (max (0, x + 3), 6) / 6.
    let hardSigmoid pipeline = activation HardSigmoid pipeline

    /// x * min (max (0, x + 3), 6) / 6.
    let hardSwish pipeline = activation HardSwish pipeline

    /// min (max (-1, x), 1): a hyperbolic tangent of straight lines.
    let hardTanh pipeline = activation HardTanh pipeline

    /// log (1 + exp x).
    let softplus pipeline = activation Softplus pipeline

    /// x / (1 + abs x).
    let softsign pipeline = activation Softsign pipeline

    /// -log (1 + exp -x), the logarithm of a sigmoid.
    let logSigmoid pipeline = activation LogSigmoid pipeline

    /// x above 0, slope * x below: `leakyRelu 0.01`.
    let leakyRelu (slope: float) = activation (LeakyRelu slope)

    /// x above 0, alpha * (exp x - 1) below: `elu 1.0`.
    let elu (alpha: float) = activation (Elu alpha)

    /// x above 0, alpha * (exp (x / alpha) - 1) below: `celu 1.0`.
    let celu (alpha: float) = activation (Celu alpha)

    /// x above 0, weight * x below, with one weight that is learned; it begins at 0.25. `preluWith (perChannel = true)` has
    /// one for each channel.
    let prelu pipeline = stage (Prelu ()) pipeline

    /// In training, drops each element with a probability and divides the others by what is left of 1; nothing in
    /// evaluation: `dropout 0.5`.
    let dropout (rate: float) = stage (Dropout rate)

    /// Dropout of whole channels of an image, since neighbouring pixels say the same: `spatialDropout 0.1`.
    let spatialDropout (rate: float) = stage (Dropout (rate, Spatial = true))

    /// Batch normalisation of every channel, or of every feature of a vector, as in PyTorch: by the batch's statistics in
    /// training, by the running ones in evaluation and in a `frozen` block. A training batch needs more than one element
    /// of each channel. See `batchNormWith` for its options.
    let batchNorm pipeline = stage (BatchNorm ()) pipeline

    /// Layer normalisation: every image by the mean and deviation of all its elements, with a scale and a shift for each of
    /// them, as in PyTorch. `layerNormWith (axes = 1)` takes its last axes alone; `channelNorm` the channels of each pixel.
    let layerNorm pipeline = stage (LayerNorm ()) pipeline

    /// Layer normalisation of the channels of each pixel, with a scale and a shift for each channel, as in ConvNeXt.
    let channelNorm pipeline = stage (LayerNorm (OfChannels = true)) pipeline

    /// Instance normalisation: every channel of every image by its own mean and deviation, without weights, as in PyTorch.
    /// `instanceNormWith (affine = true, track = true)` has weights and running statistics.
    let instanceNorm pipeline = stage (InstanceNorm ()) pipeline

    /// An image's elements as one vector, channel after channel.
    let flatten pipeline = stage (Flatten ()) pipeline

    /// The mean of every channel: (C, H, W) to (C, 1, 1), (C, L) to (C, 1).
    let globalAvgPool pipeline = stage (GlobalAvgPool ()) pipeline

    /// The maximum of every channel: (C, H, W) to (C, 1, 1), (C, L) to (C, 1).
    let globalMaxPool pipeline = stage (GlobalMaxPool ()) pipeline

    /// Probabilities from logits. A model is trained on its logits: leave this away, and ask `Model.probabilities`.
    let softmax pipeline = stage (Softmax ()) pipeline

    /// The logarithm of softmax, which no large logit overflows.
    let logSoftmax pipeline = stage (LogSoftmax ()) pipeline

    /// Softmax over an axis of one image, without the batch: `softmaxOver 0` is over the channels of each pixel (PyTorch's
    /// dim = 1), `softmaxOver -1` over the last axis.
    let softmaxOver (axis: int) = stage (Softmax (Axis = axis))

    /// The logarithm of `softmaxOver`, which no large logit overflows.
    let logSoftmaxOver (axis: int) = stage (LogSoftmax (Axis = axis))

    /// Every element times a constant.
    let scale (factor: float) = stage (Scale factor)

    /// (x - mean) / std with the mean and deviation of each channel: as a stage, so that the model takes raw images.
    let normalize (mean: float seq, std: float seq) = stage (Normalize (mean, std))

/// Stages with options. A name, where it is given, begins the names of the stage's parameters.
[<AutoOpen; AbstractClass; Sealed>]
type Stages =

    static member private Add (name: string option, layer: Fovea.Core.Layers.Layer) =
        match name with
        | Some name -> Pipeline.add (Named (name, [ Stage.Layer layer ]))
        | None -> Pipeline.add (Stage.Layer layer)

    /// The pipeline over images of so many channels, rows and columns, `input (3, 32, 32)`, or over signals of so many
    /// channels and a length, `input (3, 128)`.
    static member input (channels: int, height: int, ?width: int) : Pipeline =
        Pipeline.ofShape (Shape.Of [| channels; height; yield! Option.toArray width |])

    /// Convolution (cross-correlation) with so many filters and a kernel of a size: `conv (64, 3, pad = Same)`,
    /// `conv (64, (3, 5), stride = 2)`, `conv (64, 3, pad = 1, border = Reflect)`. No padding, which would be of zeros,
    /// stride 1, one group and a bias unless said.
    static member conv
        (
            filters: int,
            kernel: Size,
            ?name: string,
            ?stride: Size,
            ?pad: Pad,
            ?border: Border,
            ?dilation: Size,
            ?groups: int,
            ?bias: bool
        ) : Pipeline -> Pipeline =
        let pad = defaultArg pad Valid

        Stages.Add (
            name,
            Conv2d (
                filters,
                kernel,
                Stride = defaultArg stride (Size (1, 1)),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Border = Border.orZeros border,
                Dilation = defaultArg dilation (Size (1, 1)),
                Groups = defaultArg groups 1,
                Bias = defaultArg bias true
            )
        )

    /// A convolution whose weights are not shared: every place of the output has filters and biases of its own, so that
    /// it can be asked what sharing them is worth: `locallyConnected (16, 3, pad = Same)`.
    static member locallyConnected
        (filters: int, kernel: Size, ?name: string, ?stride: Size, ?pad: Pad, ?bias: bool)
        : Pipeline -> Pipeline =
        let pad = defaultArg pad Valid

        Stages.Add (
            name,
            LocallyConnected2d (
                filters,
                kernel,
                Stride = defaultArg stride (Size (1, 1)),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Bias = defaultArg bias true
            )
        )

    /// Convolution of signals (C, L) with so many filters and a kernel of a length: `conv1d (16, 5, pad = Same)`; of a pad of
    /// two axes, left and right count: `conv1d (16, 5, pad = pads (0, 0, 4, 0))` sees no future.
    static member conv1d
        (
            filters: int,
            kernel: int,
            ?name: string,
            ?stride: int,
            ?pad: Pad,
            ?border: Border,
            ?dilation: int,
            ?groups: int,
            ?bias: bool
        ) : Pipeline -> Pipeline =
        Stages.Add (
            name,
            Conv1d (
                filters,
                kernel,
                Stride = defaultArg stride 1,
                Padding = (defaultArg pad Valid).Horizontal,
                Border = Border.orZeros border,
                Dilation = defaultArg dilation 1,
                Groups = defaultArg groups 1,
                Bias = defaultArg bias true
            )
        )

    /// Transposed convolution with so many filters: every pixel adds its multiple of the kernel to the output, a stride apart;
    /// `pad` is what is then taken away: `convTranspose (64, 2, stride = 2)` doubles height and width, as does
    /// `convTranspose (64, 3, stride = 2, pad = Same)`. PyTorch's `output_padding` is `outputPad`.
    static member convTranspose
        (
            filters: int,
            kernel: Size,
            ?name: string,
            ?stride: Size,
            ?pad: Pad,
            ?outputPad: Size,
            ?dilation: Size,
            ?groups: int,
            ?bias: bool
        ) : Pipeline -> Pipeline =
        let pad = defaultArg pad Valid

        Stages.Add (
            name,
            ConvTranspose2d (
                filters,
                kernel,
                Stride = defaultArg stride (Size (1, 1)),
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                OutputPadding = defaultArg outputPad (Size (0, 0)),
                Dilation = defaultArg dilation (Size (1, 1)),
                Groups = defaultArg groups 1,
                Bias = defaultArg bias true
            )
        )

    /// Transposed convolution of signals (C, L): `convTranspose1d (16, 4, stride = 2, pad = 1)` doubles the length.
    static member convTranspose1d
        (
            filters: int,
            kernel: int,
            ?name: string,
            ?stride: int,
            ?pad: Pad,
            ?outputPad: int,
            ?dilation: int,
            ?groups: int,
            ?bias: bool
        ) : Pipeline -> Pipeline =
        Stages.Add (
            name,
            ConvTranspose1d (
                filters,
                kernel,
                Stride = defaultArg stride 1,
                Padding = (defaultArg pad Valid).Horizontal,
                OutputPadding = defaultArg outputPad 0,
                Dilation = defaultArg dilation 1,
                Groups = defaultArg groups 1,
                Bias = defaultArg bias true
            )
        )

    /// Pixels around an image: `pad 2`, `pad (pads (0, 1, 0, 1))`, `pad (3, border = Reflect)`. Zeros unless a border is said;
    /// negative numbers crop.
    static member pad (pixels: Pad, ?name: string, ?border: Border) : Pipeline -> Pipeline =
        Stages.Add (name, Pad2d (pixels.Vertical, pixels.Horizontal, Border = Border.orZeros border))

    /// Positions before and after a signal (C, L): `pad1d 2`, `pad1d (pads (0, 0, 4, 0), border = Replicate)`, of which left
    /// and right count.
    static member pad1d (positions: Pad, ?name: string, ?border: Border) : Pipeline -> Pipeline =
        Stages.Add (name, Pad1d (positions.Horizontal, Border = Border.orZeros border))

    /// A fully connected layer: `dense 128`. It takes vectors: put flatten or globalAvgPool >> flatten before it.
    static member dense (outputs: int, ?name: string, ?bias: bool) : Pipeline -> Pipeline =
        Stages.Add (name, Dense (outputs, Bias = defaultArg bias true))

    /// Batch normalisation with options: the share of a batch's statistics in the running ones (0.1 unless said), what is
    /// added to the variance (1e-5), and whether there are a scale and a shift to train: `batchNormWith (momentum = 0.01)`.
    static member batchNormWith (?name: string, ?momentum: float, ?eps: float, ?affine: bool) : Pipeline -> Pipeline =
        Stages.Add (
            name,
            BatchNorm (
                Momentum = defaultArg momentum 0.1,
                Epsilon = defaultArg eps 1e-5,
                Affine = defaultArg affine true
            )
        )

    /// Group normalisation (Wu and He, 2018): the channels of every image in so many groups, which must divide them, each by
    /// its own mean and deviation: `groupNorm 8`, `groupNorm (8, eps = 1e-6, affine = false)`.
    static member groupNorm (groups: int, ?name: string, ?eps: float, ?affine: bool) : Pipeline -> Pipeline =
        Stages.Add (name, GroupNorm (groups, Epsilon = defaultArg eps 1e-5, Affine = defaultArg affine true))

    /// Layer normalisation with options: how many of the last axes are taken together (all unless said), what is added to
    /// the variance, and whether there are a scale and a shift: `layerNormWith (axes = 1)`.
    static member layerNormWith (?name: string, ?axes: int, ?eps: float, ?affine: bool) : Pipeline -> Pipeline =
        Stages.Add (
            name,
            LayerNorm (Axes = defaultArg axes 0, Epsilon = defaultArg eps 1e-5, Affine = defaultArg affine true)
        )

    /// Layer normalisation of the channels of each pixel, with options: `channelNormWith (eps = 1e-6)`.
    static member channelNormWith (?name: string, ?eps: float, ?affine: bool) : Pipeline -> Pipeline =
        Stages.Add (name, LayerNorm (OfChannels = true, Epsilon = defaultArg eps 1e-5, Affine = defaultArg affine true))

    /// Instance normalisation with options: whether there are a scale and a shift, whether running statistics are kept for
    /// evaluation (PyTorch's track_running_stats), the share of a batch in them, and what is added to the variance.
    static member instanceNormWith
        (?name: string, ?affine: bool, ?track: bool, ?momentum: float, ?eps: float)
        : Pipeline -> Pipeline =
        Stages.Add (
            name,
            InstanceNorm (
                Affine = defaultArg affine false,
                Track = defaultArg track false,
                Momentum = defaultArg momentum 0.1,
                Epsilon = defaultArg eps 1e-5
            )
        )

    /// x above 0, weight * x below, with weights that are learned: `preluWith (perChannel = true)`.
    static member preluWith (?name: string, ?perChannel: bool) : Pipeline -> Pipeline =
        Stages.Add (name, Prelu (PerChannel = defaultArg perChannel false))

    /// In training, drops what comes in as a whole with a probability, for each image by itself or for the whole batch, and
    /// divides it by what is left of 1 otherwise. It ends a residual's body: `residual (block >> stochasticDepth 0.2)`.
    static member stochasticDepth (rate: float, ?name: string, ?wholeBatch: bool) : Pipeline -> Pipeline =
        Stages.Add (name, StochasticDepth (rate, WholeBatch = defaultArg wholeBatch false))

    /// The maximum of each window: `maxPool 2`, `maxPool (3, stride = 2, pad = 1)`. Windows lie side by side unless a
    /// stride is said; padding never wins.
    static member maxPool
        (size: Size, ?name: string, ?stride: Size, ?pad: Pad, ?dilation: Size, ?ceil: bool)
        : Pipeline -> Pipeline =
        let pad = defaultArg pad Valid

        Stages.Add (
            name,
            MaxPool2d (
                size,
                Stride = defaultArg stride size,
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Dilation = defaultArg dilation (Size (1, 1)),
                Ceil = defaultArg ceil false
            )
        )

    /// The mean of each window: `avgPool 2`. Padding counts as zeros unless countPad = false; a divisor, where it is given, takes
    /// the place of the window's number of elements.
    static member avgPool
        (size: Size, ?name: string, ?stride: Size, ?pad: Pad, ?ceil: bool, ?countPad: bool, ?divisor: int)
        : Pipeline -> Pipeline =
        let pad = defaultArg pad Valid

        Stages.Add (
            name,
            AvgPool2d (
                size,
                Stride = defaultArg stride size,
                Vertical = pad.Vertical,
                Horizontal = pad.Horizontal,
                Ceil = defaultArg ceil false,
                CountPadding = defaultArg countPad true,
                Divisor = Option.toNullable divisor
            )
        )

    /// The maximum of each window of a signal (C, L): `maxPool1d 2`.
    static member maxPool1d
        (size: int, ?name: string, ?stride: int, ?pad: Pad, ?dilation: int, ?ceil: bool)
        : Pipeline -> Pipeline =
        Stages.Add (
            name,
            MaxPool1d (
                size,
                Stride = defaultArg stride size,
                Padding = (defaultArg pad Valid).Horizontal,
                Dilation = defaultArg dilation 1,
                Ceil = defaultArg ceil false
            )
        )

    /// The mean of each window of a signal (C, L): `avgPool1d 4`. Padding counts as zeros unless countPad = false.
    static member avgPool1d
        (size: int, ?name: string, ?stride: int, ?pad: Pad, ?ceil: bool, ?countPad: bool)
        : Pipeline -> Pipeline =
        Stages.Add (
            name,
            AvgPool1d (
                size,
                Stride = defaultArg stride size,
                Padding = (defaultArg pad Valid).Horizontal,
                Ceil = defaultArg ceil false,
                CountPadding = defaultArg countPad true
            )
        )

    /// The p-norm of each window, the p-th root of the sum of p-th powers: `lpPool (2.0, 3, stride = 2)`.
    static member lpPool (norm: float, size: Size, ?name: string, ?stride: Size, ?ceil: bool) : Pipeline -> Pipeline =
        Stages.Add (name, LpPool2d (norm, size, Stride = defaultArg stride size, Ceil = defaultArg ceil false))

    /// The p-norm of each window of a signal (C, L): `lpPool1d (2.0, 3, stride = 2)`.
    static member lpPool1d (norm: float, size: int, ?name: string, ?stride: int, ?ceil: bool) : Pipeline -> Pipeline =
        Stages.Add (name, LpPool1d (norm, size, Stride = defaultArg stride size, Ceil = defaultArg ceil false))

    /// Values back to where a max pool of the network found its maxima, with zeros elsewhere, as in SegNet's decoder:
    /// `... |> maxPool (2, name = "pool1") |> ... |> maxUnpool "pool1"`. The pool is named as in the table, or as the block
    /// that it is in; its windows must not overlap, and the running shape must be the one that it gave.
    static member maxUnpool (pool: string) : Pipeline -> Pipeline = Stages.Add (None, MaxUnpool2d pool)

    /// As `maxUnpool`, of signals (C, L): `... |> maxPool1d (2, name = "pool1") |> ... |> maxUnpool1d "pool1"`.
    static member maxUnpool1d (pool: string) : Pipeline -> Pipeline = Stages.Add (None, MaxUnpool1d pool)

    /// The mean of windows that give an output of a size, whatever the input's: `adaptiveAvgPool 7`.
    static member adaptiveAvgPool (size: Size) : Pipeline -> Pipeline = Stages.Add (None, AdaptivePool2d (size, false))

    /// The maximum of windows that give an output of a size, whatever the input's: `adaptiveMaxPool (3, 5)`.
    static member adaptiveMaxPool (size: Size) : Pipeline -> Pipeline = Stages.Add (None, AdaptivePool2d (size, true))

    /// Channels of zeros before and after an image's own, for a shortcut without weights: `padChannels (8, 8)`.
    static member padChannels (before: int, after: int) : Pipeline -> Pipeline =
        Stages.Add (None, PadChannels (before, after))

    /// The mean of windows that give a signal of a length, whatever the input's: `adaptiveAvgPool1d 7`.
    static member adaptiveAvgPool1d (length: int) : Pipeline -> Pipeline =
        Stages.Add (None, AdaptivePool1d (length, false))

    /// The maximum of windows that give a signal of a length, whatever the input's: `adaptiveMaxPool1d 7`.
    static member adaptiveMaxPool1d (length: int) : Pipeline -> Pipeline =
        Stages.Add (None, AdaptivePool1d (length, true))

    /// Enlarges images by a whole factor: `upsample 2` copies pixels, `upsample (2, mode = Bilinear)` interpolates, and with
    /// `alignCorners = true` the outermost pixels of input and output fall on each other.
    static member upsample
        (factor: Size, ?name: string, ?mode: Interpolation, ?alignCorners: bool)
        : Pipeline -> Pipeline =
        Stages.Add (
            name,
            Upsample (factor, Bilinear = (mode = Some Bilinear), AlignCorners = defaultArg alignCorners false)
        )

/// Stages made of stages.
[<AutoOpen; AbstractClass; Sealed>]
type Compositions =

    /// Adds what a block makes of its input to the input itself, or to what a shortcut makes of it where shapes differ:
    /// `residual (conv (64, 3, pad = Same) >> relu)`, `residual (block, shortcut = conv (128, 1, stride = 2))`.
    static member residual (block: Pipeline -> Pipeline, ?shortcut: Pipeline -> Pipeline) : Pipeline -> Pipeline =
        fun pipeline ->
            let around =
                shortcut
                |> Option.map (fun shortcut -> Pipeline.stagesOf shortcut pipeline)
                |> Option.defaultValue []

            pipeline |> Pipeline.add (Residual (Pipeline.stagesOf block pipeline, around))

    static member private Branches (branches: (Pipeline -> Pipeline) list, join) =
        fun pipeline ->
            let made = branches |> List.map (fun branch -> Pipeline.stagesOf branch pipeline)
            pipeline |> Pipeline.add (Parallel (made, join))

    /// What each branch makes of the same input, side by side along the channels: `concat [ conv (8, 1); conv (8, 3, pad = Same) ]`.
    /// `id` is the input itself.
    static member concat (branches: (Pipeline -> Pipeline) list) : Pipeline -> Pipeline =
        Compositions.Branches (branches, Join.Concat)

    /// What a block makes of its input, behind the input itself, along the channels: the long way of a U-Net beside the
    /// short one.
    static member skipConnection (block: Pipeline -> Pipeline) : Pipeline -> Pipeline =
        Compositions.Branches ([ id; block ], Join.Concat)

    /// What each branch makes of the same input, added up.
    static member sumOf (branches: (Pipeline -> Pipeline) list) : Pipeline -> Pipeline =
        Compositions.Branches (branches, Join.Sum)

    /// The input, each channel times the factor that a block makes for it of the same input: one for each channel.
    static member gated (block: Pipeline -> Pipeline) : Pipeline -> Pipeline =
        fun pipeline -> pipeline |> Pipeline.add (Gated (Pipeline.stagesOf block pipeline))

    /// Squeeze and excitation (Hu, Shen and Sun, 2018): each channel times what two 1×1 convolutions, through so many times
    /// fewer channels, make of the channels' means: `squeezeExcite 16`.
    static member squeezeExcite (reduction: int) : Pipeline -> Pipeline =
        fun pipeline ->
            let channels =
                match pipeline.Shape with
                | Ok shape when shape.Rank > 0 -> shape[0]
                | _ -> 1

            let fewer = max 1 (channels / max 1 reduction)

            pipeline
            |> Compositions.gated (globalAvgPool >> conv (fewer, 1) >> relu >> conv (channels, 1) >> sigmoid)

    /// A block so many times over, each time with weights of its own: `repeat 3 (conv (64, 3, pad = Same) >> relu)`.
    static member repeat (times: int) : (Pipeline -> Pipeline) -> Pipeline -> Pipeline =
        fun block -> Pipeline.sequential (List.replicate times block)

    /// A block whose layers' names, and so its parameters', begin with a name.
    static member named (name: string) : (Pipeline -> Pipeline) -> Pipeline -> Pipeline =
        fun block pipeline -> pipeline |> Pipeline.add (Named (name, Pipeline.stagesOf block pipeline))

    /// A block that `Pipeline.replace`, `Pipeline.upTo` and the like find by a tag; unlike `named`, it changes no name.
    static member tag (tag: string) : (Pipeline -> Pipeline) -> Pipeline -> Pipeline =
        fun block pipeline -> pipeline |> Pipeline.add (Tagged (tag, Pipeline.stagesOf block pipeline))

    /// A block whose weights are those of every other use of the key.
    static member shared (key: string) : (Pipeline -> Pipeline) -> Pipeline -> Pipeline =
        fun block pipeline -> pipeline |> Pipeline.add (Shared (key, Pipeline.stagesOf block pipeline))

    /// A block whose parameters do not train.
    static member frozen (block: Pipeline -> Pipeline) : Pipeline -> Pipeline =
        fun pipeline -> pipeline |> Pipeline.add (Frozen (Pipeline.stagesOf block pipeline))

    /// A block of whose parameters only biases, and the shifts of normalisations, train: weights stay as they are, and
    /// normalisations go on with their statistics.
    static member biasesOnly (block: Pipeline -> Pipeline) : Pipeline -> Pipeline =
        fun pipeline -> pipeline |> Pipeline.add (BiasesOnly (Pipeline.stagesOf block pipeline))

    /// A list of stages as one.
    static member sequential (blocks: (Pipeline -> Pipeline) list) : Pipeline -> Pipeline = Pipeline.sequential blocks
