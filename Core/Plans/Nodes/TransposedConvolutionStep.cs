using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Transposed convolution by the algorithms of the convolution that it is the gradient of, and bias.</summary>
internal sealed unsafe class TransposedConvolutionStep : Step
{
    private readonly ConvShape shape;
    private readonly bool hasBias;
    private readonly ConvolutionBackwardInput forward;
    private readonly ConvolutionForward? backwardInput;
    private readonly ConvolutionBackwardWeights? backwardWeights;
    private readonly Conversion gradientForInput;
    private readonly Conversion inputGradient;
    private readonly Conversion gradientForWeights;
    private readonly Conversion inputForWeights;
    private readonly Layout input;

    public TransposedConvolutionStep(ConvShape shape, bool hasBias, Lowering lowering)
    {
        this.shape = shape;
        this.hasBias = hasBias;
        ConvShape judged = lowering.Mode == RunMode.Training ? shape : shape.WithBatch(ConvolutionTables.EvaluationBatch);

        // A pinned name is that of a convolution's forward algorithm.
        AlgorithmChoice exactness = lowering.Choice with { Name = null };
        forward = ConvolutionTables.ChooseBackwardInput(judged, exactness);
        input = forward.TakesAnyLayout ? lowering.Inputs[0] : forward.GradientLayout(shape);
        Output = forward.InputLayout(shape);
        if (lowering.HasBackward && lowering.InputGradient)
        {
            backwardInput = ConvolutionTables.ChooseForward(judged, exactness);
            gradientForInput = Gradient(backwardInput.ReadsAnyLayout ? Output : backwardInput.InputLayout(shape));
            inputGradient = Input(backwardInput.OutputLayout(shape), input);
        }

        if (lowering.HasBackward && lowering.WeightGradient)
        {
            backwardWeights = ConvolutionTables.ChooseBackwardWeights(judged, exactness);
            gradientForWeights = Gradient(backwardWeights.ReadsAnyLayout ? Output : backwardWeights.InputLayout(shape));
            inputForWeights = Input(input, backwardWeights.GradientLayout(shape));
        }
    }

    public override string Algorithm =>
        string.Join(" · ", new[] { forward.Name, backwardInput?.Name, backwardWeights?.Name }.OfType<string>());

    public override IReadOnlyList<Layout> Inputs => [input];

    public override Layout Output { get; }

    public override bool KeepsInput => backwardWeights is not null;

    public override long PackedFloats => forward.PackedFloats(shape);

    public override long BackwardPackedFloats => backwardInput?.PackedFloats(shape) ?? 0;

    public override long ScratchFloats => forward.ScratchFloats(shape);

    public override long BackwardScratchFloats =>
        Math.Max(backwardInput?.ScratchFloats(shape) ?? 0, backwardWeights?.ScratchFloats(shape) ?? 0);

    public override long BackwardSharedFloats =>
        Math.Max(
            Images.SumFloats(Outputs(shape.N)),
            Math.Max(
                gradientForInput.Floats(shape.N) + inputGradient.SourceFloats(shape.N),
                gradientForWeights.Floats(shape.N) + inputForWeights.Floats(shape.N) + (backwardWeights?.SharedFloats(shape) ?? 0)));

    public override void Pack(StepFrame frame) => forward.Pack(shape, frame.Parameters[0], frame.Packed, frame.Workers);

    public override void PackBackward(StepFrame frame) => backwardInput?.Pack(shape, frame.Parameters[0], frame.BackwardPacked, frame.Workers);

    public override void Forward(StepFrame frame)
    {
        ConvShape s = shape.WithBatch(frame.Images);
        forward.Run(s, frame.X[0], input, frame.Packed, frame.Y, Output, frame.Scratch, frame.Workers);
        if (hasBias)
        {
            Images.Affine(Outputs(s.N), frame.Y, null, frame.Parameters[1], frame.Y, frame.Workers);
        }
    }

    public override void Backward(StepFrame frame)
    {
        ConvShape s = shape.WithBatch(frame.Images);
        if (hasBias && frame.ParameterGradients[1] != null)
        {
            Images.Sum(Outputs(s.N), frame.Dy, frame.ParameterGradients[1], frame.BackwardShared, frame.Workers);
        }

        if (backwardWeights is not null)
        {
            float* shared = frame.BackwardShared;
            float* gradient = gradientForWeights.Run(s.N, frame.Dy, ref shared, frame.Workers);
            float* x = inputForWeights.Run(s.N, frame.X[0], ref shared, frame.Workers);
            backwardWeights.Run(s, gradient, gradientForWeights.To, x, frame.ParameterGradients[0], shared, frame.BackwardScratch, frame.Workers);
        }

        if (backwardInput is not null)
        {
            float* shared = frame.BackwardShared;
            float* gradient = gradientForInput.Run(s.N, frame.Dy, ref shared, frame.Workers);
            float* dx = inputGradient.IsNeeded ? shared : frame.Dx[0];
            backwardInput.Run(s, gradient, gradientForInput.To, frame.BackwardPacked, default, dx, frame.BackwardScratch, frame.Workers);
            if (inputGradient.IsNeeded)
            {
                inputGradient.Into(s.N, dx, frame.Dx[0], frame.Workers);
            }
        }
    }

    private ImageBatch Outputs(int images) => new(images, shape.C, shape.H * shape.W, Output);

    private Conversion Gradient(Layout to) => Conversion.Of(shape.C, shape.H * shape.W, Output, to);

    private Conversion Input(Layout from, Layout to) => Conversion.Of(shape.K, shape.P * shape.Q, from, to);
}
