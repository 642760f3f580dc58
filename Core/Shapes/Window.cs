namespace Fovea.Core.Shapes;

/// <summary>
/// A sliding window along one axis: the kernel's taps, the step between windows, the distance between taps and
/// the padding before (<paramref name="Low"/>) and after (<paramref name="High"/>) the input. This type owns the
/// one output-size formula, ⌊(n + low + high − dilation·(kernel − 1) − 1) / stride⌋ + 1.
/// </summary>
/// <param name="Kernel">Taps of the window, 1 or more.</param>
/// <param name="Stride">Input positions between neighbouring windows, 1 or more.</param>
/// <param name="Dilation">Input positions between neighbouring taps, 1 or more.</param>
/// <param name="Low">Positions of padding before the input; may be negative to crop.</param>
/// <param name="High">Positions of padding after the input; may be negative to crop.</param>
/// <param name="Ceil">
/// Whether a last, partial window counts (pooling's ceil mode). As in PyTorch, a window that would start in the
/// padding after the input is dropped, and a window may be larger than its padded input by less than the stride.
/// </param>
public readonly record struct Window(int Kernel, int Stride = 1, int Dilation = 1, int Low = 0, int High = 0, bool Ceil = false)
{
    /// <summary>Input positions from the first tap to the last, both included: dilation·(kernel − 1) + 1.</summary>
    public int Extent => (Dilation * (Kernel - 1)) + 1;

    /// <summary>Whether every window is exactly one input position: kernel 1, stride 1, no padding.</summary>
    public bool IsPointwise => Kernel == 1 && Stride == 1 && Low == 0 && High == 0;

    /// <summary>The number of windows over an input of <paramref name="length"/> positions.</summary>
    /// <exception cref="ShapeException">The window is larger than its padded input, or an attribute is out of range.</exception>
    public int Output(int length)
    {
        string? fault = Fault(length);
        return fault is null ? Windows(length) : throw new ShapeException(fault);
    }

    /// <summary>Why this window does not fit over <paramref name="length"/> positions, as a sentence; null when it does.</summary>
    public string? Fault(int length)
    {
        if (Kernel < 1 || Stride < 1 || Dilation < 1)
        {
            return $"kernel, stride and dilation must be 1 or more, got kernel {Kernel}, stride {Stride}, dilation {Dilation}";
        }

        // A first window that is itself a partial one counts as long as it is the step that it lacks.
        long padded = (long)length + Low + High;
        return Extent > padded && !(Ceil && Extent - padded < Stride)
            ? $"the window of {Extent} is larger than its padded input of {padded} ({length} + {Low} + {High}); use a smaller kernel or more padding"
            : null;
    }

    /// <summary>The least number of input positions over which there are so many windows: what a transposed convolution makes of them.</summary>
    public long Covered(int windows) => ((windows - 1L) * Stride) + Extent - Low - High;

    /// <summary>The first input position (negative in the padding) that window number <paramref name="output"/> reads.</summary>
    public int Start(int output) => (output * Stride) - Low;

    /// <summary>
    /// The window that reads the same positions without ceil mode: what a last, partial window reaches beyond the padding
    /// is padding too.
    /// </summary>
    public Window WithoutCeil(int length) =>
        Ceil ? this with { Ceil = false, High = Math.Max(0, Start(Output(length) - 1) + Extent - length) } : this;

    private int Windows(int length)
    {
        // C#'s division truncates towards zero: Fault has excluded the negative numerator for which that would answer 1.
        int room = length + Low + High - Extent;
        int windows = (Ceil ? (room + Stride - 1) / Stride : room / Stride) + 1;
        return Ceil && (windows - 1) * Stride >= length + Low ? windows - 1 : windows;
    }
}
