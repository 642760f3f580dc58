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
