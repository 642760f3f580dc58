using System.Globalization;

namespace Fovea.Core.Training;

/// <summary>A weighted mean of numbers that come one after the other, such as a loss over the batches of an epoch.</summary>
public sealed class RunningMean
{
    private double sum;

    /// <summary>The weights so far, added up.</summary>
    public double Weight { get; private set; }

    /// <summary>The mean; NaN when nothing was added.</summary>
    public double Value => sum / Weight;

    /// <summary>Adds a number.</summary>
    /// <param name="value">The number; NaN makes the mean NaN.</param>
    /// <param name="weight">How much it counts: for a batch's mean loss, its images. One that counts 0 is left out.</param>
    public void Add(double value, double weight = 1)
    {
        Check.NotNegative("running mean", nameof(weight), weight);
        if (weight > 0)
        {
            sum += value * weight;
            Weight += weight;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Reset() => (sum, Weight) = (0, 0);

    /// <summary>The mean in four digits.</summary>
    public override string ToString() => Value.ToString("G4", CultureInfo.InvariantCulture);
}
