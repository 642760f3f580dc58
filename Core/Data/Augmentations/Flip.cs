using Fovea.Core.Shapes;

namespace Fovea.Core.Data;

/// <summary>Mirrors left and right, every second time on average.</summary>
public sealed class Flip : Augmentation
{
    /// <inheritdoc/>
    public override string Name => "flip";

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, Span<float> target, Shape image, in Draws draws)
    {
        if (draws.Coin(0))
        {
            ImageMoves.Mirror(source, target, image);
        }
        else
        {
            source.CopyTo(target);
        }
    }
}
