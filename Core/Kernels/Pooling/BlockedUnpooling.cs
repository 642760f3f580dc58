using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Pooling;

// large   H × W × 16     one block of sixteen channels of one image
// small   P × Q × 16
// taps    P × Q × 16     bytes: where in the window the maximum stood

/// <summary>The gradient of max-unpooling of blocks. The forward pass is the gradient of max pooling.</summary>
public static unsafe class BlockedUnpooling
{
    /// <summary>Each window's element where its maximum stood.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(in PoolShape s, float* large, byte* taps, float* small)
    {
        for (int p = 0; p < s.P; p++)
        {
            int top = s.Vertical.Start(p);
            for (int q = 0; q < s.Q; q++)
            {
                int left = s.Horizontal.Start(q);
                long o = (((long)p * s.Q) + q) * Blocks.Width;
                Vector512<int> tap = BlockedMaxPooling.Widen(Vector128.Load(taps + o));
                Vector512<float> found = Vector512<float>.Zero;
                for (int r = 0; r < s.R; r++)
                {
                    int i = top + (r * s.Vertical.Dilation);
                    for (int t = 0; t < s.S; t++)
                    {
                        int j = left + (t * s.Horizontal.Dilation);
                        if ((uint)i < (uint)s.H && (uint)j < (uint)s.W)
                        {
                            Vector512<int> here = Vector512.Equals(tap, Vector512.Create((r * s.S) + t));
                            found = Vector512.ConditionalSelect(here.AsSingle(), Vector512.Load(large + ((((long)i * s.W) + j) * Blocks.Width)), found);
                        }
                    }
                }

                found.Store(small + o);
            }
        }
    }
}
