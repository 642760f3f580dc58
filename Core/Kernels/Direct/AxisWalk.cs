using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How targets read sources along one axis. Forward, target i (an output) reads source i·stride + r·dilation − low for
/// each tap r. Backward, target i (an input) reads source (i + low − r·dilation) / stride for those taps for which the
/// division is exact: which ones they are depends on i mod stride alone, so that the targets fall into phases, each an
/// ordinary stride-1 walk over fewer taps.
/// </summary>
internal readonly struct AxisWalk
{
    private readonly Window window;
    private readonly bool backward;

    private AxisWalk(Window window, bool backward, int sources, int targets)
    {
        this.window = window;
        this.backward = backward;
        Sources = sources;
        Targets = targets;
        int nearest = int.MaxValue;
        int farthest = int.MinValue;
        for (int phase = 0; phase < Phases; phase++)
        {
            for (int tap = 0; tap < Taps; tap++)
            {
                if (Reads(phase, tap, out int offset))
                {
                    nearest = Math.Min(nearest, offset);
                    farthest = Math.Max(farthest, offset);
                }
            }
        }

        Nearest = nearest;
        Farthest = farthest;
    }

    /// <summary>Source positions.</summary>
    public int Sources { get; }

    /// <summary>Target positions, of all phases.</summary>
    public int Targets { get; }

    /// <summary>Taps of the window, of all phases.</summary>
    public int Taps => window.Kernel;

    /// <summary>Source positions between what neighbouring targets of a phase read.</summary>
    public int Step => backward ? 1 : window.Stride;

    /// <summary>Phases; neighbouring targets of one phase are so many positions apart.</summary>
    public int Phases => backward ? window.Stride : 1;

    /// <summary>The smallest offset at which a target reads.</summary>
    public int Nearest { get; }

    /// <summary>The largest.</summary>
    public int Farthest { get; }

    /// <summary>Whether every target reads the source at its own position, and nothing else.</summary>
    public bool IsPointwise => window.IsPointwise;

    /// <summary>Whether every target reads inside the source.</summary>
    public bool StaysInside => Nearest >= 0 && ((Count(0) - 1) * Step) + Farthest < Sources;

    /// <summary>The walk of the forward pass: outputs read inputs.</summary>
    public static AxisWalk Forward(Window window, int inputs, int outputs) => new(window, false, inputs, outputs);

    /// <summary>The walk of the backward pass: inputs read the gradients of the outputs.</summary>
    public static AxisWalk Backward(Window window, int inputs, int outputs) => new(window, true, outputs, inputs);

    /// <summary>Targets of a phase: phase, phase + Phases, ...</summary>
    public int Count(int phase) => (Targets - phase + Phases - 1) / Phases;

    /// <summary>Source positions that the first <paramref name="targets"/> targets of every phase span.</summary>
    public int Span(int targets) => ((targets - 1) * Step) + Farthest - Nearest + 1;

    /// <summary>Whether a phase has this tap, and at which offset from target number × Step it reads.</summary>
    public bool Reads(int phase, int tap, out int offset)
    {
        int distance = tap * window.Dilation;
        if (!backward)
        {
            offset = distance - window.Low;
            return true;
        }

        int from = phase + window.Low - distance;
        offset = from / window.Stride;
        return offset * window.Stride == from;
    }

    /// <summary>Taps of one phase.</summary>
    public int TapsOf(int phase)
    {
        int count = 0;
        for (int tap = 0; tap < Taps; tap++)
        {
            count += Reads(phase, tap, out _) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether any target reads a source whose distance from <see cref="Nearest"/> leaves this remainder by Step.</summary>
    public bool Visits(int remainder)
    {
        for (int tap = 0; tap < Taps; tap++)
        {
            if (Reads(0, tap, out int offset) && (offset - Nearest) % Step == remainder)
            {
                return true;
            }
        }

        return Step == 1;
    }
}
