using System.Numerics;
using Fovea.Core.Kernels;
using Fovea.Core.Kernels.Activations;

namespace Fovea.Core.Dispatch;

/// <summary>An element-wise function of the network, over memory of any layout and as its naive twin.</summary>
public abstract unsafe class Activation
{
    // Elements of a chunk: enough to outweigh handing it out, few enough to share one image's plane.
    private const int ChunkElements = 16 * 1024;

    // Made once: a convolution that a ReLU is fused into asks for it in every step, and a step allocates nothing.
    private static readonly Activation Relu = new Kernel<Relu>(default);

    /// <summary>The function.</summary>
    public static Activation Of(ActivationFunction function) =>
        function.Kind switch
        {
            ActivationKind.Relu => Relu,
            ActivationKind.Sigmoid => new Kernel<Sigmoid>(default),
            ActivationKind.Tanh => new Kernel<Tanh>(default),
            ActivationKind.Relu6 => new Kernel<Relu6>(default),
            ActivationKind.LeakyRelu => new Kernel<LeakyRelu>(new(function.Number)),
            ActivationKind.Elu => new Kernel<Elu>(new(function.Number, 1)),
            ActivationKind.Celu => new Kernel<Celu>(new(function.Number)),
            ActivationKind.Selu => new Kernel<Elu>(Elu.Selu),
            ActivationKind.Gelu => new Kernel<Gelu>(default),
            ActivationKind.GeluTanh => new Kernel<GeluTanh>(default),
            ActivationKind.Silu => new Kernel<Silu>(default),
            ActivationKind.Mish => new Kernel<Mish>(default),
            ActivationKind.HardSigmoid => new Kernel<HardSigmoid>(default),
            ActivationKind.HardSwish => new Kernel<HardSwish>(default),
            ActivationKind.HardTanh => new Kernel<HardTanh>(default),
            ActivationKind.Softsign => new Kernel<Softsign>(default),
            ActivationKind.LogSigmoid => new Kernel<Wide<LogSigmoid>>(default),
            ActivationKind.Softplus => new Kernel<Wide<Softplus>>(default),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "not an activation"),
        };

    /// <summary>Whether the backward pass reads x.</summary>
    public abstract bool ReadsInput { get; }

    /// <summary>Whether the backward pass reads y.</summary>
    public abstract bool ReadsOutput { get; }

    /// <summary>y[i] = f(x[i]); x and y may be the same.</summary>
    public abstract void Forward(float* x, float* y, long count, Workers workers);

    /// <summary>dx[i] = f′(x[i]) · dy[i]; dx may be dy.</summary>
    public abstract void Backward(float* x, float* y, float* dy, float* dx, long count, Workers workers);

    /// <summary>y[i] = f(x[i]) on this thread, for a few elements.</summary>
    public abstract void Forward(float* x, float* y, long count);

    /// <summary>dx[i] = f′(x[i]) · dy[i] on this thread, for a few elements.</summary>
    public abstract void Backward(float* x, float* y, float* dy, float* dx, long count);

    /// <summary>The naive twin of the forward pass, in the precision of T.</summary>
    public abstract void Reference<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>;

    /// <summary>The naive twin of the backward pass, in the precision of T.</summary>
    public abstract void ReferenceBackward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>;

    private sealed class Kernel<TActivation>(TActivation f) : Activation
        where TActivation : struct, IActivation
    {
        public override bool ReadsInput => TActivation.ReadsInput;

        public override bool ReadsOutput => TActivation.ReadsOutput;

        public override void Forward(float* x, float* y, long count, Workers workers)
        {
            Job job = new() { F = f, X = x, Y = y, Count = count, IsFar = x != y && FarStores.Suit(y, count) };
            workers.Run(ref job, (int)((count + ChunkElements - 1) / ChunkElements));
        }

        public override void Backward(float* x, float* y, float* dy, float* dx, long count, Workers workers)
        {
            // What is not read is not fetched either.
            Job job = new() { F = f, X = ReadsInput ? x : y, Y = ReadsOutput ? y : x, Dy = dy, Dx = dx, Count = count, IsFar = dx != dy && FarStores.Suit(dx, count) };
            workers.Run(ref job, (int)((count + ChunkElements - 1) / ChunkElements));
        }

        public override void Forward(float* x, float* y, long count) => ActivationKernel.Forward(f, x, y, count);

        public override void Backward(float* x, float* y, float* dy, float* dx, long count) =>
            ActivationKernel.Backward(f, ReadsInput ? x : y, ReadsOutput ? y : x, dy, dx, count);

        public override void Reference<T>(ReadOnlySpan<T> x, Span<T> y) => ActivationKernel.NaiveForward(f, x, y);

        public override void ReferenceBackward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx) =>
            ActivationKernel.NaiveBackward(f, x, y, dy, dx);

        private struct Job : IJob
        {
            public TActivation F;
            public float* X;
            public float* Y;
            public float* Dy;
            public float* Dx;
            public long Count;
            public bool IsFar;

            public readonly void Run(int chunk, int worker)
            {
                long from = (long)chunk * ChunkElements, count = Math.Min(ChunkElements, Count - from);
                if (Dx == null)
                {
                    ActivationKernel.Forward(F, X + from, Y + from, count, IsFar);
                }
                else
                {
                    ActivationKernel.Backward(F, X + from, Y + from, Dy + from, Dx + from, count, IsFar);
                }
            }
        }
    }
}
