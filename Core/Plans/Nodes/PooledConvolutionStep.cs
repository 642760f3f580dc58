using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// A convolution and the pooling that alone reads it, some images at a time: what the convolution writes for a group of
/// images is pooled while the cache holds it, and its gradient likewise exists for a group alone. Neither is ever there
/// for the whole batch. The gradients of the parameters are summed group by group, then over the groups in their order.
/// </summary>
internal sealed unsafe class PooledConvolutionStep : Step
{
    private const int FloatsOfALine = 16;

    private readonly Step convolution;
    private readonly Step pooling;
    private readonly ImageGroups groups;
    private readonly long inputFloats;
    private readonly long betweenFloats;
    private readonly long outputFloats;
    private readonly long[] gradients;

    /// <summary>Joins the two.</summary>
    /// <param name="convolution">Lowered for the images of a group. It keeps none of its output for the backward pass.</param>
    /// <param name="pooling">Of the convolution's output, in the layout in which it is written.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="input">The shape of one image.</param>
    /// <param name="between">The shape of what is pooled of it.</param>
    /// <param name="output">The shape of what is left of it.</param>
    /// <param name="gradients">Floats of the gradient of each parameter; 0 where there is to be none.</param>
    public PooledConvolutionStep(Step convolution, Step pooling, ImageGroups groups, Shape input, Shape between, Shape output, IEnumerable<long> gradients)
    {
        this.convolution = convolution;
        this.pooling = pooling;
        this.groups = groups;
        inputFloats = ImageSizes.Of(input).Batch(1, convolution.Inputs[0]).ImageFloats;
        betweenFloats = ImageSizes.Of(between).Batch(1, convolution.Output).ImageFloats;
        outputFloats = ImageSizes.Of(output).Batch(1, pooling.Output).ImageFloats;
        this.gradients = [.. gradients];
    }

    public override string Algorithm => $"{convolution.Algorithm} + {pooling.Algorithm}, {groups.Images} at a time";

    public override IReadOnlyList<Layout> Inputs => convolution.Inputs;

    public override Layout Output => pooling.Output;

    public override bool KeepsInput => convolution.KeepsInput;

    public override bool KeepsOutput => pooling.KeepsOutput;

    // A group's own images are overwritten, after their part of the weights' gradient.
    public override bool GradientReplacesInput => convolution.GradientReplacesInput;

    public override long PackedFloats => convolution.PackedFloats;

    public override long PackingFloats => convolution.PackingFloats;

    public override long BackwardPackedFloats => convolution.BackwardPackedFloats;

    public override long SavedFloats => pooling.SavedFloats;

    // A group's room: what lies between the two, then what its workers share. There is one for all workers, or each has one before
    // its scratch, for the groups that it runs alone; in the first of these all run one together, with their scratch behind it.
    public override long ScratchFloats => (groups.HaveRooms ? Room : 0) + Lines(convolution.ScratchFloats);

    public override long BackwardScratchFloats => (groups.HaveRooms ? BackwardRoom : 0) + Lines(convolution.BackwardScratchFloats);

    public override long SharedFloats => groups.HaveRooms ? 0 : Room;

    public override long BackwardSharedFloats => PartFloats + (groups.HaveRooms ? 0 : BackwardRoom);

    private long Between => Lines(groups.Images * betweenFloats);

    private long Room => Between + Lines(convolution.SharedFloats);

    private long BackwardRoom => Between + Lines(convolution.BackwardSharedFloats);

    // The gradients of every group, parameter by parameter.
    private long PartFloats => groups.Count * gradients.Sum(Lines);

    public override void Prepare(StepFrame frame)
    {
        int alone = groups.HaveRooms ? frame.Workers.Count : 0;
        frame.Inner = [.. Pair(frame, 0, frame.Workers), .. Enumerable.Range(0, alone).SelectMany(worker => Pair(frame, worker, Workers.Alone))];
    }

    public override void Pack(StepFrame frame) => convolution.Pack(frame);

    public override void PackBackward(StepFrame frame) => convolution.PackBackward(frame);

    public override void Forward(StepFrame frame) => Run(frame, isBackward: false);

    public override void Backward(StepFrame frame)
    {
        Run(frame, isBackward: true);
        float* parts = frame.BackwardShared;
        for (int p = 0; p < gradients.Length; p++)
        {
            if (gradients[p] > 0)
            {
                Elementwise.Sum(parts, Lines(gradients[p]), groups.Of(frame.Images), frame.ParameterGradients[p], gradients[p], frame.Workers);
                parts += groups.Count * Lines(gradients[p]);
            }
        }
    }

    // Whoever runs a group, its bits are the same.
    private void Run(StepFrame frame, bool isBackward)
    {
        int count = groups.Of(frame.Images);
        if (groups.Suffice(frame.Images, frame.Workers.Count))
        {
            GroupJob job = new(this, frame, isBackward);
            frame.Workers.Run(ref job, count);
            return;
        }

        for (int group = 0; group < count; group++)
        {
            Run(frame, group, 0, isBackward);
        }
    }

    private void Run(StepFrame frame, int group, int pair, bool isBackward)
    {
        StepFrame first = frame.Inner[2 * pair], second = frame.Inner[(2 * pair) + 1];
        long image = (long)group * groups.Images;
        first.Images = second.Images = (int)Math.Min(groups.Images, frame.Images - image);
        first.X[0] = frame.X[0] + (image * inputFloats);
        second.Saved = frame.Saved + (image * pooling.SavedFloats);
        second.Y = frame.Y + (image * outputFloats);
        if (!isBackward)
        {
            convolution.Forward(first);
            pooling.Forward(second);
            return;
        }

        second.Dy = frame.Dy + (image * outputFloats);
        first.Dx[0] = frame.Dx[0] == null ? null : frame.Dx[0] + (image * inputFloats);
        float* parts = frame.BackwardShared;
        for (int p = 0; p < gradients.Length; p++)
        {
            first.ParameterGradients[p] = gradients[p] == 0 ? null : parts + (group * Lines(gradients[p]));
            parts += groups.Count * Lines(gradients[p]);
        }

        pooling.Backward(second);
        convolution.Backward(first);
    }

    // The frames of the two for the groups that all workers run together, or that one of them runs alone.
    private StepFrame[] Pair(StepFrame frame, int worker, Workers workers)
    {
        float* between = groups.HaveRooms ? frame.Scratch + (worker * ScratchFloats) : frame.Shared;
        float* gradient = groups.HaveRooms ? frame.BackwardScratch + (worker * BackwardScratchFloats) : frame.BackwardShared + PartFloats;
        StepFrame first = new(1, frame.Parameters.Length, workers)
        {
            Y = between,
            Dy = gradient,
            Packed = frame.Packed,
            BackwardPacked = frame.BackwardPacked,
            Shared = between + Between,
            BackwardShared = gradient + Between,
            Scratch = groups.HaveRooms ? between + Room : frame.Scratch,
            BackwardScratch = groups.HaveRooms ? gradient + BackwardRoom : frame.BackwardScratch,
        };
        frame.Parameters.CopyTo(first.Parameters, 0);
        StepFrame second = new(1, 0, workers);
        second.X[0] = between;
        second.Dx[0] = gradient;
        return [first, second];
    }

    private static long Lines(long floats) => (floats + FloatsOfALine - 1) / FloatsOfALine * FloatsOfALine;

    private readonly struct GroupJob(PooledConvolutionStep step, StepFrame frame, bool isBackward) : IJob
    {
        public void Run(int chunk, int worker) => step.Run(frame, chunk, 1 + worker, isBackward);
    }
}
