using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Values side by side along their channels: where parallel branches meet.</summary>
public sealed class ConcatNode : Node
{
    private readonly ImageSizes[] parts;

    /// <summary>Creates the node for values of these shapes.</summary>
    /// <exception cref="ShapeException">They differ in more than their channels.</exception>
    public ConcatNode(IReadOnlyList<Shape> shapes)
    {
        ArgumentNullException.ThrowIfNull(shapes);
        if (shapes.Count == 0 || shapes.Any(s => s.Rank == 0 || s.Tail != shapes[0].Tail))
        {
            throw new ShapeException("concat", $"the branches give {string.Join(" and ", shapes)}", "branches that are joined along channels must be of equal height and width: give them the same strides and paddings");
        }

        parts = [.. shapes.Select(ImageSizes.Of)];
        Output = shapes[0].Tail.Prepend(shapes.Sum(s => s[0]));
    }

    /// <inheritdoc/>
    public override string Name => "concat";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Each(frame.Images, (part, from, to, count) => Array.Copy(frame.X[part], from, frame.Y, to, count));

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Each(frame.Images, (part, from, to, count) => Array.Copy(frame.Dy, to, frame.Dx[part], from, count));

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering)
    {
        // Blocks can stand side by side where each part but the last fills its own.
        bool blocked = lowering.Inputs.Contains(Layout.Blocked) && parts.SkipLast(1).All(p => p.C % Blocks.Width == 0);
        return new ConcatStep(parts, blocked ? Layout.Blocked : Layout.Plain);
    }

    private void Each(int images, Action<int, int, int, int> copy)
    {
        int to = 0;
        for (int n = 0; n < images; n++)
        {
            for (int part = 0; part < parts.Length; part++)
            {
                int count = parts[part].C * parts[part].Pixels;
                copy(part, n * count, to, count);
                to += count;
            }
        }
    }

    private sealed unsafe class ConcatStep(ImageSizes[] parts, Layout layout) : Step
    {
        private readonly long image = parts.Sum(p => p.Batch(1, layout).ImageFloats);

        public override IReadOnlyList<Layout> Inputs => [.. parts.Select(_ => layout)];

        public override Layout Output => layout;

        public override void Forward(StepFrame frame)
        {
            float* y = frame.Y;
            for (int part = 0; part < parts.Length; part++)
            {
                long count = parts[part].Batch(1, layout).ImageFloats;
                Joining.Copy(frame.X[part], count, y, image, count, frame.Images, frame.Workers);
                y += count;
            }
        }

        public override void Backward(StepFrame frame)
        {
            float* dy = frame.Dy;
            for (int part = 0; part < parts.Length; part++)
            {
                long count = parts[part].Batch(1, layout).ImageFloats;
                if (frame.Dx[part] != null)
                {
                    Joining.Copy(dy, image, frame.Dx[part], count, count, frame.Images, frame.Workers);
                }

                dy += count;
            }
        }
    }
}
