using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Layers;

/// <summary>What the normalisations have in common: their parameters, and what their options may be.</summary>
internal static class Norms
{
    /// <summary>PyTorch's ε.</summary>
    public const double UsualEpsilon = 1e-5;

    /// <summary><c>weight</c>, one, and <c>bias</c>, zero.</summary>
    public static ParameterSpec[] Affine(Shape shape) =>
    [
        new("weight", ParameterRole.Scale, shape, Initial.Constant(1)),
        new("bias", ParameterRole.Shift, shape, Initial.Constant(0)),
    ];

    /// <summary>The buffers <c>running_mean</c>, zero, and <c>running_var</c>, one.</summary>
    public static ParameterSpec[] Running(Shape shape) =>
    [
        new("running_mean", ParameterRole.Buffer, shape, Initial.Constant(0)),
        new("running_var", ParameterRole.Buffer, shape, Initial.Constant(1)),
    ];

    /// <summary>That there are channels to normalise.</summary>
    public static void RequireChannels(Layer layer, Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Rank is not (1 or 2 or 3))
        {
            throw new ShapeException($"{layer}", $"expected an image (channels, height, width), a signal (channels, length) or a vector (features), got {input}", "flatten before it");
        }
    }

    /// <summary>That the numbers are ones to compute with.</summary>
    public static void RequireNumbers(Layer layer, double momentum, double epsilon)
    {
        if (!(momentum >= 0 && momentum <= 1) || !(epsilon >= 0))
        {
            throw new ShapeException($"{layer}", $"expected a momentum 0..1 and an eps that is not negative, got {Invariant(momentum)} and {Invariant(epsilon)}", "PyTorch's are 0.1 and 1e-5");
        }
    }

    /// <summary>A layer's kind and those of its options that are not the usual ones.</summary>
    public static string Describe(string kind, double epsilon, bool affine, params string?[] options) =>
        string.Join(' ', new[] { kind }.Concat(options).Append(epsilon == UsualEpsilon ? null : $"eps {Invariant(epsilon)}").Append(affine ? null : "without weights").OfType<string>());

    private static string Invariant(double value) => value.ToString(CultureInfo.InvariantCulture);
}
