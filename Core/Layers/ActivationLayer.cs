using System.Globalization;
using Fovea.Core.Dispatch;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>An element-wise function of every element.</summary>
/// <param name="Function">Which one.</param>
public sealed record ActivationLayer(ActivationFunction Function) : Layer
{
    /// <summary>max(0, x).</summary>
    public static ActivationLayer Relu { get; } = new(ActivationKind.Relu);

    /// <summary>1 / (1 + exp(−x)).</summary>
    public static ActivationLayer Sigmoid { get; } = new(ActivationKind.Sigmoid);

    /// <summary>The hyperbolic tangent.</summary>
    public static ActivationLayer Tanh { get; } = new(ActivationKind.Tanh);

    /// <summary>min(max(0, x), 6).</summary>
    public static ActivationLayer Relu6 { get; } = new(ActivationKind.Relu6);

    /// <summary>ELU with the α and the factor that keep mean 0 and variance 1.</summary>
    public static ActivationLayer Selu { get; } = new(ActivationKind.Selu);

    /// <summary>x·Φ(x), Φ the normal distribution.</summary>
    public static ActivationLayer Gelu { get; } = new(ActivationKind.Gelu);

    /// <summary>GELU's approximation by a hyperbolic tangent.</summary>
    public static ActivationLayer GeluTanh { get; } = new(ActivationKind.GeluTanh);

    /// <summary>x·σ(x).</summary>
    public static ActivationLayer Silu { get; } = new(ActivationKind.Silu);

    /// <summary>x·tanh(ln(1 + exp(x))).</summary>
    public static ActivationLayer Mish { get; } = new(ActivationKind.Mish);

    /// <summary>min(max(0, x + 3), 6) / 6.</summary>
    public static ActivationLayer HardSigmoid { get; } = new(ActivationKind.HardSigmoid);

    /// <summary>x·min(max(0, x + 3), 6) / 6.</summary>
    public static ActivationLayer HardSwish { get; } = new(ActivationKind.HardSwish);

    /// <summary>min(max(−1, x), 1).</summary>
    public static ActivationLayer HardTanh { get; } = new(ActivationKind.HardTanh);

    /// <summary>ln(1 + exp(x)).</summary>
    public static ActivationLayer Softplus { get; } = new(ActivationKind.Softplus);

    /// <summary>x / (1 + |x|).</summary>
    public static ActivationLayer Softsign { get; } = new(ActivationKind.Softsign);

    /// <summary>−ln(1 + exp(−x)).</summary>
    public static ActivationLayer LogSigmoid { get; } = new(ActivationKind.LogSigmoid);

    /// <summary>The functions that have no number.</summary>
    public static IReadOnlyList<ActivationLayer> WithoutNumber { get; } =
        [.. Enum.GetValues<ActivationKind>().Where(kind => !ActivationFunction.HasNumber(kind)).Select(kind => new ActivationLayer(kind))];

    /// <summary>The function's number: a leaky ReLU's slope, an ELU's or a CELU's α; null where it has none.</summary>
    public double? Number => ActivationFunction.HasNumber(Function.Kind) ? Function.Number : null;

    /// <inheritdoc/>
    public override string Kind => Function.Name;

    /// <summary>x above 0, slope·x below; PyTorch's slope is 0.01.</summary>
    public static ActivationLayer LeakyRelu(double slope) => new(new ActivationFunction(ActivationKind.LeakyRelu, slope));

    /// <summary>x above 0, α·(exp(x) − 1) below; PyTorch's α is 1.</summary>
    public static ActivationLayer Elu(double alpha) => new(new ActivationFunction(ActivationKind.Elu, alpha));

    /// <summary>x above 0, α·(exp(x/α) − 1) below; PyTorch's α is 1, and 0 is refused.</summary>
    public static ActivationLayer Celu(double alpha) => new(new ActivationFunction(ActivationKind.Celu, alpha));

    /// <inheritdoc/>
    public override Node Resolve(Shape input) =>
        Function is { Kind: ActivationKind.Celu, Number: 0 }
            ? throw new ShapeException(ToString(), "alpha is divided by and cannot be 0", "PyTorch's is 1")
            : new ActivationNode(Function, input);

    /// <inheritdoc/>
    protected override string Describe() => Number is { } number ? string.Create(CultureInfo.InvariantCulture, $"{Kind} {number}") : Kind;
}
