using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Enlarging by whole factors, C×H×W to C×(H·a)×(W·b): each pixel copied, as PyTorch's Upsample with 'nearest', or
/// interpolated between the four around it, as with 'bilinear'.
/// </summary>
/// <param name="Factor">a×b.</param>
public sealed record Upsample(Size Factor) : Layer
{
    /// <summary>Whether pixels are interpolated; otherwise the nearest is copied.</summary>
    public bool Bilinear { get; init; }

    /// <summary>
    /// Whether the outermost pixels of input and output fall on each other in interpolating; otherwise their outer borders do,
    /// as in PyTorch unless one says otherwise.
    /// </summary>
    public bool AlignCorners { get; init; }

    /// <inheritdoc/>
    public override string Kind => "upsample";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        if (Factor.Height < 1 || Factor.Width < 1 || (long)input[1] * Factor.Height > int.MaxValue || (long)input[2] * Factor.Width > int.MaxValue)
        {
            throw new ShapeException(ToString(), $"cannot enlarge {input} by {Factor}", "use small whole factors, such as 2");
        }

        if (AlignCorners && !Bilinear)
        {
            throw new ShapeException(ToString(), "corners are aligned in interpolating only", "ask for Bilinear, or leave alignCorners away");
        }

        ResampledAxis Axis(int length, int factor) =>
            Bilinear ? ResampledAxis.Linear(length, length * factor, AlignCorners) : ResampledAxis.Nearest(length, length * factor);

        AxisReach Reach(int length, int factor) =>
            Bilinear ? AxisReach.Linear(length, length * factor, AlignCorners) : AxisReach.Nearest(length, length * factor);

        return new ResamplingNode(
            "upsample",
            new(1, input[0], Axis(input[1], Factor.Height), Axis(input[2], Factor.Width)),
            new(Reach(input[1], Factor.Height), Reach(input[2], Factor.Width)));
    }

    /// <inheritdoc/>
    protected override string Describe() => $"upsample {Factor}{(Bilinear ? " bilinear" : "")}{(AlignCorners ? " corners aligned" : "")}";
}
