using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

public static unsafe partial class SeparableKernel
{
    // Of one channel: every position a copy of one input or a mix of two, sixteen columns of them from sixteen inputs. That is, enlarging.
    private static bool IsEnlarging(AxisTaps rows, AxisTaps columns) =>
        Avx512F.IsSupported && columns.IsClose && columns.IsFull && columns.MostTaps <= 2 && rows.IsFull && rows.MostTaps <= 2;

    // Sixteen columns after the other, down all rows: the rows that a row is mixed from stay in registers, with their columns already
    // those of the target, until one that is further down needs others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Enlarge(in Rows rows, in Columns columns, float* source, float* target, int from, int to, float* scratch)
    {
        int width = columns.Inputs, made = columns.Outputs;

        // Sixteen floats are read from any place of a row: those that reach beyond the plane from a copy of its last rows.
        int late = Math.Max(0, rows.Inputs - ((AxisTaps.Lanes + width - 1) / width));
        int rest = (rows.Inputs - late) * width;
        new Span<float>(source + ((long)late * width), rest).CopyTo(new(scratch, rest));
        float* copied = scratch - ((long)late * width);

        // What is written next, the next channel or what follows of this one, is fetched meanwhile.
        float* ahead = target + ((long)to * made);
        for (int first = 0; first < made; first += AxisTaps.Lanes)
        {
            int t = columns.Offset[first / AxisTaps.Lanes];
            bool two = columns.Offset[(first / AxisTaps.Lanes) + 1] - t > 1, isWhole = made - first >= AxisTaps.Lanes;
            Vector512<float> inside = Sixteen.First(made - first);
            int near = columns.Base[t], far = two ? columns.Base[t + 1] : near;
            Vector512<int> nearLanes = Vector512.Load(columns.Near + (t * AxisTaps.Lanes)), farLanes = two ? Vector512.Load(columns.Near + ((t + 1) * AxisTaps.Lanes)) : nearLanes;
            Vector512<float> nearShare = Vector512.Load(columns.Weights + (t * AxisTaps.Lanes)), farShare = two ? Vector512.Load(columns.Weights + ((t + 1) * AxisTaps.Lanes)) : nearShare;
            Vector512<float> upper = default, lower = default;
            int upperRow = -1, lowerRow = -1;
            float* into = target + ((long)from * made) + first;
            for (int p = from; p < to;)
            {
                int group = p / AxisTaps.Lanes, lane = p % AxisTaps.Lanes, begin = rows.Offset[group];
                int end = Math.Min(AxisTaps.Lanes, to - p + lane);
                bool mixes = rows.Offset[group + 1] - begin > 1;
                int* sources = rows.Sources + (begin * AxisTaps.Lanes), others = sources + AxisTaps.Lanes;
                float* shares = rows.Weights + (begin * AxisTaps.Lanes), otherShares = shares + AxisTaps.Lanes;
                p += end - lane;
                for (; lane < end; lane++)
                {
                    int one = sources[lane];
                    if (one != upperRow)
                    {
                        float* row = (one < late ? source : copied) + ((long)one * width);
                        upper = one == lowerRow ? lower : Expand(row, near, far, nearLanes, farLanes, nearShare, farShare, two);
                        upperRow = one;
                    }

                    Vector512<float> sum = upper * Vector512.Create(shares[lane]);
                    if (mixes && others[lane] >= 0)
                    {
                        int other = others[lane];
                        if (other != lowerRow)
                        {
                            float* row = (other < late ? source : copied) + ((long)other * width);
                            lower = other == upperRow ? upper : Expand(row, near, far, nearLanes, farLanes, nearShare, farShare, two);
                            lowerRow = other;
                        }

                        sum += lower * Vector512.Create(otherShares[lane]);
                    }

                    if (isWhole)
                    {
                        sum.Store(into);
                    }
                    else
                    {
                        Avx512F.MaskStore(into, inside, sum);
                    }

                    Sse.Prefetch0(ahead);
                    ahead += AxisTaps.Lanes;
                    into += made;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Expand(float* row, int near, int far, Vector512<int> nearLanes, Vector512<int> farLanes, Vector512<float> nearShare, Vector512<float> farShare, bool two)
    {
        Vector512<float> sum = Avx512F.PermuteVar16x32(Vector512.Load(row + near), nearLanes) * nearShare;
        return two ? sum + (Avx512F.PermuteVar16x32(Vector512.Load(row + far), farLanes) * farShare) : sum;
    }
}
