using System.Numerics;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>A loss that a script defines on tensors. It sees float32, also when the witness asks.</summary>
internal sealed class CustomLoss : Loss
{
    private readonly Func<Tensor, Targets, Tuple<double, Tensor>> compute;

    public CustomLoss(string name, Func<Tensor, Targets, Tuple<double, Tensor>> compute)
        : base(name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(compute);
        this.compute = compute;
    }

    public override string ToString() => Name;

    private protected override double Compute<T>(ReadOnlySpan<T> outputs, Shape shape, Targets targets, Span<T> gradient)
    {
        Tensor copy = Tensor.Zeros(shape);
        for (int i = 0; i < outputs.Length; i++)
        {
            copy.Values[i] = float.CreateTruncating(outputs[i]);
        }

        (double loss, Tensor slopes) = compute(copy, targets);
        if (gradient.IsEmpty)
        {
            return loss;
        }

        if (slopes is null || slopes.Shape != shape)
        {
            throw new ShapeException(Name, $"expected a gradient shaped like the outputs {shape}, got {slopes?.Shape.ToString() ?? "none"}", "return the loss and a tensor shaped like the outputs");
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            gradient[i] = T.CreateTruncating(slopes.Values[i]);
        }

        return loss;
    }
}
