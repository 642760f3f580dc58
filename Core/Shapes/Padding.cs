namespace Fovea.Core.Shapes;

/// <summary>How a window's padding is said before the input's size is known.</summary>
public enum PaddingRule
{
    /// <summary>No padding: only windows that lie wholly inside the input.</summary>
    Valid,

    /// <summary>
    /// ⌈n / stride⌉ outputs: the total padding is split evenly, the odd position going after the input
    /// (TensorFlow's SAME; for stride 1 also PyTorch's <c>padding='same'</c>).
    /// </summary>
    Same,

    /// <summary>
    /// dilation·(kernel − 1) positions in all whatever the stride, the odd one after the input: for odd kernels the
    /// symmetric padding that PyTorch networks write as <c>padding=k//2</c>.
    /// </summary>
    SameSymmetric,

    /// <summary>As many positions before and after as is said.</summary>
    Explicit,
}

/// <summary>Padding along one axis: a rule, or positions before and after.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Low">Positions before the input when the rule is explicit.</param>
/// <param name="High">Positions after the input when the rule is explicit.</param>
public readonly record struct Padding(PaddingRule Rule, int Low = 0, int High = 0)
{
    /// <summary>No padding.</summary>
    public static Padding Valid { get; } = new(PaddingRule.Valid);

    /// <summary>Enough for ⌈n / stride⌉ outputs, the odd position after the input.</summary>
    public static Padding Same { get; } = new(PaddingRule.Same);

    /// <summary>dilation·(kernel − 1) positions in all, whatever the stride.</summary>
    public static Padding SameSymmetric { get; } = new(PaddingRule.SameSymmetric);

    /// <summary>The same number of positions before and after.</summary>
    public static Padding Of(int both) => new(PaddingRule.Explicit, both, both);

    /// <summary>Positions before and after.</summary>
    public static Padding Of(int low, int high) => new(PaddingRule.Explicit, low, high);

    /// <summary>The window that this padding makes over an input of <paramref name="length"/> positions.</summary>
    public Window Resolve(int length, int kernel, int stride = 1, int dilation = 1, bool ceil = false)
    {
        var bare = new Window(kernel, stride, dilation, 0, 0, ceil);
        int total = Rule switch
        {
            PaddingRule.Same when stride > 0 => Math.Max(0, ((((length + stride - 1) / stride) - 1) * stride) + bare.Extent - length),
            PaddingRule.SameSymmetric => bare.Extent - 1,
            _ => 0,
        };
        return Rule == PaddingRule.Explicit
            ? bare with { Low = Low, High = High }
            : bare with { Low = total / 2, High = total - (total / 2) };
    }

    /// <summary>As it is written in a layer's name: <c>valid</c>, <c>same</c>, <c>pad 1</c>, <c>pad 0+1</c>.</summary>
    public override string ToString() =>
        Rule switch
        {
            PaddingRule.Valid => "valid",
            PaddingRule.Same => "same",
            PaddingRule.SameSymmetric => "same symmetric",
            _ when Low == High => $"pad {Low}",
            _ => $"pad {Low}+{High}",
        };
}
