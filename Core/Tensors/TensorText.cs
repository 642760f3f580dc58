using System.Globalization;
using System.Text;
using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

/// <summary>A tensor as a person reads it: its shape, then its numbers in brackets, aligned and abridged.</summary>
internal static class TensorText
{
    private const string Gap = "…";
    private const int WholeRow = 12; // Ten classes' logits stand in one row.
    private const int EdgeOfRow = 4;
    private const int EdgeOfColumn = 3;
    private const int MostLines = 40;

    public static string Of(Tensor tensor)
    {
        string head = $"Tensor {tensor.Shape}";
        if (tensor.Count == 0)
        {
            return $"{head} without elements";
        }

        int[] edges = Edges(tensor.Shape);
        var shown = new List<float>();
        Collect(tensor, edges, 0, 0, shown);
        Func<float, string> write = Writer(shown);
        int width = shown.Max(value => write(value).Length);
        if (tensor.Rank == 0)
        {
            return $"{head} {write(tensor.Values[0])}";
        }

        var text = new StringBuilder(head).Append('\n');
        Write(text, tensor, edges, 0, 0, value => write(value).PadLeft(width));
        return text.ToString();
    }

    // How many positions are shown at either end of each axis; 0 shows the axis whole. The outer axes of a batch give
    // way first, so that a page holds it all.
    private static int[] Edges(Shape shape)
    {
        var edges = new int[shape.Rank];
        for (int axis = 0; axis < edges.Length; axis++)
        {
            bool inRow = axis == edges.Length - 1;
            edges[axis] = shape[axis] <= WholeRow ? 0 : inRow ? EdgeOfRow : EdgeOfColumn;
        }

        for (int axis = 0; axis < edges.Length - 1; axis++)
        {
            for (int edge = EdgeOfColumn; edge > 0 && Lines(shape, edges) > MostLines; edge--)
            {
                edges[axis] = shape[axis] > (2 * edge) + 1 ? edge : edges[axis];
            }
        }

        return edges;
    }

    private static double Lines(Shape shape, int[] edges)
    {
        double lines = 1;
        for (int axis = 0; axis < edges.Length - 1; axis++)
        {
            lines *= edges[axis] == 0 ? shape[axis] : 2 * edges[axis];
        }

        return lines;
    }

    // The positions of an axis that are shown; −1 stands for the gap.
    private static IEnumerable<int> Shown(int extent, int edge) =>
        edge == 0 ? Enumerable.Range(0, extent) : [.. Enumerable.Range(0, edge), -1, .. Enumerable.Range(extent - edge, edge)];

    private static void Collect(Tensor tensor, int[] edges, int axis, int at, List<float> shown)
    {
        if (axis == tensor.Rank)
        {
            shown.Add(tensor.Values[at]);
            return;
        }

        foreach (int i in Shown(tensor.Shape[axis], edges[axis]).Where(i => i >= 0))
        {
            Collect(tensor, edges, axis + 1, (at * tensor.Shape[axis]) + i, shown);
        }
    }

    private static void Write(StringBuilder text, Tensor tensor, int[] edges, int axis, int at, Func<float, string> write)
    {
        if (axis == tensor.Rank)
        {
            text.Append(write(tensor.Values[at]));
            return;
        }

        // Rows stand one below the other, and the blocks of outer axes are set apart by empty lines.
        int inner = tensor.Rank - axis - 1;
        string between = inner == 0 ? " " : new string('\n', Math.Min(inner, 2)) + new string(' ', axis + 1);
        text.Append('[');
        bool first = true;
        foreach (int i in Shown(tensor.Shape[axis], edges[axis]))
        {
            text.Append(first ? "" : between);
            first = false;
            if (i < 0)
            {
                text.Append(Gap);
            }
            else
            {
                Write(text, tensor, edges, axis + 1, (at * tensor.Shape[axis]) + i, write);
            }
        }

        text.Append(']');
    }

    // One notation for all numbers: whole numbers without a point, otherwise as many decimals as make five digits of
    // the largest, fewer where they would all be zero; powers of ten for very large and very small numbers.
    private static Func<float, string> Writer(List<float> shown)
    {
        double largest = shown.Where(float.IsFinite).Select(value => Math.Abs((double)value)).DefaultIfEmpty(0).Max();
        bool whole = shown.All(value => !float.IsFinite(value) || value == MathF.Truncate(value));
        if (largest >= 1e7 || (largest > 0 && largest < 1e-3))
        {
            return value => Special(value) ?? value.ToString("0.000e+00", CultureInfo.InvariantCulture);
        }

        int decimals = whole || largest == 0 ? 0 : Math.Clamp(4 - (int)Math.Floor(Math.Log10(largest)), 1, 4);
        while (decimals > 1 && shown.TrueForAll(value => Special(value) is not null || Fixed(value, decimals)[^1] == '0'))
        {
            decimals--;
        }

        return value => Special(value) ?? Fixed(value, decimals);
    }

    private static string? Special(float value) =>
        float.IsNaN(value) ? "NaN" : float.IsPositiveInfinity(value) ? "∞" : float.IsNegativeInfinity(value) ? "-∞" : null;

    private static string Fixed(float value, int decimals) => value.ToString("F" + decimals, CultureInfo.InvariantCulture);
}
