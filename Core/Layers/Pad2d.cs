using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Pixels around an image, or fewer of it where the numbers are negative: C×H×W to C×(H + top + bottom)×(W + left + right),
/// as PyTorch's ZeroPad2d, ReflectionPad2d, ReplicationPad2d and CircularPad2d. Reflection takes fewer pixels than the image
/// has, going round no more.
/// </summary>
/// <param name="Vertical">Above and below, in pixels.</param>
/// <param name="Horizontal">Left and right, in pixels.</param>
public sealed record Pad2d(Padding Vertical, Padding Horizontal) : Layer
{
    /// <summary>What stands there.</summary>
    public Border Border { get; init; }

    /// <inheritdoc/>
    public override string Kind => "pad";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        if (Vertical.Rule is PaddingRule.Same or PaddingRule.SameSymmetric || Horizontal.Rule is PaddingRule.Same or PaddingRule.SameSymmetric)
        {
            throw new ShapeException(ToString(), "expected a number of pixels, got a rule that needs a window", "say pad 1, or let the convolution pad");
        }

        Window vertical = Vertical.Resolve(input[1], 1), horizontal = Horizontal.Resolve(input[2], 1);
        return new ResamplingNode("pad", Named(() => Sizes(input, vertical, horizontal, Border)), new Reach(vertical, horizontal));
    }

    /// <summary>The sizes of the padding that windows ask for around an image C×H×W.</summary>
    internal static ResampleShape Sizes(Shape input, Window vertical, Window horizontal, Border border) =>
        new(
            1,
            input[0],
            ResampledAxis.Padded(input[1], vertical.Low, vertical.High, border),
            ResampledAxis.Padded(input[2], horizontal.Low, horizontal.High, border));

    /// <inheritdoc/>
    protected override string Describe()
    {
        string pixels = Vertical == Horizontal ? Pixels(Vertical) : $"{Pixels(Vertical)} × {Pixels(Horizontal)}";
        return Border == Border.Zeros ? $"pad {pixels}" : $"pad {pixels} {WindowText.Name(Border)}";
    }

    // Of an explicit padding, "pad 1" and the like, what follows the name.
    private static string Pixels(Padding padding) => $"{padding}".Replace("pad ", "", StringComparison.Ordinal);
}
