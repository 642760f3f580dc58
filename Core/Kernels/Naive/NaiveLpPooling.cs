using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x   N × C × H × W     the input
// y   N × C × P × Q     the output

/// <summary>Pooling by the p-norm: y = (R·S · mean of xᵖ over the window's real inputs)^(1/p), as PyTorch's lp_pool.</summary>
public static class NaiveLpPooling
{
    /// <summary>y.</summary>
    public static void Forward<T>(in PoolShape s, T norm, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int o = 0; o < s.Output.Count; o++)
        {
            T sum = T.Zero;
            int count = 0;
            for (int tap = 0; tap < s.R * s.S; tap++)
            {
                if (NaivePooling.Input(s, o, tap) is var i && i >= 0)
                {
                    sum += T.Pow(x[i], norm);
                    count++;
                }
            }

            y[o] = T.Pow(sum * T.CreateChecked(s.R * s.S) / T.CreateChecked(count), T.One / norm);
        }
    }

    /// <summary>dx = dy · R·S/count · (x/y)^(p−1); 0 where a window is 0, whose norm has no slope.</summary>
    public static void Backward<T>(in PoolShape s, T norm, ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        dx[..s.Input.Count].Clear();
        for (int o = 0; o < s.Output.Count; o++)
        {
            int count = 0;
            for (int tap = 0; tap < s.R * s.S; tap++)
            {
                count += NaivePooling.Input(s, o, tap) >= 0 ? 1 : 0;
            }

            T share = dy[o] * T.CreateChecked(s.R * s.S) / T.CreateChecked(count);
            for (int tap = 0; tap < s.R * s.S && (y[o] != T.Zero || norm == T.One); tap++)
            {
                if (NaivePooling.Input(s, o, tap) is var i && i >= 0)
                {
                    dx[i] += share * T.Pow(x[i], norm - T.One) * T.Pow(y[o], T.One - norm);
                }
            }
        }
    }
}
