using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// An activation over a run of elements. A tail shorter than a vector goes through the same vector function, so that an
/// element's value does not depend on where it stands.
/// </summary>
public static unsafe class ActivationKernel
{
    /// <summary>y[i] = f(x[i]); x and y may be the same. Where <paramref name="far"/>, y begins with a cache line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<TActivation>(TActivation f, float* x, float* y, long count, bool far = false)
        where TActivation : struct, IActivation
    {
        long i = 0;
        for (; far && i + 16 <= count; i += 16)
        {
            f.Forward(Vector512.Load(x + i)).StoreAlignedNonTemporal(y + i);
        }

        for (; i + 16 <= count; i += 16)
        {
            f.Forward(Vector512.Load(x + i)).Store(y + i);
        }

        if (i < count)
        {
            float* tail = stackalloc float[16];
            Copy(x + i, tail, count - i);
            f.Forward(Vector512.Load(tail)).Store(tail);
            Copy(tail, y + i, count - i);
        }
    }

    /// <summary>dx[i] = f′(x[i]) · dy[i]; dx may be dy. Where <paramref name="far"/>, dx begins with a cache line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<TActivation>(TActivation f, float* x, float* y, float* dy, float* dx, long count, bool far = false)
        where TActivation : struct, IActivation
    {
        long i = 0;
        for (; far && i + 16 <= count; i += 16)
        {
            f.Backward(Vector512.Load(x + i), Vector512.Load(y + i), Vector512.Load(dy + i)).StoreAlignedNonTemporal(dx + i);
        }

        for (; i + 16 <= count; i += 16)
        {
            f.Backward(Vector512.Load(x + i), Vector512.Load(y + i), Vector512.Load(dy + i)).Store(dx + i);
        }

        if (i < count)
        {
            float* tails = stackalloc float[48];
            new Span<float>(tails, 48).Clear();
            Copy(x + i, tails, count - i);
            Copy(y + i, tails + 16, count - i);
            Copy(dy + i, tails + 32, count - i);
            f.Backward(Vector512.Load(tails), Vector512.Load(tails + 16), Vector512.Load(tails + 32)).Store(tails);
            Copy(tails, dx + i, count - i);
        }
    }

    /// <summary>The naive twin of <see cref="Forward{TActivation}"/>.</summary>
    public static void NaiveForward<TActivation, T>(TActivation f, ReadOnlySpan<T> x, Span<T> y)
        where TActivation : struct, IActivation
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = f.Forward(x[i]);
        }
    }

    /// <summary>The naive twin of <see cref="Backward{TActivation}"/>.</summary>
    public static void NaiveBackward<TActivation, T>(TActivation f, ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where TActivation : struct, IActivation
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
        {
            dx[i] = f.Backward(x[i], y[i], dy[i]);
        }
    }

    private static void Copy(float* source, float* target, long count)
    {
        for (long i = 0; i < count; i++)
        {
            target[i] = source[i];
        }
    }
}
