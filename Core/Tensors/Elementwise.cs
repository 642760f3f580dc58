using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

/// <summary>A function of two numbers, as a type, so that the loop over it compiles without a call per element.</summary>
internal interface IBinary
{
    float Of(float a, float b);
}

internal readonly struct Addition : IBinary
{
    public float Of(float a, float b) => a + b;
}

internal readonly struct Subtraction : IBinary
{
    public float Of(float a, float b) => a - b;
}

internal readonly struct Multiplication : IBinary
{
    public float Of(float a, float b) => a * b;
}

internal readonly struct Division : IBinary
{
    public float Of(float a, float b) => a / b;
}

internal readonly struct Given(Func<float, float, float> function) : IBinary
{
    public float Of(float a, float b) => function(a, b);
}

/// <summary>Two tensors element by element, with broadcasting as NumPy and PyTorch do it.</summary>
internal static class Elementwise
{
    /// <summary>
    /// The shape that two shapes broadcast to: aligned at their last axes, extents are equal, or one of them is 1 or
    /// missing and repeats.
    /// </summary>
    public static Shape Broadcast(Shape a, Shape b)
    {
        var extents = new int[Math.Max(a.Rank, b.Rank)];
        for (int back = 1; back <= extents.Length; back++)
        {
            int one = back <= a.Rank ? a[-back] : 1;
            int other = back <= b.Rank ? b[-back] : 1;
            extents[^back] = one == other || other == 1 ? one
                : one == 1 ? other
                : throw new ShapeException("broadcast", $"{a} and {b} do not fit together: {one} against {other} at axis {-back}", "aligned at the last axis, extents must be equal or 1");
        }

        return new Shape(extents);
    }

    /// <summary>The function over all pairs of elements.</summary>
    public static Tensor Combine<TFunction>(Tensor a, Tensor b, TFunction function)
        where TFunction : struct, IBinary
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        Tensor result = Tensor.Zeros(Broadcast(a.Shape, b.Shape));
        if (a.Shape == b.Shape)
        {
            Row(a.Values, 1, b.Values, 1, result.Values, function);
        }
        else if (result.Count > 0)
        {
            Walk(a.Values, Strides(a.Shape, result.Shape), b.Values, Strides(b.Shape, result.Shape), result.Values, result.Shape.Extents, function);
        }

        return result;
    }

    // Strides of a shape within the shape that it is broadcast to: an axis that repeats does not move.
    private static int[] Strides(Shape from, Shape to)
    {
        int[] own = Strided.RowMajor(from.Extents);
        var strides = new int[to.Rank];
        for (int back = 1; back <= from.Rank; back++)
        {
            strides[^back] = from[-back] == 1 ? 0 : own[^back];
        }

        return strides;
    }

    private static void Walk<TFunction>(
        ReadOnlySpan<float> a, ReadOnlySpan<int> stridesA, ReadOnlySpan<float> b, ReadOnlySpan<int> stridesB, Span<float> result, ReadOnlySpan<int> extents, TFunction function)
        where TFunction : struct, IBinary
    {
        if (extents.Length <= 1)
        {
            Row(a, stridesA.IsEmpty ? 0 : stridesA[0], b, stridesB.IsEmpty ? 0 : stridesB[0], result, function);
            return;
        }

        int part = result.Length / extents[0];
        for (int i = 0; i < extents[0]; i++)
        {
            Walk(a[(i * stridesA[0])..], stridesA[1..], b[(i * stridesB[0])..], stridesB[1..], result.Slice(i * part, part), extents[1..], function);
        }
    }

    private static void Row<TFunction>(ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, Span<float> result, TFunction function)
        where TFunction : struct, IBinary
    {
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = function.Of(a[i * strideA], b[i * strideB]);
        }
    }
}
