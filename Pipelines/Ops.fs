namespace Fovea

open Fovea.Core.Operations

/// An algorithm that can run a convolution of given sizes.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Algorithm = {
    /// Forward, BackwardInput or BackwardWeights.
    Pass: string
    /// The name by which it is asked for.
    Name: string
    /// Whether it multiplies what the definition multiplies: Winograd's and Fourier's do not, and round more.
    IsExact: bool
    /// Estimated cycles of one core for one image.
    Cycles: float
    /// Whether it is the one that is taken where none is named.
    IsChosen: bool
} with

    override this.ToString () =
        string (ConvolutionAlgorithm (this.Pass, this.Name, this.IsExact, this.Cycles, this.IsChosen))

    /// What the REPL prints.
    member this.Display = this.ToString ()

/// The gradients of a convolution or a dense layer, each in the shape of what it belongs to.
[<RequireQualifiedAccess>]
type WeightGradients = {
    /// With respect to the input.
    Input: Tensor
    /// With respect to the weights, summed over the batch.
    Weights: Tensor
    /// With respect to the bias, whether there was one or not.
    Bias: Tensor
}

/// What single images are made to before an operation on batches, and back again.
module private Lift =

    /// (H, W) and (C, H, W) as a batch of one.
    let rec batch (image: Tensor) = if image.Rank = 2 || image.Rank = 3 then batch (image.Unsqueeze 0) else image

    /// A result without the axes that `batch` put in front.
    let unbatch (image: Tensor) (result: Tensor) =
        match image.Rank with
        | 2 -> result.Squeeze(0).Squeeze 0
        | 3 -> result.Squeeze 0
        | _ -> result

    let private isMatrix (w: Tensor) = w.Rank = 2

    /// A filter (R, S) filters every channel by itself: as many filters of one channel, in as many groups.
    let weights (batch: Tensor) (w: Tensor) groups =
        if isMatrix w && batch.Rank = 4 then
            let channels = batch.Shape[1]
            Tensor.stack (List.replicate channels (w.Unsqueeze 0)), channels
        else
            w, groups

    /// The result of filters over an image: (H, W) has one channel, which filters of channels make many of.
    let unfiltered (image: Tensor) (w: Tensor) (result: Tensor) =
        if image.Rank = 2 && not (isMatrix w) then result.Squeeze 0 else unbatch image result

    /// The gradient of a filter is the sum of those of its copies.
    let unweights (w: Tensor) (gradient: Tensor) = if isMatrix w then gradient.Sum(0).Squeeze 0 else gradient

/// Single operations on tensors, for the REPL. Images are batches (N, C, H, W), one image (C, H, W) or one channel
/// (H, W), and results are alike. Filters are (filters, channels / groups, height, width); one matrix (R, S) filters every
/// channel by itself. Sizes, padding and strides are as in the stages; an algorithm may be named (`Ops.algorithms` lists
/// them), or asked to be exact, which leaves Winograd's and Fourier's out.
[<AbstractClass; Sealed>]
type Ops =

    static member private Convolution (stride, pad, border, dilation, groups, algorithm, exact) =
        let pad = defaultArg pad Valid

        ConvolutionOptions (
            Stride = defaultArg stride (Size (1, 1)),
            Dilation = defaultArg dilation (Size (1, 1)),
            Vertical = pad.Vertical,
            Horizontal = pad.Horizontal,
            Border = Border.orZeros border,
            Groups = groups,
            Algorithm = Option.toObj algorithm,
            Exact = defaultArg exact false
        )

    static member private Pool (size, stride, pad, dilation, ceil, countPad, divisor, algorithm) =
        let pad = defaultArg pad Valid

        PoolOptions (
            size,
            Stride = defaultArg stride size,
            Dilation = defaultArg dilation (Size (1, 1)),
            Vertical = pad.Vertical,
            Horizontal = pad.Horizontal,
            Ceil = defaultArg ceil false,
            CountPadding = defaultArg countPad true,
            Divisor = Option.toNullable divisor,
            Algorithm = Option.toObj algorithm
        )

    // ---- Convolution ----

    /// Images convolved with filters (cross-correlation): `Ops.convolve2d (image, Filters.sobelX)`,
    /// `Ops.convolve2d (images, filters, stride = 2, pad = 1)`. The padding is of zeros unless a border is said. Raises a ShapeException where shapes do not fit.
    static member convolve2d
        (
            image: Tensor,
            filters: Tensor,
            ?bias: Tensor,
            ?stride: Size,
            ?pad: Pad,
            ?border: Border,
            ?dilation: Size,
            ?groups: int,
            ?algorithm: string,
            ?exact: bool
        ) : Tensor =
        let x = Lift.batch image
        let w, groups = Lift.weights x filters (defaultArg groups 1)
        let options = Ops.Convolution (stride, pad, border, dilation, groups, algorithm, exact)

        Convolution.Forward (x, w, Option.toObj bias, options) |> Lift.unfiltered image filters

    /// The gradients of `convolve2d` with the same arguments, from the gradient of its result.
    static member convolve2dGradients
        (
            image: Tensor,
            filters: Tensor,
            resultGradient: Tensor,
            ?stride: Size,
            ?pad: Pad,
            ?border: Border,
            ?dilation: Size,
            ?groups: int,
            ?algorithm: string,
            ?exact: bool
        ) : WeightGradients =
        let x = Lift.batch image
        let w, groups = Lift.weights x filters (defaultArg groups 1)
        let dy = Lift.batch resultGradient
        let options = Ops.Convolution (stride, pad, border, dilation, groups, algorithm, exact)

        {
            WeightGradients.Input = Convolution.BackwardInput (x.Shape, w, dy, options) |> Lift.unbatch image
            WeightGradients.Weights = Convolution.BackwardWeights (x, w.Shape, dy, options) |> Lift.unweights filters
            WeightGradients.Bias = Convolution.BackwardBias dy
        }

    /// Signals (length), (C, length) or (N, C, length) convolved with filters (length) or (filters, channels / groups,
    /// length): `Ops.convolve1d (tensor [ 1; 0; 2; 3; 1; 0; 1 ], tensor [ 1; 0; -1 ])`.
    static member convolve1d
        (
            signal: Tensor,
            filters: Tensor,
            ?bias: Tensor,
            ?stride: int,
            ?pad: Pad,
            ?border: Border,
            ?dilation: int,
            ?groups: int,
            ?algorithm: string,
            ?exact: bool
        ) : Tensor =
        // A signal is an image of height 1.
        let along (t: Tensor) = t.Unsqueeze (max 0 (t.Rank - 1))
        let wide (value: int) = Size (1, value)

        Ops.convolve2d (
            along signal,
            along filters,
            ?bias = bias,
            ?stride = Option.map wide stride,
            ?pad = (pad |> Option.map (fun pad -> { pad with Vertical = Valid.Vertical })),
            ?border = border,
            ?dilation = Option.map wide dilation,
            ?groups = groups,
            ?algorithm = algorithm,
            ?exact = exact
        )
        |> _.Squeeze(-2)

    // The shapes of images and weights as batches, and how a transposed window slides.
    static member private Transposed (stride, pad, dilation, groups, algorithm, exact, outputPad) =
        Ops.Convolution (stride, pad, None, dilation, defaultArg groups 1, algorithm, exact),
        defaultArg outputPad (Size (0, 0))

    /// Transposed convolution with weights (channels, filters / groups, height, width): every pixel adds its multiple of the
    /// kernel to the result, a stride apart, and `pad` is what is then taken away:
    /// `Ops.convTranspose2d (image, weights, stride = 2, pad = 1, outputPad = 1)`. An algorithm is one for BackwardInput.
    /// Raises a ShapeException where shapes do not fit.
    static member convTranspose2d
        (
            image: Tensor,
            weights: Tensor,
            ?bias: Tensor,
            ?stride: Size,
            ?pad: Pad,
            ?outputPad: Size,
            ?dilation: Size,
            ?groups: int,
            ?algorithm: string,
            ?exact: bool
        ) : Tensor =
        let options, outputPad = Ops.Transposed (stride, pad, dilation, groups, algorithm, exact, outputPad)

        ConvolutionTranspose.Forward (Lift.batch image, weights, Option.toObj bias, options, outputPad)
        |> fun result -> if image.Rank = 2 then result.Squeeze 0 else Lift.unbatch image result

    /// The gradients of `convTranspose2d` with the same arguments, from the gradient of its result.
    static member convTranspose2dGradients
        (
            image: Tensor,
            weights: Tensor,
            resultGradient: Tensor,
            ?stride: Size,
            ?pad: Pad,
            ?outputPad: Size,
            ?dilation: Size,
            ?groups: int,
            ?exact: bool
        ) : WeightGradients =
        let options, outputPad = Ops.Transposed (stride, pad, dilation, groups, None, exact, outputPad)
        let x = Lift.batch image
        let dy = if resultGradient.Rank = 3 then resultGradient.Unsqueeze 0 else resultGradient

        {
            WeightGradients.Input =
                ConvolutionTranspose.BackwardInput (x.Shape, weights, dy, options, outputPad) |> Lift.unbatch image
            WeightGradients.Weights = ConvolutionTranspose.BackwardWeights (x, weights.Shape, dy, options, outputPad)
            WeightGradients.Bias = ConvolutionTranspose.BackwardBias dy
        }

    /// Pixels around images, or fewer of them where numbers are negative: `Ops.pad (image, 2, border = Reflect)`. Zeros unless a
    /// border is said. Raises a ShapeException where reflection or going round takes more than there is.
    static member pad (image: Tensor, pixels: Pad, ?border: Border) : Tensor =
        ImagePadding.Forward (Lift.batch image, pixels.Vertical, pixels.Horizontal, Border.orZeros border)
        |> Lift.unbatch image

    /// The gradient of `pad` with respect to the image, from the gradient of its result.
    static member padGradient (image: Tensor, resultGradient: Tensor, pixels: Pad, ?border: Border) : Tensor =
        ImagePadding.Backward (
            (Lift.batch image).Shape,
            Lift.batch resultGradient,
            pixels.Vertical,
            pixels.Horizontal,
            Border.orZeros border
        )
        |> Lift.unbatch image

    /// The algorithms that can run a convolution of images and filters of these extents, pass by pass, with their
    /// estimated cost; the ones that are taken where none is named are marked:
    /// `Ops.algorithms ([ 8; 64; 56; 56 ], [ 128; 64; 3; 3 ], pad = 1)`.
    static member algorithms
        (images: int seq, filters: int seq, ?stride: Size, ?pad: Pad, ?dilation: Size, ?groups: int, ?exact: bool)
        : Algorithm list =
        let options = Ops.Convolution (stride, pad, None, dilation, defaultArg groups 1, None, exact)

        Convolution.Algorithms (Shape.Of (Array.ofSeq images), Shape.Of (Array.ofSeq filters), options)
        |> Seq.map (fun a -> {
            Algorithm.Pass = a.Pass
            Algorithm.Name = a.Name
            Algorithm.IsExact = a.IsExact
            Algorithm.Cycles = a.Cycles
            Algorithm.IsChosen = a.IsChosen
        })
        |> List.ofSeq

    // ---- Dense ----

    /// Vectors (N, features) or (features) through weights (outputs, features).
    static member dense (x: Tensor, weights: Tensor, ?bias: Tensor) : Tensor =
        if x.Rank = 1 then
            Dense.Forward(x.Unsqueeze 0, weights, Option.toObj bias).Squeeze 0
        else
            Dense.Forward (x, weights, Option.toObj bias)

    /// The gradients of `dense`, from the gradient of its result.
    static member denseGradients (x: Tensor, weights: Tensor, resultGradient: Tensor) : WeightGradients =
        let row (t: Tensor) = if t.Rank = 1 then t.Unsqueeze 0 else t
        let dy = row resultGradient

        {
            WeightGradients.Input = Dense.BackwardInput(weights, dy).Reshape x.Shape
            WeightGradients.Weights = Dense.BackwardWeights (row x, dy)
            WeightGradients.Bias = Dense.BackwardBias dy
        }

    // ---- Pooling ----

    /// The maximum of each window: `Ops.maxPool (image, 2)`. Padding never wins.
    static member maxPool
        (image: Tensor, size: Size, ?stride: Size, ?pad: Pad, ?dilation: Size, ?ceil: bool, ?algorithm: string)
        : Tensor =
        MaxPool.Forward (Lift.batch image, Ops.Pool (size, stride, pad, dilation, ceil, None, None, algorithm))
        |> Lift.unbatch image

    /// The gradient of `maxPool` with respect to the image, from the gradient of its result.
    static member maxPoolGradient
        (
            image: Tensor,
            resultGradient: Tensor,
            size: Size,
            ?stride: Size,
            ?pad: Pad,
            ?dilation: Size,
            ?ceil: bool,
            ?algorithm: string
        ) : Tensor =
        let options = Ops.Pool (size, stride, pad, dilation, ceil, None, None, algorithm)

        MaxPool.Backward (Lift.batch image, Lift.batch resultGradient, options) |> Lift.unbatch image

    /// The mean of each window: `Ops.avgPool (image, 2)`. Padding counts as zeros unless countPad = false; a divisor
    /// takes the place of the window's number of elements.
    static member avgPool
        (
            image: Tensor,
            size: Size,
            ?stride: Size,
            ?pad: Pad,
            ?ceil: bool,
            ?countPad: bool,
            ?divisor: int,
            ?algorithm: string
        ) : Tensor =
        AveragePool.Forward (Lift.batch image, Ops.Pool (size, stride, pad, None, ceil, countPad, divisor, algorithm))
        |> Lift.unbatch image

    /// The gradient of `avgPool` with respect to the image, from the gradient of its result.
    static member avgPoolGradient
        (
            image: Tensor,
            resultGradient: Tensor,
            size: Size,
            ?stride: Size,
            ?pad: Pad,
            ?ceil: bool,
            ?countPad: bool,
            ?divisor: int,
            ?algorithm: string
        ) : Tensor =
        let options = Ops.Pool (size, stride, pad, None, ceil, countPad, divisor, algorithm)

        AveragePool.Backward ((Lift.batch image).Shape, Lift.batch resultGradient, options)
        |> Lift.unbatch image

    /// Where `maxPool` finds its maxima: the number row * width + column of a pixel in its channel, as PyTorch counts.
    static member maxPoolIndices
        (image: Tensor, size: Size, ?stride: Size, ?pad: Pad, ?dilation: Size, ?ceil: bool)
        : Tensor =
        MaxPool.Indices (Lift.batch image, Ops.Pool (size, stride, pad, dilation, ceil, None, None, None))
        |> Lift.unbatch image

    /// Values back to the places that `maxPoolIndices` gave, in images of a size, with zeros elsewhere:
    /// `Ops.maxUnpool (Ops.maxPool (image, 2), Ops.maxPoolIndices (image, 2), (8, 8))`.
    static member maxUnpool (values: Tensor, indices: Tensor, size: Size) : Tensor =
        MaxUnpool.Forward (Lift.batch values, Lift.batch indices, size) |> Lift.unbatch values

    /// The gradient of `maxUnpool` with respect to the values, from the gradient of its result.
    static member maxUnpoolGradient (indices: Tensor, resultGradient: Tensor) : Tensor =
        MaxUnpool.Backward (Lift.batch resultGradient, Lift.batch indices) |> Lift.unbatch indices

    /// The p-norm of each window, the p-th root of the sum of p-th powers: `Ops.lpPool (image, 2.0, 3, stride = 2)`.
    static member lpPool (image: Tensor, norm: float, size: Size, ?stride: Size, ?ceil: bool) : Tensor =
        LpPool.Forward (Lift.batch image, norm, Ops.Pool (size, stride, None, None, ceil, None, None, None))
        |> Lift.unbatch image

    /// The gradient of `lpPool` with respect to the image, from the gradient of its result.
    static member lpPoolGradient
        (image: Tensor, resultGradient: Tensor, norm: float, size: Size, ?stride: Size, ?ceil: bool)
        : Tensor =
        let options = Ops.Pool (size, stride, None, None, ceil, None, None, None)

        LpPool.Backward (Lift.batch image, Lift.batch resultGradient, norm, options) |> Lift.unbatch image

    /// Images brought to a size by copying the nearest pixel, or by interpolating:
    /// `Ops.upsample (image, (64, 64), mode = Bilinear)`. With aligned corners the outermost pixels fall on each other.
    static member upsample (image: Tensor, size: Size, ?mode: Interpolation, ?alignCorners: bool) : Tensor =
        Upsampling.Forward (Lift.batch image, size, (mode = Some Bilinear), defaultArg alignCorners false)
        |> Lift.unbatch image

    /// The gradient of `upsample` with respect to the image, from the gradient of its result.
    static member upsampleGradient
        (image: Tensor, resultGradient: Tensor, ?mode: Interpolation, ?alignCorners: bool)
        : Tensor =
        let dy = Lift.batch resultGradient

        Upsampling.Backward ((Lift.batch image).Shape, dy, (mode = Some Bilinear), defaultArg alignCorners false)
        |> Lift.unbatch image

    // ---- Element by element, and row by row ----

    static member private Function f =
        let layer = activationLayer f
        Activate.Named (layer.Kind, layer.Number)

    /// An element-wise function: `Ops.activation (Tanh, x)`.
    static member activation (f: Activation, x: Tensor) : Tensor = (Ops.Function f).Forward x

    /// The gradient of an element-wise function, from the gradient of its result.
    static member activationGradient (f: Activation, x: Tensor, resultGradient: Tensor) : Tensor =
        (Ops.Function f).Backward(x, resultGradient)

    /// max (0, x), element by element.
    static member relu (x: Tensor) : Tensor = Activate.Relu.Forward x

    /// Softmax along an axis, the last unless it is said: every row sums to 1.
    static member softmax (x: Tensor, ?axis: int) : Tensor = Softmax.Forward (x, defaultArg axis -1)

    /// The gradient of `softmax`, from the gradient of its result.
    static member softmaxGradient (x: Tensor, resultGradient: Tensor, ?axis: int) : Tensor =
        Softmax.Backward (x, resultGradient, defaultArg axis -1)

    /// The logarithm of softmax along an axis, the last unless it is said.
    static member logSoftmax (x: Tensor, ?axis: int) : Tensor = Softmax.LogForward (x, defaultArg axis -1)

    /// The gradient of `logSoftmax`, from the gradient of its result.
    static member logSoftmaxGradient (x: Tensor, resultGradient: Tensor, ?axis: int) : Tensor =
        Softmax.LogBackward (x, resultGradient, defaultArg axis -1)

    /// Every image (N, C, ...) by the mean and deviation of each of so many groups of its channels: `Ops.groupNorm (x, 8)`.
    static member groupNorm (x: Tensor, groups: int, ?scale: Tensor, ?shift: Tensor, ?eps: float) : Tensor =
        Norm.OfGroups (x, groups, Option.toObj scale, Option.toObj shift, defaultArg eps 1e-5)

    /// Every channel of every image (N, C, ...) by its own mean and deviation.
    static member instanceNorm (x: Tensor, ?scale: Tensor, ?shift: Tensor, ?eps: float) : Tensor =
        let channels = if x.Rank < 2 then 1 else x.Shape[1]
        Norm.OfGroups (x, channels, Option.toObj scale, Option.toObj shift, defaultArg eps 1e-5)

    /// Every run of the last axes by its own mean and deviation, the last axis alone unless more are said:
    /// `Ops.layerNorm (x, axes = 3)`.
    static member layerNorm (x: Tensor, ?axes: int, ?scale: Tensor, ?shift: Tensor, ?eps: float) : Tensor =
        Norm.OfLastAxes (x, defaultArg axes 1, Option.toObj scale, Option.toObj shift, defaultArg eps 1e-5)

    /// x * scale + shift with a factor and a term for each channel of (N, C, ...).
    static member affine (x: Tensor, scale: Tensor, ?shift: Tensor) : Tensor =
        Channels.Affine (x, scale, Option.toObj shift)

    /// The sum of each channel of (N, C, ...), over images and pixels.
    static member channelSum (x: Tensor) : Tensor = Channels.Sum x
