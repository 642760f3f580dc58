using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × C × H × W
// w   K × C/groups × R × S
// b   K
// y   N × K × P × Q

/// <summary>
/// Two-dimensional convolution (the field's cross-correlation) of tensors, and its gradients. The algorithm is the
/// cheapest for a batch of <see cref="ConvolutionTables.EvaluationBatch"/> images, however many there are, so that an
/// image's result does not depend on the others; or the one that is named.
/// </summary>
public static unsafe partial class Convolution
{
    /// <summary>y = x ⋆ w, plus b for each filter if it is given.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="w">K×(C/groups)×R×S.</param>
    /// <param name="b">K, or null.</param>
    /// <param name="options">Stride, padding, dilation, groups and algorithm; null for stride 1 and no padding.</param>
    /// <returns>N×K×P×Q.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentException">There is no algorithm of that name, or it does not run these sizes.</exception>
    public static Tensor Forward(Tensor x, Tensor w, Tensor? b = null, ConvolutionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(w);
        options ??= new();
        ConvShape s = Sizes(x.Shape, w.Shape, options);
        if (options.Border != Border.Zeros)
        {
            return Forward(ImagePadding.Forward(x, s.Vertical, s.Horizontal, options.Border, options.Threads), w, b, options.Inside);
        }

        if (b is not null)
        {
            Ranks.Same("conv", "a bias for each filter,", new Shape(s.K), b.Shape);
        }

        ConvolutionForward algorithm = ConvolutionTables.ChooseForward(Judged(s), options.Choice);
        ImageBatch input = new(s.N, s.C, s.H * s.W, algorithm.ReadsAnyLayout ? Layout.Plain : algorithm.InputLayout(s));
        ImageBatch output = new(s.N, s.K, s.P * s.Q, algorithm.WritesAnyLayout ? Layout.Plain : algorithm.OutputLayout(s));
        using Buffers buffers = new(options.Threads);
        float* packed = buffers.Take(algorithm.PackedFloats(s)), y = buffers.Take(output.Floats), scratch = buffers.Scratch(algorithm.ScratchFloats(s));
        algorithm.Pack(s, buffers.In(w), packed, buffers.Workers);
        Epilogue epilogue = new(b is null ? null : buffers.In(b), relu: false);
        algorithm.Run(s, buffers.In(x, input), input.Layout, packed, epilogue, y, output.Layout, scratch, buffers.Workers);
        return buffers.Out(y, output, s.Output);
    }

    /// <summary>The sizes of a convolution of tensors of these shapes.</summary>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static ConvShape Sizes(Shape x, Shape w, ConvolutionOptions? options = null)
    {
        options ??= new();
        Ranks.Images("conv", x);
        ArgumentNullException.ThrowIfNull(w);
        if (w.Rank != 4)
        {
            throw new ShapeException("conv", $"expected 4D weights (filters, channels, height, width), got {w}", w.Rank == 3 ? $"for one filter: {w.Prepend(1)}" : "reshape them");
        }

        if (options.Groups >= 1 && w[1] * options.Groups != x[1])
        {
            string groups = options.Groups == 1 ? "" : $" in each of {options.Groups} groups";
            throw new ShapeException("conv", $"weights {w} see {w[1]} channels{groups}, the input {x} has {x[1]}", "weights are (filters, channels / groups, height, width)");
        }

        return new ConvShape(
            x[0],
            x[1],
            x[2],
            x[3],
            w[0],
            options.Vertical.Resolve(x[2], w[2], options.Stride.Height, options.Dilation.Height),
            options.Horizontal.Resolve(x[3], w[3], options.Stride.Width, options.Dilation.Width),
            options.Groups);
    }

    private static ConvShape Judged(ConvShape s) => s.WithBatch(ConvolutionTables.EvaluationBatch);
}
