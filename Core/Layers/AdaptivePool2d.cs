using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Pooling to a given size, whatever the input's: output o sees the pixels from ⌊o·H/P⌋ up to ⌈(o + 1)·H/P⌉ along each axis,
/// as in PyTorch. The output may also be larger than the input.
/// </summary>
/// <param name="To">P×Q.</param>
/// <param name="Max">Whether the maximum is wanted, not the mean.</param>
public sealed record AdaptivePool2d(Size To, bool Max) : Layer
{
    /// <inheritdoc/>
    public override string Kind => Max ? "adaptiveMaxPool" : "adaptiveAvgPool";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        if (To.Height < 1 || To.Width < 1)
        {
            throw new ShapeException(ToString(), $"an output of {To} would be empty", "use 1 or more");
        }

        AdaptiveWindow rows = new(input[1], To.Height), columns = new(input[2], To.Width);
        if (!rows.IsEven || !columns.IsEven)
        {
            return new AdaptivePoolingNode(input[0], rows, columns, Max);
        }

        Size kernel = (input[1] / To.Height, input[2] / To.Width);
        return Max ? new MaxPool2d(kernel).Resolve(input) : new AvgPool2d(kernel).Resolve(input);
    }

    /// <inheritdoc/>
    protected override string Describe() => $"{Kind} {To}";
}
