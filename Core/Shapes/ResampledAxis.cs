namespace Fovea.Core.Shapes;

/// <summary>
/// One axis of a resampling: each output is a copy of an input (or a zero), or a mix of two. Padding, enlarging by the
/// nearest pixel and enlarging by interpolation are of this kind.
/// </summary>
public sealed class ResampledAxis
{
    private readonly string text;
    private readonly Lazy<int[]> first;
    private readonly Lazy<int[]> second;
    private readonly Lazy<double[]> share;
    private readonly Lazy<AxisTaps> taps;
    private readonly Lazy<AxisTaps> transposed;

    // What an output is made of is worked out where it is asked for: sizes alone take no memory.
    private ResampledAxis(string text, int length, int outputs, bool isMix, Func<int, (int First, int Second, double Share)> of)
    {
        this.text = text;
        Length = length;
        Outputs = outputs;
        IsMix = isMix;
        first = new(() => [.. Enumerable.Range(0, outputs).Select(o => of(o).First)]);
        second = new(() => [.. Enumerable.Range(0, outputs).Select(o => of(o).Second)]);
        share = new(() => [.. Enumerable.Range(0, outputs).Select(o => of(o).Share)]);
        taps = new(() => new AxisTaps(Length, [.. Enumerable.Range(0, outputs).Select(o => Sources(o).ToArray())]));
        transposed = new(Transpose);
    }

    /// <summary>Positions of the input.</summary>
    public int Length { get; }

    /// <summary>Positions of the output.</summary>
    public int Outputs { get; }

    /// <summary>For each output the input that it copies or mixes; −1 for a zero.</summary>
    public int[] First => first.Value;

    /// <summary>For each output the other input that it mixes; −1 where it copies.</summary>
    public int[] Second => second.Value;

    /// <summary>For each output the share of its second input; the first has the rest of 1.</summary>
    public double[] Share => share.Value;

    /// <summary>Whether every output is a mix of two; otherwise every one is a copy or a zero.</summary>
    public bool IsMix { get; }

    /// <summary>Whether every output is a copy or a zero.</summary>
    public bool IsCopy => !IsMix;

    /// <summary>What each output is made of, for kernels.</summary>
    public AxisTaps Taps => taps.Value;

    /// <summary>Which outputs each input goes to, and with which share: what its gradient is made of.</summary>
    public AxisTaps Transposed => transposed.Value;

    /// <summary>The inputs that an output is made of, with their shares: none for a zero.</summary>
    public IEnumerable<(int Source, double Share)> Sources(int output)
    {
        if (First[output] >= 0)
        {
            yield return (First[output], IsMix ? 1 - Share[output] : 1);
        }

        if (IsMix)
        {
            yield return (Second[output], Share[output]);
        }
    }

    /// <summary>An axis with positions put around it, or taken away where the numbers are negative.</summary>
    /// <param name="length">Positions of the input.</param>
    /// <param name="low">Positions before.</param>
    /// <param name="high">Positions after.</param>
    /// <param name="border">What stands there.</param>
    /// <exception cref="ShapeException">
    /// Nothing would be left; or there is less to reflect or to go round than is asked for: as in PyTorch, reflection takes
    /// length − 1 positions at most and circular padding length.
    /// </exception>
    public static ResampledAxis Padded(int length, int low, int high, Border border)
    {
        // What is cropped is gone before the rest goes round.
        int begin = Math.Max(0, -low), end = length - Math.Max(0, -high);
        int most = border == Border.Reflect ? length - 1 : length;
        bool isEmpty = border switch { Border.Zeros => end < begin, Border.Circular => end <= begin, _ => false };
        if (isEmpty || (long)length + low + high is < 1 or > int.MaxValue)
        {
            throw new ShapeException("pad", $"padding {low}+{high} of {length} positions leaves {Math.Max(0, (long)length + low + high)}", "pad or crop less");
        }

        if (border is Border.Reflect or Border.Circular && Math.Max(low, high) > most)
        {
            string kind = border == Border.Reflect ? "reflect padding must be smaller than the image" : "circular padding must not be larger than the image";
            throw new ShapeException("pad", $"{kind}: got {low}+{high} around {length} positions", $"use {most} at most, or Replicate");
        }

        return new ResampledAxis(
            $"{length} padded {low}+{high} {border}",
            length,
            length + low + high,
            false,
            o => (border == Border.Circular ? begin + border.Source(o - low - begin, end - begin) : border.Source(o - low, length), -1, 0));
    }

    /// <summary>Each output a copy of the input before it: output o reads position ⌊o·length/outputs⌋, as PyTorch's 'nearest'.</summary>
    public static ResampledAxis Nearest(int length, int outputs)
    {
        AdaptiveWindow window = new(length, outputs);
        return new ResampledAxis($"{length} to {outputs}, nearest", length, outputs, false, o => (window.Start(o), -1, 0));
    }

    /// <summary>
    /// Each output a mix of the two inputs around it, as PyTorch's 'linear' and 'bilinear': output o lies at
    /// (o + ½)·length/outputs − ½, not before the first input; or, with aligned corners, at o·(length − 1)/(outputs − 1), so
    /// that first and last positions fall on each other.
    /// </summary>
    public static ResampledAxis Linear(int length, int outputs, bool alignCorners)
    {
        double step = alignCorners ? (outputs > 1 ? (length - 1.0) / (outputs - 1) : 0) : (double)length / outputs;
        return new ResampledAxis(
            $"{length} to {outputs}, linear{(alignCorners ? ", corners aligned" : "")}",
            length,
            outputs,
            true,
            o =>
            {
                double at = alignCorners ? o * step : Math.Max(0, ((o + 0.5) * step) - 0.5);
                int first = Math.Min((int)at, length - 1);
                return (first, Math.Min(first + 1, length - 1), at - first);
            });
    }

    private AxisTaps Transpose()
    {
        List<(int, double)>[] outputs = [.. Enumerable.Range(0, Length).Select(_ => new List<(int, double)>())];
        for (int o = 0; o < Outputs; o++)
        {
            foreach ((int source, double share) in Sources(o))
            {
                outputs[source].Add((o, share));
            }
        }

        return new AxisTaps(Outputs, outputs);
    }

    /// <summary>As it is said: <c>5 padded 1+1 Reflect</c>.</summary>
    public override string ToString() => text;
}

/// <summary>The sizes of a resampling: x is N×C×H×W, y is N×C×P×Q.</summary>
/// <param name="N">Images.</param>
/// <param name="C">Channels.</param>
/// <param name="Rows">H to P.</param>
/// <param name="Columns">W to Q.</param>
public readonly record struct ResampleShape(int N, int C, ResampledAxis Rows, ResampledAxis Columns)
{
    /// <summary>The shape of x.</summary>
    public Shape Input => new(N, C, Rows.Length, Columns.Length);

    /// <summary>The shape of y.</summary>
    public Shape Output => new(N, C, Rows.Outputs, Columns.Outputs);

    /// <summary>Whether every output is a copy or a zero.</summary>
    public bool IsCopy => Rows.IsCopy && Columns.IsCopy;

    /// <summary>The same resampling of another number of images.</summary>
    public ResampleShape WithBatch(int n) => this with { N = n };

    /// <summary>As it is said.</summary>
    public override string ToString() => $"{N}×{C}, rows {Rows}, columns {Columns}";
}
