using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>The inputs' transform of Winograd's method along columns: rows are combined with rows, vector by vector.</summary>
/// <remarks>
/// <code>
/// rows  [channel][row][column mod stride][column / stride], the padding as zeros
/// v     [row of tiles][position: 1, −1, 2, −2, 0, ∞][channel][column mod stride][column / stride]
/// </code>
/// </remarks>
internal static unsafe class ColumnSource
{
    /// <summary>Transforms the rows of a band.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(in ColumnTiles tiles, float* rows, int count, float* v)
        where T : struct, ILanes<T>
    {
        Correlation c = tiles.Rows;
        int channels = c.SourceChannels;
        nint row = c.RowFloats;
        nint plane = c.PlaneFloats;
        int line = tiles.LineFloats;
        nint slot = channels * line;
        for (int tile = 0; tile < count; tile++)
        {
            float* from = rows + (tile * RowBasis.Side * row);
            for (int channel = 0; channel < channels; channel++)
            {
                for (int i = 0; i < line; i += T.Count)
                {
                    Transform<T>(from + i, row, v + i, slot);
                }

                from += plane;
                v += line;
            }

            v += (ColumnTiles.Positions - 1) * slot;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transform<T>(float* d, nint row, float* v, nint slot)
        where T : struct, ILanes<T>
    {
        T d0 = T.Load(d);
        T d1 = T.Load(d + row);
        T d2 = T.Load(d + (2 * row));
        T d3 = T.Load(d + (3 * row));
        T d4 = T.Load(d + (4 * row));
        T d5 = T.Load(d + (5 * row));
        T four = T.Broadcast(4);
        T minusFour = T.Broadcast(-4);
        T minusFive = T.Broadcast(-5);
        T even = T.MultiplyAdd(minusFour, d2, d4);
        T odd = T.MultiplyAdd(minusFour, d1, d3);
        (even + odd).Store(v);
        (even - odd).Store(v + slot);
        even = d4 - d2;
        odd = d3 - d1;
        odd += odd;
        (even + odd).Store(v + (2 * slot));
        (even - odd).Store(v + (3 * slot));
        T.MultiplyAdd(four, d0, T.MultiplyAdd(minusFive, d2, d4)).Store(v + (4 * slot));
        T.MultiplyAdd(four, d1, T.MultiplyAdd(minusFive, d3, d5)).Store(v + (5 * slot));
    }
}
