namespace Fovea.Core.Shapes;

/// <summary>
/// The sizes of a two-dimensional convolution: x is N×C×H×W, w is K×(C/groups)×R×S, y is N×K×P×Q. Convolution is the
/// field's cross-correlation. A one-dimensional signal is an image of height 1.
/// </summary>
public readonly record struct ConvShape
{
    /// <summary>Creates and checks the sizes.</summary>
    /// <exception cref="ShapeException">A window does not fit, or the groups do not divide the channels and filters.</exception>
    public ConvShape(int n, int c, int h, int w, int k, Window vertical, Window horizontal, int groups = 1)
    {
        if (n < 0 || c < 1 || h < 1 || w < 1 || k < 1)
        {
            throw new ShapeException("conv", $"channels, height, width and filters must be 1 or more, got ({n}, {c}, {h}, {w}) and {k} filters", "check the input's shape");
        }

        if (groups < 1 || c % groups != 0 || k % groups != 0)
        {
            throw new ShapeException("conv", $"{groups} groups must divide the {c} input channels and the {k} filters", "choose a common divisor");
        }

        N = n;
        C = c;
        H = h;
        W = w;
        K = k;
        Vertical = vertical;
        Horizontal = horizontal;
        Groups = groups;
        P = Fit("height", vertical, h);
        Q = Fit("width", horizontal, w);
    }

    /// <summary>Images in the batch; may be 0.</summary>
    public int N { get; private init; }

    /// <summary>Input channels.</summary>
    public int C { get; }

    /// <summary>Input height.</summary>
    public int H { get; }

    /// <summary>Input width.</summary>
    public int W { get; }

    /// <summary>Filters: output channels.</summary>
    public int K { get; }

    /// <summary>The window along the height.</summary>
    public Window Vertical { get; }

    /// <summary>The window along the width.</summary>
    public Window Horizontal { get; }

    /// <summary>Groups: filter group g sees input channel group g alone.</summary>
    public int Groups { get; }

    /// <summary>Output height.</summary>
    public int P { get; }

    /// <summary>Output width.</summary>
    public int Q { get; }

    /// <summary>Window height.</summary>
    public int R => Vertical.Kernel;

    /// <summary>Window width.</summary>
    public int S => Horizontal.Kernel;

    /// <summary>Input channels that one filter sees.</summary>
    public int GroupC => C / Groups;

    /// <summary>Filters in one group.</summary>
    public int GroupK => K / Groups;

    /// <summary>The shape of x.</summary>
    public Shape Input => new(N, C, H, W);

    /// <summary>The shape of w.</summary>
    public Shape Weights => new(K, GroupC, R, S);

    /// <summary>The shape of y.</summary>
    public Shape Output => new(N, K, P, Q);

    /// <summary>The number of weights.</summary>
    public long WeightCount => (long)K * GroupC * R * S;

    /// <summary>Multiply-accumulates of the forward pass, padding's counted in: N·K·P·Q·(C/groups)·R·S.</summary>
    public long Macs => (long)N * P * Q * WeightCount;

    /// <summary>Whether every window is one pixel.</summary>
    public bool IsPointwise => Vertical.IsPointwise && Horizontal.IsPointwise;

    /// <summary>The same convolution over another number of images.</summary>
    public ConvShape WithBatch(int n) => this with { N = n };

    /// <summary>As it is said: <c>8×64×56×56 → 64, 3×3, stride 1, pad 1</c>.</summary>
    public override string ToString()
    {
        string stride = Vertical.Stride == Horizontal.Stride ? $"{Vertical.Stride}" : $"{Vertical.Stride}×{Horizontal.Stride}";
        string dilation = Vertical.Dilation == 1 && Horizontal.Dilation == 1 ? "" : $", dilation {Vertical.Dilation}×{Horizontal.Dilation}";
        string groups = Groups == 1 ? "" : $", {Groups} groups";
        return $"{N}×{C}×{H}×{W} → {K}, {R}×{S}, stride {stride}, pad {Vertical.Low}+{Vertical.High}×{Horizontal.Low}+{Horizontal.High}{dilation}{groups}";
    }

    private static int Fit(string axis, Window window, int length)
    {
        string? fault = window.Fault(length);
        return fault is null ? window.Output(length) : throw new ShapeException($"conv: along the {axis}, {fault}");
    }
}
