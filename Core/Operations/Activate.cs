using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

/// <summary>An element-wise function of tensors of any shape, and its gradient.</summary>
public sealed unsafe class Activate
{
    private readonly Activation activation;

    private Activate(ActivationFunction function)
    {
        Name = function.Name;
        activation = Activation.Of(function);
    }

    /// <summary>max(0, x); its gradient at 0 is 0.</summary>
    public static Activate Relu { get; } = new(ActivationKind.Relu);

    /// <summary>1 / (1 + exp(−x)).</summary>
    public static Activate Sigmoid { get; } = new(ActivationKind.Sigmoid);

    /// <summary>The hyperbolic tangent.</summary>
    public static Activate Tanh { get; } = new(ActivationKind.Tanh);

    /// <summary>The function of a stage's name, such as <c>leakyRelu</c>, with its number where it has one.</summary>
    /// <exception cref="ArgumentException">There is no function of that name.</exception>
    public static Activate Named(string name, double? number = null) => new(ActivationFunction.Named(name, number));

    /// <summary>The function's name.</summary>
    public string Name { get; }

    /// <summary>y = f(x).</summary>
    /// <param name="x">Any shape.</param>
    public Tensor Forward(Tensor x) => Forward(x, Workers.Shared);

    /// <summary>y = f(x), by given threads.</summary>
    public Tensor Forward(Tensor x, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(x);
        using Buffers buffers = new(workers);
        float* y = buffers.In(x);
        activation.Forward(y, y, x.Count, buffers.Workers);
        return buffers.Out(y, x.Shape);
    }

    /// <summary>dx = f′(x) · dy.</summary>
    /// <param name="x">What the forward pass was given.</param>
    /// <param name="dy">The gradient with respect to its result.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public Tensor Backward(Tensor x, Tensor dy) => Backward(x, dy, Workers.Shared);

    /// <summary>dx = f′(x) · dy, by given threads.</summary>
    public Tensor Backward(Tensor x, Tensor dy, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(dy);
        Ranks.Same(Name, "dy of the input's shape", x.Shape, dy.Shape);
        using Buffers buffers = new(workers);
        float* input = buffers.In(x), y = buffers.Take(x.Count), dx = buffers.In(dy);
        activation.Forward(input, y, x.Count, buffers.Workers);
        activation.Backward(input, y, dx, dx, x.Count, buffers.Workers);
        return buffers.Out(dx, x.Shape);
    }
}
