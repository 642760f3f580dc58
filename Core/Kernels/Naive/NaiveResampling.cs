using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x   N × C × H × W     the input
// y   N × C × P × Q     the output
// y[p,q] = Σ over the sources i of p and j of q of  share(p,i) · share(q,j) · x[i,j]

/// <summary>Padding and enlarging by their definition: each output a copy, a zero, or a mix of two by two inputs.</summary>
public static class NaiveResampling
{
    /// <summary>y.</summary>
    public static void Forward<T>(in ResampleShape s, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int o = 0; o < s.Output.Count; o++)
        {
            (int plane, int p, int q) = Place(s, o);
            y[o] = T.Zero;
            foreach ((int i, double down) in s.Rows.Sources(p))
            {
                foreach ((int j, double right) in s.Columns.Sources(q))
                {
                    y[o] += T.CreateChecked(down) * T.CreateChecked(right) * x[Input(s, plane, i, j)];
                }
            }
        }
    }

    /// <summary>dx: each output's gradient goes to its sources, by their shares.</summary>
    public static void Backward<T>(in ResampleShape s, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        dx[..s.Input.Count].Clear();
        for (int o = 0; o < s.Output.Count; o++)
        {
            (int plane, int p, int q) = Place(s, o);
            foreach ((int i, double down) in s.Rows.Sources(p))
            {
                foreach ((int j, double right) in s.Columns.Sources(q))
                {
                    dx[Input(s, plane, i, j)] += T.CreateChecked(down) * T.CreateChecked(right) * dy[o];
                }
            }
        }
    }

    private static (int Plane, int P, int Q) Place(in ResampleShape s, int o) =>
        (o / s.Columns.Outputs / s.Rows.Outputs, o / s.Columns.Outputs % s.Rows.Outputs, o % s.Columns.Outputs);

    private static int Input(in ResampleShape s, int plane, int i, int j) => (((plane * s.Rows.Length) + i) * s.Columns.Length) + j;
}
