namespace Fovea.Core.Shapes;

/// <summary>
/// What each position along one axis is made of, as kernels read it: positions in groups of sixteen, and for every group rows of
/// taps, one for each of the sixteen. Worked out once for an axis, forward and transposed.
/// </summary>
public sealed class AxisTaps
{
    /// <summary>Positions in a group.</summary>
    public const int Lanes = 16;

    /// <summary>Inputs that a row of taps may lie apart so that it still has a base.</summary>
    public const int Span = 32;

    internal AxisTaps(int inputs, IReadOnlyList<(int Source, double Weight)>[] taps)
    {
        Inputs = inputs;
        Outputs = taps.Length;
        int groups = (Outputs + Lanes - 1) / Lanes;
        Offset = new int[groups + 1];
        for (int g = 0; g < groups; g++)
        {
            Offset[g + 1] = Offset[g] + taps[(g * Lanes)..Math.Min(Outputs, (g + 1) * Lanes)].Max(t => t.Count);
        }

        Source = new int[Offset[groups] * Lanes];
        Weight = new float[Source.Length];
        Base = new int[Offset[groups]];
        Lacks = new bool[Base.Length];
        Near = new int[Source.Length];
        IsClose = HasBases = true;
        IsFull = taps.All(t => t.Count > 0);
        MostTaps = taps.Length == 0 ? 0 : taps.Max(t => t.Count);
        Array.Fill(Source, -1);
        for (int o = 0; o < Outputs; o++)
        {
            for (int t = 0; t < taps[o].Count; t++)
            {
                int at = ((Offset[o / Lanes] + t) * Lanes) + (o % Lanes);
                (Source[at], Weight[at]) = (taps[o][t].Source, (float)taps[o][t].Weight);
            }
        }

        for (int row = 0; row < Base.Length; row++)
        {
            Span<int> sources = Source.AsSpan(row * Lanes, Lanes);
            int least = int.MaxValue, most = -1;
            foreach (int source in sources)
            {
                (least, most) = source < 0 ? (least, most) : (Math.Min(least, source), Math.Max(most, source));
            }

            Base[row] = most - least < Span ? least : -1;
            HasBases &= Base[row] >= 0;
            IsClose &= most - least < Lanes;
        }

        // A group's places past the last position are nobody's: they read what is there, and lack nothing.
        for (int row = 0; row < Base.Length; row++)
        {
            Span<int> sources = Source.AsSpan(row * Lanes, Lanes);
            int real = row >= Offset[groups - 1] ? Outputs - ((groups - 1) * Lanes) : Lanes;
            sources[real..].Fill(Math.Max(0, Base[row]));
            Lacks[row] = sources.Contains(-1);
            IsClose &= !Lacks[row] && HasBases;
            for (int lane = 0; lane < Lanes; lane++)
            {
                Near[(row * Lanes) + lane] = Math.Max(0, sources[lane] - Math.Max(0, Base[row]));
            }
        }
    }

    /// <summary>Positions that are read.</summary>
    public int Inputs { get; }

    /// <summary>Positions that are made.</summary>
    public int Outputs { get; }

    /// <summary>The first row of taps of each group, and behind the last group their number.</summary>
    public int[] Offset { get; }

    /// <summary>Sixteen to a row: the input that a position reads, −1 for none. A position's taps come before its lacks.</summary>
    public int[] Source { get; }

    /// <summary>Sixteen to a row: the weight of what is read.</summary>
    public float[] Weight { get; }

    /// <summary>For each row the least input that it reads; −1 where they lie more than <see cref="Span"/> apart.</summary>
    public int[] Base { get; }

    /// <summary>Sixteen to a row: how far behind its base the input lies that a position reads, where the row has one.</summary>
    public int[] Near { get; }

    /// <summary>Whether every row has a base.</summary>
    public bool HasBases { get; }

    /// <summary>Whether every row has one, sixteen inputs from there on are all that it reads, and none of its positions reads nothing.</summary>
    public bool IsClose { get; }

    /// <summary>For each row whether any of its positions reads nothing.</summary>
    public bool[] Lacks { get; }

    /// <summary>Whether every position reads something.</summary>
    public bool IsFull { get; }

    /// <summary>The most taps that a position has.</summary>
    public int MostTaps { get; }
}
