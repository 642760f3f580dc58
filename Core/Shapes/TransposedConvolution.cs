namespace Fovea.Core.Shapes;

/// <summary>
/// The sizes of a transposed convolution, x N×C×H×W to y N×K×P×Q with weights C×(K/groups)×R×S: those of the convolution
/// whose gradient it is, which takes y's shape to x's.
/// </summary>
public static class TransposedConvolution
{
    // Beyond any image, and far from where sizes overflow.
    private const int MostOutputs = 1 << 28;

    /// <summary>The convolution from y's shape to x's: C filters over K channels of P×Q pixels.</summary>
    /// <param name="input">The shape of x, N×C×H×W.</param>
    /// <param name="filters">K.</param>
    /// <param name="kernel">R×S.</param>
    /// <param name="stride">Output pixels between the windows of neighbouring inputs.</param>
    /// <param name="dilation">Output pixels between taps.</param>
    /// <param name="vertical">
    /// What is taken away above and below: a number of pixels; none; or by a rule, SAME giving H·stride rows.
    /// </param>
    /// <param name="horizontal">What is taken away left and right.</param>
    /// <param name="outputPadding">Rows and columns that are added below and to the right, less than the stride or the dilation.</param>
    /// <param name="groups">Groups of channels that are convolved apart.</param>
    /// <exception cref="ShapeException">The sizes do not fit; the sentence says how to mend them.</exception>
    public static ConvShape Of(Shape input, int filters, Size kernel, Size stride, Size dilation, Padding vertical, Padding horizontal, Size outputPadding, int groups)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (groups < 1 || input[1] % groups != 0 || filters % groups != 0)
        {
            throw new ShapeException("convTranspose", $"{groups} groups must divide the {input[1]} input channels and the {filters} filters", "choose a common divisor");
        }

        (int rows, Window down) = Along("height", input[2], kernel.Height, stride.Height, dilation.Height, vertical, outputPadding.Height);
        (int columns, Window right) = Along("width", input[3], kernel.Width, stride.Width, dilation.Width, horizontal, outputPadding.Width);
        return new ConvShape(input[0], filters, rows, columns, input[1], down, right, groups);
    }

    private static (int Outputs, Window Window) Along(string axis, int length, int kernel, int stride, int dilation, Padding padding, int outputPadding)
    {
        if (kernel < 1 || stride < 1 || dilation < 1)
        {
            throw new ShapeException($"convTranspose: along the {axis}, kernel, stride and dilation must be 1 or more, got kernel {kernel}, stride {stride}, dilation {dilation}");
        }

        if (outputPadding < 0 || outputPadding >= Math.Max(stride, dilation))
        {
            throw new ShapeException("convTranspose", $"along the {axis}, output padding {outputPadding} must be less than the stride {stride} or the dilation {dilation}", $"use {Math.Max(stride, dilation) - 1} at most");
        }

        bool isSame = padding.Rule == PaddingRule.Same;
        if (isSame && outputPadding != 0)
        {
            throw new ShapeException("convTranspose", $"along the {axis}, Same already gives {length} · {stride} positions, got output padding {outputPadding} as well", "leave it away, or say the padding in pixels");
        }

        // A position more at the end is a position less that is taken away there.
        Window window = padding.Resolve(length, kernel, stride, dilation);
        window = window with { High = window.High - outputPadding };
        long outputs = isSame ? (long)length * stride : window.Covered(length);
        return outputs < 1 ? throw new ShapeException("convTranspose", $"along the {axis}, the output of {length} positions would be empty", "use less padding or a larger kernel")
            : outputs > MostOutputs ? throw new ShapeException("convTranspose", $"along the {axis}, the output of {length} positions would have {outputs:N0}", "use a smaller stride or kernel")
            : ((int)outputs, isSame ? padding.Resolve((int)outputs, kernel, stride, dilation) : window);
    }
}
