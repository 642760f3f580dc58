using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

public static unsafe partial class Convolution
{
    /// <summary>dx, the gradient with respect to the input: the adjoint (transposed) convolution of dy.</summary>
    /// <param name="input">The shape of x, N×C×H×W, which dy alone does not tell.</param>
    /// <param name="w">K×(C/groups)×R×S.</param>
    /// <param name="dy">N×K×P×Q.</param>
    /// <param name="options">As in the forward pass.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentException">There is no algorithm of that name, or it does not run these sizes.</exception>
    public static Tensor BackwardInput(Shape input, Tensor w, Tensor dy, ConvolutionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(w);
        ArgumentNullException.ThrowIfNull(dy);
        options ??= new();
        ConvShape s = Sizes(input, w.Shape, options);
        Ranks.Same("conv", "dy of the output's shape", s.Output, dy.Shape);
        if (options.Border != Border.Zeros)
        {
            Shape padded = ImagePadding.Sizes(input, s.Vertical, s.Horizontal, options.Border).Output;
            return ImagePadding.Backward(input, BackwardInput(padded, w, dy, options.Inside), s.Vertical, s.Horizontal, options.Border, options.Threads);
        }

        ConvolutionBackwardInput algorithm = ConvolutionTables.ChooseBackwardInput(Judged(s), options.Choice);
        bool any = algorithm.TakesAnyLayout;
        ImageBatch from = new(s.N, s.K, s.P * s.Q, any ? Layout.Plain : algorithm.GradientLayout(s));
        ImageBatch to = new(s.N, s.C, s.H * s.W, any ? Layout.Plain : algorithm.InputLayout(s));
        using Buffers buffers = new(options.Threads);
        float* packed = buffers.Take(algorithm.PackedFloats(s)), dx = buffers.Take(to.Floats), scratch = buffers.Scratch(algorithm.ScratchFloats(s));
        algorithm.Pack(s, buffers.In(w), packed, buffers.Workers);
        algorithm.Run(s, buffers.In(dy, from), from.Layout, packed, dx, to.Layout, scratch, buffers.Workers);
        return buffers.Out(dx, to, s.Input);
    }

    /// <summary>dw, the gradient with respect to the weights, summed over the images.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="weights">The shape of w, K×(C/groups)×R×S.</param>
    /// <param name="dy">N×K×P×Q.</param>
    /// <param name="options">As in the forward pass.</param>
    /// <returns>K×(C/groups)×R×S; zero where there are no images.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentException">There is no algorithm of that name, or it does not run these sizes.</exception>
    public static Tensor BackwardWeights(Tensor x, Shape weights, Tensor dy, ConvolutionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(dy);
        options ??= new();
        ConvShape s = Sizes(x.Shape, weights, options);
        Ranks.Same("conv", "dy of the output's shape", s.Output, dy.Shape);
        if (options.Border != Border.Zeros)
        {
            return BackwardWeights(ImagePadding.Forward(x, s.Vertical, s.Horizontal, options.Border, options.Threads), weights, dy, options.Inside);
        }

        ConvolutionBackwardWeights algorithm = ConvolutionTables.ChooseBackwardWeights(Judged(s), options.Choice);
        ImageBatch input = new(s.N, s.C, s.H * s.W, algorithm.ReadsAnyLayout ? Layout.Plain : algorithm.InputLayout(s));
        ImageBatch gradient = new(s.N, s.K, s.P * s.Q, algorithm.ReadsAnyGradient ? Layout.Plain : algorithm.GradientLayout(s));
        using Buffers buffers = new(options.Threads);
        float* dw = buffers.Take(s.WeightCount), shared = buffers.Take(algorithm.SharedFloats(s)), scratch = buffers.Scratch(algorithm.ScratchFloats(s));
        algorithm.Run(s, buffers.In(x, input), input.Layout, buffers.In(dy, gradient), gradient.Layout, dw, shared, scratch, buffers.Workers);
        return buffers.Out(dw, s.Weights);
    }

    /// <summary>db, the gradient with respect to the bias: each filter's sum of dy over images and pixels.</summary>
    /// <param name="dy">N×K×P×Q.</param>
    /// <returns>K.</returns>
    /// <exception cref="ShapeException">dy is no batch of images.</exception>
    public static Tensor BackwardBias(Tensor dy) => Channels.Sum(dy);
}
