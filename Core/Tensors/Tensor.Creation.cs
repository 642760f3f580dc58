using System.Collections;
using System.Globalization;
using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(Shape shape) => Full(shape, 1);

    /// <summary>A tensor of one value.</summary>
    public static Tensor Full(Shape shape, float value)
    {
        Tensor full = Zeros(shape);
        full.Values.AsSpan().Fill(value);
        return full;
    }

    /// <summary>A tensor without axes that holds one number.</summary>
    public static Tensor Scalar(float value) => Wrap(Shape.Scalar, [value]);

    /// <summary>A tensor over a copy of the values, row-major.</summary>
    /// <exception cref="ShapeException">There are not as many values as the shape has elements.</exception>
    public static Tensor Of(Shape shape, ReadOnlySpan<float> values) => Wrap(shape, values.ToArray());

    /// <summary>
    /// A tensor over a copy of an array of any rank: <c>float[,]</c> gives two axes. Elements of another number type
    /// are rounded to float32.
    /// </summary>
    /// <exception cref="ArgumentException">The array does not hold numbers; for jagged arrays use <see cref="FromNested"/>.</exception>
    public static Tensor FromArray(Array values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var extents = new int[values.Rank];
        for (int axis = 0; axis < extents.Length; axis++)
        {
            extents[axis] = values.GetLength(axis);
        }

        Tensor made = Zeros(new Shape(extents));
        if (values is float[] or float[,] or float[,,] or float[,,,])
        {
            // One call; the walk below boxes every number.
            Array flat = made.Values;
            Buffer.BlockCopy(values, 0, flat, 0, Buffer.ByteLength(flat));
            return made;
        }

        int next = 0;
        foreach (object? value in values)
        {
            made.Values[next++] = Number(value);
        }

        return made;
    }

    /// <summary>
    /// A tensor from sequences nested as deep as it has axes, such as an F# list of lists; every sequence of one depth
    /// must be equally long.
    /// </summary>
    /// <exception cref="ShapeException">The sequences of one depth differ in length, or numbers stand beside sequences.</exception>
    /// <exception cref="ArgumentException">Something that is not a number is in them.</exception>
    public static Tensor FromNested(IEnumerable values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var extents = new List<int>();
        var numbers = new List<float>();
        Unnest(values, 0, extents, numbers, leaf: null);
        return Wrap(new Shape([.. extents]), [.. numbers]);
    }

    /// <summary>A tensor whose element at (i, j, …) is what the function says for those indices.</summary>
    /// <param name="shape">The extents.</param>
    /// <param name="value">The value at indices; the array is used again for the next element, so it must not be kept.</param>
    public static Tensor Generate(Shape shape, Func<int[], float> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Tensor made = Zeros(shape);
        var indices = new int[shape.Rank];
        for (int i = 0; i < made.Count; i++)
        {
            made.Values[i] = value(indices);
            for (int axis = indices.Length - 1; axis >= 0 && ++indices[axis] == shape[axis]; axis--)
            {
                indices[axis] = 0;
            }
        }

        return made;
    }

    /// <summary>The vector whose element i is what the function says.</summary>
    public static Tensor Generate(int length, Func<int, float> value) => Generate(new Shape(length), i => value(i[0]));

    /// <summary>The matrix whose element (i, j) is what the function says.</summary>
    public static Tensor Generate(int rows, int columns, Func<int, int, float> value) =>
        Generate(new Shape(rows, columns), i => value(i[0], i[1]));

    /// <summary>The image whose element (c, y, x) is what the function says.</summary>
    public static Tensor Generate(int channels, int height, int width, Func<int, int, int, float> value) =>
        Generate(new Shape(channels, height, width), i => value(i[0], i[1], i[2]));

    /// <summary>The batch of images whose element (n, c, y, x) is what the function says.</summary>
    public static Tensor Generate(int images, int channels, int height, int width, Func<int, int, int, int, float> value) =>
        Generate(new Shape(images, channels, height, width), i => value(i[0], i[1], i[2], i[3]));

    /// <summary>The vector start, start + step, …, as long as it stays before <paramref name="stop"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is zero or leads away from <paramref name="stop"/>, or a bound is not finite.</exception>
    public static Tensor Arange(float start, float stop, float step = 1)
    {
        double count = Math.Ceiling(((double)stop - start) / step);
        if (!(count >= 0) || count > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(step), $"arange: from {start} to {stop} by {step} never arrives; give a step other than 0 that leads from start to stop");
        }

        return Generate((int)count, i => (float)(start + ((double)i * step)));
    }

    /// <summary>The vector 0, 1, …, <paramref name="stop"/> − 1.</summary>
    public static Tensor Arange(int stop) => Arange(0, stop);

    /// <summary>The vector of <paramref name="count"/> numbers evenly spaced from <paramref name="start"/> to <paramref name="stop"/>, both included.</summary>
    public static Tensor Linspace(float start, float stop, int count) =>
        Generate(count, i => i == count - 1 && i > 0 ? stop : (float)(start + (((double)stop - start) * i / Math.Max(1, count - 1))));

    /// <summary>The matrix with ones on its diagonal and zeros elsewhere.</summary>
    public static Tensor Identity(int size) => Generate(size, size, (i, j) => i == j ? 1 : 0);

    /// <summary>The matrix with a row for each label: one at the label's column, zeros elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is not in 0..classes − 1.</exception>
    public static Tensor OneHot(IReadOnlyList<int> labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Tensor made = Zeros(new Shape(labels.Count, classes));
        for (int row = 0; row < labels.Count; row++)
        {
            if (labels[row] < 0 || labels[row] >= classes)
            {
                throw new ArgumentOutOfRangeException(nameof(labels), $"one-hot: label {labels[row]} at {row} is not one of {classes} classes; labels are 0..{classes - 1}");
            }

            made.Values[(row * classes) + labels[row]] = 1;
        }

        return made;
    }

    // The first path down fixes the extents; every other must agree. `leaf` is the depth at which numbers stand.
    private static int? Unnest(IEnumerable values, int depth, List<int> extents, List<float> numbers, int? leaf)
    {
        bool first = extents.Count == depth;
        if (first)
        {
            extents.Add(-1);
        }

        int length = 0;
        foreach (object? value in values)
        {
            length++;
            if (value is IEnumerable inner and not string)
            {
                leaf = leaf == depth + 1 ? throw Mixed(depth) : Unnest(inner, depth + 1, extents, numbers, leaf);
            }
            else
            {
                leaf = (leaf ?? depth + 1) == depth + 1 && extents.Count == depth + 1 ? depth + 1 : throw Mixed(depth);
                numbers.Add(Number(value));
            }
        }

        if (extents[depth] >= 0 && extents[depth] != length)
        {
            throw new ShapeException("tensor", $"along axis {depth}, one sequence has {extents[depth]} elements and another {length}", "make them equally long");
        }

        extents[depth] = length;
        return leaf;
    }

    private static ShapeException Mixed(int depth) =>
        new("tensor", $"numbers and sequences stand side by side at depth {depth}", "nest all numbers equally deep");

    private static float Number(object? value) =>
        value switch
        {
            float number => number,
            double number => (float)number,
            int number => number,
            Half number => (float)number,
            IConvertible number and not (string or char or DateTime) => number.ToSingle(CultureInfo.InvariantCulture),
            _ => throw new ArgumentException($"tensor: a {value?.GetType().Name ?? "null"} is not a number; give numbers, or nested sequences of them"),
        };
}
