using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Channels of zeros before and after an image's own: C×H×W to (before + C + after)×H×W. It widens a residual's shortcut
/// without weights (He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016, option A).
/// </summary>
/// <param name="Before">Channels before.</param>
/// <param name="After">Channels after.</param>
public sealed record PadChannels(int Before, int After) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "padChannels";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        return Before >= 0 && After >= 0 && (long)Before + After + input[0] < 1 << 20
            ? new PadChannelsNode(input, Before, After)
            : throw new ShapeException(ToString(), $"cannot put {Before} channels before and {After} after {input}", "use 0 or more");
    }

    /// <inheritdoc/>
    protected override string Describe() => $"padChannels {Before}, {After}";
}
