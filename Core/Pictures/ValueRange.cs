using Fovea.Core.Tensors;

namespace Fovea.Core.Pictures;

/// <summary>The numbers that a picture shows, from the darkest to the brightest; what is outside is cut off.</summary>
/// <param name="Low">The number at the colour map's beginning.</param>
/// <param name="High">The number at its end.</param>
public readonly record struct ValueRange(float Low, float High)
{
    /// <summary>From 0 to 1: images as they are read.</summary>
    public static ValueRange Unit => new(0, 1);

    /// <summary>From the smallest to the largest finite number of a tensor; 0 to 1 where there is none.</summary>
    public static ValueRange Of(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (float value in tensor.Values)
        {
            if (float.IsFinite(value))
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }

        return low <= high ? new(low, high) : Unit;
    }

    /// <summary>As far below zero as above it, so that every finite number of the tensor is inside: for diverging colours.</summary>
    public static ValueRange Symmetric(Tensor tensor)
    {
        ValueRange range = Of(tensor);
        float most = Math.Max(Math.Abs(range.Low), Math.Abs(range.High));
        return new(-most, most);
    }

    /// <summary>Where a number stands in the range: 0 at its low end, 1 at its high end; the middle where the range is a point.</summary>
    public float Place(float value) =>
        float.IsNaN(value) ? value
        : High == Low ? 0.5f
        : float.IsInfinity(value) ? (value > 0 ? 1 : 0)
        : (float)(((double)value - Low) / ((double)High - Low));
}
