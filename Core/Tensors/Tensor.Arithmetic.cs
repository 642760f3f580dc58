using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>Element by element, shapes broadcast as in NumPy and PyTorch.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator +(Tensor left, Tensor right) => Elementwise.Combine(left, right, default(Addition));

    /// <inheritdoc cref="op_Addition(Tensor, Tensor)"/>
    public static Tensor operator -(Tensor left, Tensor right) => Elementwise.Combine(left, right, default(Subtraction));

    /// <inheritdoc cref="op_Addition(Tensor, Tensor)"/>
    /// <remarks>Not the matrix product: that is <see cref="MatMul"/>.</remarks>
    public static Tensor operator *(Tensor left, Tensor right) => Elementwise.Combine(left, right, default(Multiplication));

    /// <inheritdoc cref="op_Addition(Tensor, Tensor)"/>
    public static Tensor operator /(Tensor left, Tensor right) => Elementwise.Combine(left, right, default(Division));

    /// <summary>A number to every element.</summary>
    public static Tensor operator +(Tensor left, float right) => left + Scalar(right);

    /// <summary>A number from every element.</summary>
    public static Tensor operator -(Tensor left, float right) => left - Scalar(right);

    /// <summary>Every element times a number.</summary>
    public static Tensor operator *(Tensor left, float right) => left * Scalar(right);

    /// <summary>Every element by a number.</summary>
    public static Tensor operator /(Tensor left, float right) => left / Scalar(right);

    /// <summary>A number and every element.</summary>
    public static Tensor operator +(float left, Tensor right) => Scalar(left) + right;

    /// <summary>Every element from a number.</summary>
    public static Tensor operator -(float left, Tensor right) => Scalar(left) - right;

    /// <summary>A number times every element.</summary>
    public static Tensor operator *(float left, Tensor right) => Scalar(left) * right;

    /// <summary>A number by every element.</summary>
    public static Tensor operator /(float left, Tensor right) => Scalar(left) / right;

    /// <summary>Every element with its sign changed.</summary>
    public static Tensor operator -(Tensor tensor) => Map(tensor, value => -value);

    /// <summary>A new tensor of the function's value at every element.</summary>
    public Tensor Map(Func<float, float> function) => Map(this, function);

    /// <summary>A new tensor of the function's value at every pair of elements, shapes broadcast as in NumPy and PyTorch.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public Tensor Map2(Tensor other, Func<float, float, float> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Elementwise.Combine(this, other, new Given(function));
    }

    /// <summary>Every element moved into [low, high]; NaN stays.</summary>
    public Tensor Clamp(float low, float high) => Map(value => value < low ? low : value > high ? high : value);

    // What F#'s abs, exp, log, sqrt, tanh and ** find on a type.

    /// <summary>Every element without its sign.</summary>
    public static Tensor Abs(Tensor tensor) => Map(tensor, MathF.Abs);

    /// <summary>e to the power of every element.</summary>
    public static Tensor Exp(Tensor tensor) => Map(tensor, MathF.Exp);

    /// <summary>The natural logarithm of every element: NaN below zero, −∞ at zero.</summary>
    public static Tensor Log(Tensor tensor) => Map(tensor, MathF.Log);

    /// <summary>The square root of every element: NaN below zero.</summary>
    public static Tensor Sqrt(Tensor tensor) => Map(tensor, MathF.Sqrt);

    /// <summary>The hyperbolic tangent of every element.</summary>
    public static Tensor Tanh(Tensor tensor) => Map(tensor, MathF.Tanh);

    /// <summary>Every element to a power.</summary>
    public static Tensor Pow(Tensor tensor, float power) => Map(tensor, value => MathF.Pow(value, power));

    private static Tensor Map(Tensor tensor, Func<float, float> function)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(function);
        return Wrap(tensor.Shape, Array.ConvertAll(tensor.Values, value => function(value)));
    }
}
