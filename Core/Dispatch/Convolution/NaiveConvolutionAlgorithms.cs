using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The forward pass by its definition: the end of its table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveConvolutionForward : ConvolutionForward
{
    // Measured order of magnitude of the seven loops: several cycles a product, against a fraction of one elsewhere.
    internal const double CyclesPerMac = 6;

    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => true;

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => s.Macs * CyclesPerMac;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => s.WeightCount;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => 0;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        new ReadOnlySpan<float>(weights, (int)s.WeightCount).CopyTo(new Span<float>(packed, (int)s.WeightCount));

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), X = x, Weights = packed, Epilogue = epilogue, Y = y };
        workers.Run(ref job, s.N);
    }

    private struct Job : IJob
    {
        public ConvShape Shape;
        public float* X;
        public float* Weights;
        public Epilogue Epilogue;
        public float* Y;

        public readonly void Run(int chunk, int worker)
        {
            int input = Shape.Input.Count, output = Shape.Output.Count;
            Span<float> y = new(Y + ((long)chunk * output), output);
            ReadOnlySpan<float> bias = Epilogue.Bias == null ? default : new(Epilogue.Bias, Shape.K);
            NaiveConvolution.Forward(Shape, new ReadOnlySpan<float>(X + ((long)chunk * input), input), new(Weights, (int)Shape.WeightCount), bias, y);
            for (int i = 0; Epilogue.Relu && i < output; i++)
            {
                y[i] = y[i] < 0 ? 0 : y[i];
            }
        }
    }
}

/// <summary>The gradient with respect to the input by its definition.</summary>
public sealed unsafe class NaiveConvolutionBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => true;

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => s.Macs * NaiveConvolutionForward.CyclesPerMac;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => s.WeightCount;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => 0;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        new ReadOnlySpan<float>(weights, (int)s.WeightCount).CopyTo(new Span<float>(packed, (int)s.WeightCount));

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), Dy = dy, Weights = packed, Dx = dx };
        workers.Run(ref job, s.N);
    }

    private struct Job : IJob
    {
        public ConvShape Shape;
        public float* Dy;
        public float* Weights;
        public float* Dx;

        public readonly void Run(int chunk, int worker)
        {
            int input = Shape.Input.Count, output = Shape.Output.Count;
            NaiveConvolution.BackwardInput(Shape, new ReadOnlySpan<float>(Dy + ((long)chunk * output), output), new(Weights, (int)Shape.WeightCount), new Span<float>(Dx + ((long)chunk * input), input));
        }
    }
}

/// <summary>The gradient with respect to the weights by its definition.</summary>
public sealed unsafe class NaiveConvolutionBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => true;

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => s.Macs * NaiveConvolutionForward.CyclesPerMac;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => 0;

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) => 0;

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers) =>
        NaiveConvolution.BackwardWeights(s, new ReadOnlySpan<float>(x, s.Input.Count), new(dy, s.Output.Count), new Span<float>(dw, (int)s.WeightCount));
}
