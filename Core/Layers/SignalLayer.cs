using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>A layer over signals, channels × length: that over images of height 1, and so by the same kernels.</summary>
public abstract record SignalLayer : Layer
{
    /// <summary>The layer over images of height 1.</summary>
    public abstract Layer Image { get; }

    /// <inheritdoc/>
    public override string Kind => Image.Kind;

    /// <summary>A signal's shape as an image's: C×L as C×1×L.</summary>
    /// <exception cref="ShapeException">It is no signal's.</exception>
    public static Shape AsImage(Shape signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        return new Shape(signal[0], 1, signal[1]);
    }

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Rank != 2)
        {
            throw new ShapeException(
                ToString(),
                $"expected a signal (channels, length), got {input}",
                input.Rank == 3 ? "images take the stage without 1d in its name" : "start the pipeline with input (channels, length)");
        }

        try
        {
            return Named(() => new SignalNode(Image.Resolve(AsImage(input))));
        }
        catch (ShapeException fault)
        {
            throw new ShapeException(fault.Message.Replace("along the width", "along the length", StringComparison.Ordinal));
        }
    }
}
