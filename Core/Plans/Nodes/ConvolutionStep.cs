using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// Convolution, bias and, if they follow, batch normalisation with running statistics and ReLU. Forward and backward algorithms are chosen apart; where one of the
/// backward ones reads another layout than the forward pass wrote, the batch is converted on the way.
/// </summary>
internal sealed unsafe class ConvolutionStep : Step
{
    private readonly ConvShape shape;
    private readonly bool hasBias;
    private readonly bool relu;
    private readonly FoldedNorm? norm;
    private readonly ConvolutionForward forward;
    private readonly ConvolutionBackwardInput? backwardInput;
    private readonly ConvolutionBackwardWeights? backwardWeights;
    private readonly Layout input;
    private readonly Conversion gradientForInput;
    private readonly Conversion gradientForWeights;
    private readonly Conversion inputForWeights;
    private readonly Conversion inputGradient;

    public ConvolutionStep(ConvShape shape, bool hasBias, Lowering lowering)
    {
        this.shape = shape;
        this.hasBias = hasBias;
        relu = lowering.FusedRelu;
        norm = lowering.FoldedNorm is { } options ? new FoldedNorm(shape, hasBias, options) : null;
        ConvShape judged = shape.WithBatch(lowering.Mode == RunMode.Training ? lowering.Batch : ConvolutionTables.EvaluationBatch);
        forward = ConvolutionTables.ChooseForward(judged, lowering.Choice);
        // A pinned name is for the forward pass: there may be no backward algorithm of that name.
        AlgorithmChoice exactness = lowering.Choice with { Name = null };
        backwardInput = lowering.HasBackward && lowering.InputGradient ? ConvolutionTables.ChooseBackwardInput(judged, exactness) : null;
        backwardWeights = lowering.HasBackward && lowering.WeightGradient ? ConvolutionTables.ChooseBackwardWeights(judged, exactness) : null;

        // Where the gradient of the weights wants one layout, the input is converted once, for both.
        input = !forward.ReadsAnyLayout ? forward.InputLayout(shape)
            : backwardWeights is null || backwardWeights.ReadsAnyLayout ? lowering.Inputs[0]
            : backwardWeights.InputLayout(shape);

        // Plain where that is wanted and nobody here would have to convert it back.
        bool plain = lowering.PlainOutput
            && forward.WritesAnyLayout
            && (backwardInput is null || backwardInput.TakesAnyLayout || backwardInput.GradientLayout(shape) == Layout.Plain)
            && backwardWeights?.ReadsAnyGradient != false;
        Output = plain ? Layout.Plain : forward.OutputLayout(shape);
        if (backwardInput is not null)
        {
            bool any = backwardInput.TakesAnyLayout;
            gradientForInput = Conversion.Of(shape.K, shape.P * shape.Q, Output, any ? Output : backwardInput.GradientLayout(shape));
            inputGradient = Conversion.Of(shape.C, shape.H * shape.W, any ? input : backwardInput.InputLayout(shape), input);
        }

        if (backwardWeights is not null)
        {
            gradientForWeights = Conversion.Of(shape.K, shape.P * shape.Q, Output, backwardWeights.ReadsAnyGradient ? Output : backwardWeights.GradientLayout(shape));
            inputForWeights = Conversion.Of(shape.C, shape.H * shape.W, input, backwardWeights.ReadsAnyLayout ? input : backwardWeights.InputLayout(shape));
        }
    }

    public override string Algorithm =>
        string.Join(" · ", new[] { forward.Name, backwardInput?.Name, backwardWeights?.Name }.OfType<string>());

    public override IReadOnlyList<Layout> Inputs => [input];

    public override Layout Output { get; }

    public override bool KeepsInput => backwardWeights is not null;

    public override bool KeepsOutput => relu;

    // The weights' gradient, which reads it, comes first.
    public override bool GradientReplacesInput => true;

    public override long PackedFloats => BiasOffset + (norm is null ? 0 : shape.K);

    public override long PackingFloats => norm is null ? 0 : shape.WeightCount;

    public override long BackwardPackedFloats => backwardInput?.PackedFloats(shape) ?? 0;

    public override long ScratchFloats => forward.ScratchFloats(shape);

    public override long BackwardScratchFloats =>
        Math.Max(backwardInput?.ScratchFloats(shape) ?? 0, backwardWeights?.ScratchFloats(shape) ?? 0);

    public override long BackwardSharedFloats =>
        Math.Max(
            Images.SumFloats(Gradient(shape.N)),
            Math.Max(
                gradientForInput.Floats(shape.N) + inputGradient.SourceFloats(shape.N),
                gradientForWeights.Floats(shape.N) + inputForWeights.Floats(shape.N) + (backwardWeights?.SharedFloats(shape) ?? 0)));

    // A folded bias lies behind the packed weights, in a cache line of its own.
    private long BiasOffset => norm is null ? forward.PackedFloats(shape) : (forward.PackedFloats(shape) + 15) / 16 * 16;

    public override void Pack(StepFrame frame)
    {
        float* weights = frame.Parameters[0];
        if (norm is not null)
        {
            norm.Fold(frame.Parameters, frame.Packing, frame.Packed + BiasOffset);
            weights = frame.Packing;
        }

        forward.Pack(shape, weights, frame.Packed, frame.Workers);
    }

    public override void PackBackward(StepFrame frame) => backwardInput?.Pack(shape, frame.Parameters[0], frame.BackwardPacked, frame.Workers);

    public override void Forward(StepFrame frame)
    {
        float* bias = norm is not null ? frame.Packed + BiasOffset : hasBias ? frame.Parameters[1] : null;
        Epilogue epilogue = new(bias, relu);
        forward.Run(shape.WithBatch(frame.Images), frame.X[0], input, frame.Packed, epilogue, frame.Y, Output, frame.Scratch, frame.Workers);
    }

    public override void Backward(StepFrame frame)
    {
        ConvShape s = shape.WithBatch(frame.Images);
        float* dy = frame.Dy;
        if (relu)
        {
            Activation.Of(ActivationKind.Relu).Backward(frame.Y, frame.Y, dy, dy, Gradient(s.N).Floats, frame.Workers);
        }

        if (hasBias && frame.ParameterGradients[1] != null)
        {
            Images.Sum(Gradient(s.N), dy, frame.ParameterGradients[1], frame.BackwardShared, frame.Workers);
        }

        if (backwardWeights is not null)
        {
            float* shared = frame.BackwardShared;
            float* gradient = gradientForWeights.Run(s.N, dy, ref shared, frame.Workers);
            float* x = inputForWeights.Run(s.N, frame.X[0], ref shared, frame.Workers);
            // The scratch was laid out for the largest batch, whose shape decides how the work is cut.
            backwardWeights.Run(s, x, inputForWeights.To, gradient, gradientForWeights.To, frame.ParameterGradients[0], shared, frame.BackwardScratch, frame.Workers);
        }

        if (backwardInput is not null)
        {
            float* shared = frame.BackwardShared;
            float* gradient = gradientForInput.Run(s.N, dy, ref shared, frame.Workers);
            float* dx = inputGradient.IsNeeded ? shared : frame.Dx[0];
            backwardInput.Run(s, gradient, gradientForInput.To, frame.BackwardPacked, dx, inputGradient.From, frame.BackwardScratch, frame.Workers);
            if (inputGradient.IsNeeded)
            {
                inputGradient.Into(s.N, dx, frame.Dx[0], frame.Workers);
            }
        }
    }

    private ImageBatch Gradient(int images) => new(images, shape.K, shape.P * shape.Q, Output);
}
