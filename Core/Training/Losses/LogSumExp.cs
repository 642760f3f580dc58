using System.Numerics;

namespace Fovea.Core.Training;

/// <summary>
/// log Σ exp x over the class axis, with the largest x taken out first so that nothing overflows; and from it the
/// log-probabilities x − log Σ exp x of softmax. Kept as two numbers, because their sum would round a small logarithm away.
/// </summary>
internal readonly struct LogSumExp
{
    private readonly double largest;
    private readonly double logarithm;

    private LogSumExp(double largest, double logarithm)
    {
        this.largest = largest;
        this.logarithm = logarithm;
    }

    /// <summary>Of <paramref name="classes"/> values, <paramref name="stride"/> apart.</summary>
    public static LogSumExp Of<T>(ReadOnlySpan<T> x, int first, int stride, int classes)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double largest = double.NegativeInfinity;
        for (int k = 0; k < classes; k++)
        {
            largest = Math.Max(largest, double.CreateTruncating(x[first + (k * stride)])); // NaN wins, as it should.
        }

        double sum = 0;
        for (int k = 0; k < classes; k++)
        {
            sum += Math.Exp(double.CreateTruncating(x[first + (k * stride)]) - largest);
        }

        return new(largest, Math.Log(sum));
    }

    /// <summary>log softmax at a class whose logit is x.</summary>
    public double LogProbability(double x) => x - largest - logarithm;
}
