namespace Fovea.Core.Shapes;

/// <summary>The sizes of a pooling: x is N×C×H×W, y is N×C×P×Q.</summary>
public readonly record struct PoolShape
{
    /// <summary>Creates and checks the sizes.</summary>
    /// <exception cref="ShapeException">
    /// A window does not fit, or the padding is more than half the window, so that a window could lie wholly in padding.
    /// </exception>
    public PoolShape(int n, int c, int h, int w, Window vertical, Window horizontal)
    {
        if (n < 0 || c < 1 || h < 1 || w < 1)
        {
            throw new ShapeException("pool", $"channels, height and width must be 1 or more, got ({n}, {c}, {h}, {w})", "check the input's shape");
        }

        N = n;
        C = c;
        H = h;
        W = w;
        Vertical = vertical;
        Horizontal = horizontal;
        P = Fit("height", vertical, h);
        Q = Fit("width", horizontal, w);
    }

    /// <summary>Images in the batch; may be 0.</summary>
    public int N { get; private init; }

    /// <summary>Channels.</summary>
    public int C { get; }

    /// <summary>Input height.</summary>
    public int H { get; }

    /// <summary>Input width.</summary>
    public int W { get; }

    /// <summary>The window along the height.</summary>
    public Window Vertical { get; }

    /// <summary>The window along the width.</summary>
    public Window Horizontal { get; }

    /// <summary>Output height.</summary>
    public int P { get; }

    /// <summary>Output width.</summary>
    public int Q { get; }

    /// <summary>Window height.</summary>
    public int R => Vertical.Kernel;

    /// <summary>Window width.</summary>
    public int S => Horizontal.Kernel;

    /// <summary>The shape of x.</summary>
    public Shape Input => new(N, C, H, W);

    /// <summary>The shape of y.</summary>
    public Shape Output => new(N, C, P, Q);

    /// <summary>The same pooling over another number of images.</summary>
    public PoolShape WithBatch(int n) => this with { N = n };

    /// <summary>As it is said: <c>8×64×56×56, 3×3, stride 2×2, pad 1+1×1+1</c>.</summary>
    public override string ToString()
    {
        string dilation = Vertical.Dilation == 1 && Horizontal.Dilation == 1 ? "" : $", dilation {Vertical.Dilation}×{Horizontal.Dilation}";
        string ceil = Vertical.Ceil || Horizontal.Ceil ? ", ceil" : "";
        return $"{N}×{C}×{H}×{W}, {R}×{S}, stride {Vertical.Stride}×{Horizontal.Stride}, pad {Vertical.Low}+{Vertical.High}×{Horizontal.Low}+{Horizontal.High}{dilation}{ceil}";
    }

    /// <summary>What each of the P×Q windows of an average is divided by, as PyTorch counts it.</summary>
    /// <param name="countPadding">
    /// Whether padding counts: then a window is divided by as many positions as it has inside the padded input (a partial
    /// window of ceil mode has fewer than the others), otherwise by its real inputs alone.
    /// </param>
    /// <param name="divisor">What all windows are divided by instead, if it is given (PyTorch's <c>divisor_override</c>).</param>
    public int[] Divisors(bool countPadding, int? divisor = null)
    {
        if (divisor is { } one)
        {
            return [.. Enumerable.Repeat(one, P * Q)];
        }

        int[] rows = Along(Vertical, H, P, countPadding), columns = Along(Horizontal, W, Q, countPadding);
        return [.. rows.SelectMany(r => columns.Select(c => r * c))];
    }

    private static int[] Along(Window window, int length, int outputs, bool countPadding)
    {
        int low = countPadding ? -window.Low : 0, high = length + (countPadding ? window.High : 0);
        return
        [
            .. Enumerable.Range(0, outputs).Select(o =>
                Enumerable.Range(0, window.Kernel).Count(tap => window.Start(o) + (tap * window.Dilation) is var i && i >= low && i < high)),
        ];
    }

    private static int Fit(string axis, Window window, int length)
    {
        if (window.Fault(length) is { } fault)
        {
            throw new ShapeException($"pool: along the {axis}, {fault}");
        }

        // PyTorch's rule: without dilation, every window then has a real input.
        if (window.Low < 0 || window.High < 0 || 2 * Math.Max(window.Low, window.High) > window.Kernel)
        {
            throw new ShapeException("pool", $"along the {axis}, padding {window.Low}+{window.High} is more than half the window of {window.Kernel}", $"use {window.Kernel / 2} at most");
        }

        int outputs = window.Output(length);
        for (int o = 0; o < outputs && window.Dilation > 1; o++)
        {
            int start = window.Start(o);
            int inside = start >= 0 ? start : start + (((window.Dilation - 1 - start) / window.Dilation) * window.Dilation);
            if (inside >= length)
            {
                throw new ShapeException("pool", $"along the {axis}, all taps of window {o} fall into the padding of an input of {length}", "use less dilation or padding");
            }
        }

        return outputs;
    }
}
