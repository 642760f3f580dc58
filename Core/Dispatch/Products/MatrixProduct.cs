using Fovea.Core.Kernels;

namespace Fovea.Core.Dispatch;

/// <summary>
/// The sizes of a matrix product c = a·b (+ bias, relu), all row-major: a rows×inner, b inner×columns, c rows×columns.
/// An operand may lie transposed. A dense layer's passes: y = x·wᵀ + b, dx = dy·w, dw = dyᵀ·x.
/// </summary>
/// <param name="Rows">Rows of a and c; may be 0.</param>
/// <param name="Inner">Columns of a, rows of b; may be 0, then c is the bias.</param>
/// <param name="Columns">Columns of b and c.</param>
/// <param name="LeftTransposed">Whether a lies as inner×rows.</param>
/// <param name="RightTransposed">Whether b lies as columns×inner.</param>
public readonly record struct ProductShape(int Rows, int Inner, int Columns, bool LeftTransposed = false, bool RightTransposed = false)
{
    /// <summary>Multiply-accumulates.</summary>
    public long Macs => (long)Rows * Inner * Columns;

    /// <summary>y[images×outputs] = x[images×inputs] · w[outputs×inputs]ᵀ: w is the right operand.</summary>
    public static ProductShape DenseForward(int images, int inputs, int outputs) => new(images, inputs, outputs, false, true);

    /// <summary>dx[images×inputs] = dy[images×outputs] · w[outputs×inputs]: w is the right operand.</summary>
    public static ProductShape DenseBackwardInput(int images, int inputs, int outputs) => new(images, outputs, inputs);

    /// <summary>dw[outputs×inputs] = dy[images×outputs]ᵀ · x[images×inputs]: dy is the left operand, x the right one.</summary>
    public static ProductShape DenseBackwardWeights(int images, int inputs, int outputs) => new(outputs, images, inputs, true);
}

/// <summary>
/// Matrix products by the kernels of convolution. The right operand is packed first (once a step where it is a weight),
/// then any number of rows are multiplied. A row's bits depend on the inner extent alone: not on the number of rows or workers.
/// </summary>
public static unsafe class MatrixProduct
{
    /// <summary>Floats of the packed right operand.</summary>
    public static long PackedFloats(in ProductShape s) => Of(s).PackedFloats;

    /// <summary>Floats of scratch that each worker needs.</summary>
    public static long ScratchFloats(in ProductShape s) => Of(s).ScratchFloats;

    /// <summary>Packs the right operand; the number of rows plays no part.</summary>
    public static void Pack(in ProductShape s, float* right, float* packed, Workers workers)
    {
        var job = new PackJob { Product = Of(s), Right = right, Transposed = s.RightTransposed, Packed = packed };
        workers.Run(ref job, s.RightTransposed ? job.Product.Groups : job.Product.PackingChunks);
    }

    /// <summary>Computes c; every element is written.</summary>
    /// <param name="s">The sizes.</param>
    /// <param name="left">The left operand.</param>
    /// <param name="packed">The packed right operand.</param>
    /// <param name="epilogue">Bias (one float a column) and activation.</param>
    /// <param name="c">The product.</param>
    /// <param name="scratch">Worker w's scratch begins at scratch + w·<see cref="ScratchFloats"/>.</param>
    /// <param name="workers">The threads.</param>
    public static void Run(in ProductShape s, float* left, float* packed, Epilogue epilogue, float* c, float* scratch, Workers workers)
    {
        if (s.Inner == 0)
        {
            Constant(s, epilogue, c);
            return;
        }

        var job = new RunJob
        {
            Product = Of(s),
            Left = left,
            Stride = s.LeftTransposed ? s.Rows : s.Inner,
            Transposed = s.LeftTransposed,
            Packed = packed,
            Bias = epilogue.Bias,
            Relu = epilogue.Relu,
            C = c,
            Scratch = scratch,
        };
        workers.Run(ref job, job.Product.Chunks);
    }

    private static Product Of(in ProductShape s) => new(s.Rows, s.Inner, s.Columns);

    private static void Constant(in ProductShape s, Epilogue epilogue, float* c)
    {
        for (long i = 0; i < (long)s.Rows * s.Columns; i++)
        {
            float value = epilogue.Bias == null ? 0 : epilogue.Bias[i % s.Columns];
            c[i] = epilogue.Relu && value < 0 ? 0 : value;
        }
    }

    private struct PackJob : IJob
    {
        public Product Product;
        public float* Right;
        public bool Transposed;
        public float* Packed;

        public readonly void Run(int chunk, int worker)
        {
            if (Transposed)
            {
                ProductPacking.RightTransposed(Product, Right, chunk, Packed);
            }
            else
            {
                int inner = chunk * Kernels.Product.PackedInner;
                ProductPacking.Right(Product, Right, inner, Math.Min(Product.Inner, inner + Kernels.Product.PackedInner), Packed);
            }
        }
    }

    private struct RunJob : IJob
    {
        public Product Product;
        public float* Left;
        public nint Stride;
        public bool Transposed;
        public float* Packed;
        public float* Bias;
        public bool Relu;
        public float* C;
        public float* Scratch;

        public readonly void Run(int chunk, int worker) =>
            ProductKernel.Run(Product, chunk, Left, Stride, Transposed, Packed, Bias, Relu, C, Scratch + (worker * Product.ScratchFloats));
    }
}
