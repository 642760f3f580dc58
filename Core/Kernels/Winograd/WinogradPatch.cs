using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>The rectangle of a plane of sixteen channels that a tile reads or writes.</summary>
internal static unsafe class WinogradPatch
{
    /// <summary>Asks for its lines: tiles lie too far apart for the processor to guess the next.</summary>
    public static void Fetch(float* plane, int rows, int columns, int top, int left, int height, int width)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        int first = Math.Max(left, 0);
        int last = Math.Min(left + width, columns);
        int bottom = Math.Min(top + height, rows);
        for (int i = Math.Max(top, 0); i < bottom; i++)
        {
            float* row = plane + ((nint)i * columns * Blocks.Width);
            for (int j = first; j < last; j++)
            {
                Sse.Prefetch0(row + (j * Blocks.Width));
            }
        }
    }

    /// <summary>Copies one that reaches over an edge, with zeros there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cut<T>(float* plane, int rows, int columns, int top, int left, int height, int width, float* cut)
        where T : struct, ILanes<T>
    {
        int before = Math.Clamp(-left, 0, width) * Blocks.Width;
        int end = Math.Clamp(columns - left, 0, width) * Blocks.Width;
        int all = width * Blocks.Width;
        for (int i = top; i < top + height; i++)
        {
            bool inside = i >= 0 && i < rows;
            float* row = plane + ((((nint)i * columns) + left) * Blocks.Width);
            int lane = 0;
            for (; lane < (inside ? before : all); lane += T.Count)
            {
                T.Zero.Store(cut + lane);
            }

            for (; lane < end; lane += T.Count)
            {
                T.Load(row + lane).Store(cut + lane);
            }

            for (; lane < all; lane += T.Count)
            {
                T.Zero.Store(cut + lane);
            }

            cut += all;
        }
    }
}
