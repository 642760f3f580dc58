using Fovea.Core.Shapes;

namespace Fovea.Core.Operations;

/// <summary>What operations ask of the shapes that they are given.</summary>
internal static class Ranks
{
    /// <summary>The shape as a batch of images N×C×H×W, or the fault that it is none.</summary>
    public static Shape Images(string where, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Rank == 4
            ? shape
            : throw new ShapeException(
                where,
                $"expected 4D input (batch, channels, height, width), got {shape}",
                shape.Rank == 3 ? $"add the batch dimension: {shape.Prepend(1)}" : "reshape it");
    }

    /// <summary>Fails unless a shape is the expected one.</summary>
    public static void Same(string where, string what, Shape expected, Shape got)
    {
        if (expected != got)
        {
            throw new ShapeException(where, $"expected {what} {expected}, got {got}", "give one of that shape");
        }
    }
}
