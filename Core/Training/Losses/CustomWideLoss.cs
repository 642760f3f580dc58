using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Training;

/// <summary>A loss that a script defines in double precision: it sees all digits of the witness's outputs.</summary>
internal sealed class CustomWideLoss : Loss
{
    private readonly Func<double[], Shape, Targets, Tuple<double, double[]>> compute;

    public CustomWideLoss(string name, Func<double[], Shape, Targets, Tuple<double, double[]>> compute)
        : base(name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(compute);
        this.compute = compute;
    }

    public override string ToString() => Name;

    private protected override double Compute<T>(ReadOnlySpan<T> outputs, Shape shape, Targets targets, Span<T> gradient)
    {
        double[] copy = new double[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            copy[i] = double.CreateTruncating(outputs[i]);
        }

        (double loss, double[] slopes) = compute(copy, shape, targets);
        if (gradient.IsEmpty)
        {
            return loss;
        }

        if (slopes is null || slopes.Length != outputs.Length)
        {
            throw new ShapeException(Name, $"expected a gradient of {outputs.Length:N0} elements like the outputs {shape}, got {(slopes is null ? "none" : $"{slopes.Length:N0}")}", "return the loss and as many slopes as there are outputs");
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            gradient[i] = T.CreateTruncating(slopes[i]);
        }

        return loss;
    }
}
