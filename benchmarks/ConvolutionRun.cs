using Fovea.Core.Dispatch;
using Fovea.Core.Memory;
using Fovea.Core.Shapes;

namespace Fovea.Benchmarks;

/// <summary>
/// A convolution forward that no gradient follows, as PyTorch's runs without any: plain images in and out, the weights packed in every
/// run; inputs take turns, and the output goes where the last one went.
/// </summary>
internal sealed unsafe class ConvolutionRun : IRun
{
    private const int Copies = 3;
    private const int LineFloats = AlignedMemory.Alignment / sizeof(float);
    private readonly Workers workers;
    private readonly ConvShape shape;
    private readonly ConvolutionForward forward;
    private readonly ImageBatch input;
    private readonly ImageBatch output;
    private readonly AlignedMemory memory;
    private readonly nint[] inputs;
    private readonly float* weights;
    private readonly float* bias;
    private readonly float* packed;
    private readonly float* scratch;
    private readonly float* y;
    private readonly float* converted;
    private readonly float* unconverted;
    private long taken;

    public ConvolutionRun(ConvShape shape, int threads)
    {
        this.shape = shape;
        workers = new Workers(threads);
        forward = ConvolutionTables.ChooseForward(shape, default);
        long inputFloats = (long)shape.N * shape.C * shape.H * shape.W, outputFloats = (long)shape.N * shape.K * shape.P * shape.Q;
        input = new ImageBatch(shape.N, shape.C, shape.H * shape.W, forward.ReadsAnyLayout ? Layout.Plain : forward.InputLayout(shape));
        output = new ImageBatch(shape.N, shape.K, shape.P * shape.Q, forward.WritesAnyLayout ? Layout.Plain : forward.OutputLayout(shape));
        long scratchFloats = forward.ScratchFloats(shape) * threads;
        long[] sizes = [.. Enumerable.Repeat(inputFloats, Copies), shape.WeightCount, shape.K, forward.PackedFloats(shape), scratchFloats, outputFloats, input.Floats, output.Floats];
        memory = new AlignedMemory(sizes.Sum(Rounded));
        inputs = [.. Enumerable.Range(0, Copies).Select(_ => (nint)Filled(inputFloats))];
        weights = Filled(shape.WeightCount);
        bias = Filled(shape.K);
        packed = Take(forward.PackedFloats(shape));
        scratch = Take(scratchFloats);
        y = Take(outputFloats);
        converted = Take(input.Floats);
        unconverted = Take(output.Floats);
    }

    public string Algorithm => forward.Name;

    public void Once(int turn)
    {
        float* x = (float*)inputs[turn % Copies];
        forward.Pack(shape, weights, packed, workers);
        if (input.Layout == Layout.Blocked)
        {
            Images.Convert(input.N, input.C, input.Pixels, x, Layout.Plain, converted, Layout.Blocked, workers);
            x = converted;
        }

        bool plain = output.Layout == Layout.Plain;
        forward.Run(shape, x, input.Layout, packed, new Epilogue(bias, relu: false), plain ? y : unconverted, output.Layout, scratch, workers);
        if (!plain)
        {
            Images.Convert(output.N, output.C, output.Pixels, unconverted, Layout.Blocked, y, Layout.Plain, workers);
        }
    }

    public void Dispose()
    {
        memory.Dispose();
        workers.Dispose();
    }

    // Cache lines, and one between two pieces, so that pieces of a power of two do not fall on one set.
    private static long Rounded(long floats) => ((floats + LineFloats - 1) / LineFloats * LineFloats) + LineFloats;

    private float* Take(long floats)
    {
        float* piece = memory.Start + taken;
        taken += Rounded(floats);
        return piece;
    }

    private float* Filled(long floats)
    {
        float* piece = Take(floats);
        Random random = new(1);
        for (long i = 0; i < floats; i++)
        {
            piece[i] = random.NextSingle() - 0.5f;
        }

        return piece;
    }
}
