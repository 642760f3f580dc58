using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// What the outputs of a node see of its input along one axis: output o sees positions ⌊(scale·o + low) / divisor⌋ to
/// ⌊(scale·o + high) / divisor⌋. A sliding window has divisor 1; where outputs lie less than a position apart, as after
/// enlarging, the divisor says how many of them share one.
/// </summary>
/// <param name="Scale">Positions between neighbouring outputs, times the divisor.</param>
/// <param name="Divisor">1 or more.</param>
/// <param name="Low">What the first position of output 0 is made from.</param>
/// <param name="High">What the last position of output 0 is made from.</param>
public readonly record struct AxisReach(int Scale, int Divisor, int Low, int High)
{
    /// <summary>A sliding window's.</summary>
    public static AxisReach Of(Window window) => new(window.Stride, 1, -window.Low, window.Extent - 1 - window.Low);

    /// <summary>A transposed convolution's, from the window that takes its output back to its input.</summary>
    public static AxisReach Transposed(Window window) => new(1, window.Stride, window.Low + window.Stride - window.Extent, window.Low);

    /// <summary>Copying the nearest pixel: ⌊o·length/outputs⌋.</summary>
    public static AxisReach Nearest(int length, int outputs) => new(length, outputs, 0, 0);

    /// <summary>Interpolating between the two pixels around o's place.</summary>
    public static AxisReach Linear(int length, int outputs, bool alignCorners)
    {
        // A single output with aligned corners lies on the first input, whatever the length.
        (int scale, int divisor, int at) =
            !alignCorners ? (2 * length, 2 * outputs, length - outputs)
            : outputs > 1 ? (length - 1, outputs - 1, 0)
            : (0, 1, 0);
        return new(scale, divisor, at, at + divisor);
    }

    /// <summary>The first position that an output sees, unclipped.</summary>
    public int First(int output) => (int)Floor(((long)Scale * output) + Low);

    /// <summary>The last position that an output sees, unclipped.</summary>
    public int Last(int output) => (int)Floor(((long)Scale * output) + High);

    private long Floor(long above) => above >= 0 ? above / Divisor : -((-above + Divisor - 1) / Divisor);
}

/// <summary>What one output of a node sees of its input, along each axis, or everything.</summary>
/// <param name="Vertical">Along the height.</param>
/// <param name="Horizontal">Along the width.</param>
/// <param name="Everything">Whether it sees the whole input, as a dense layer does.</param>
public readonly record struct Reach(AxisReach Vertical, AxisReach Horizontal, bool Everything = false)
{
    /// <summary>Windows that slide along each axis.</summary>
    public Reach(Window vertical, Window horizontal)
        : this(AxisReach.Of(vertical), AxisReach.Of(horizontal)) { }

    /// <summary>The one pixel at its own place.</summary>
    public static Reach Pixel { get; } = new(new Window(1), new Window(1));

    /// <summary>The whole input.</summary>
    public static Reach Whole { get; } = Pixel with { Everything = true };
}
