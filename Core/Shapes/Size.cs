namespace Fovea.Core.Shapes;

/// <summary>A height and a width; a single number stands for both.</summary>
/// <param name="Height">Along the rows.</param>
/// <param name="Width">Along the columns.</param>
public readonly record struct Size(int Height, int Width)
{
    /// <summary>A square.</summary>
    public static implicit operator Size(int side) => new(side, side);

    /// <summary>A height and a width.</summary>
    public static implicit operator Size(Tuple<int, int> pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return new(pair.Item1, pair.Item2);
    }

    /// <summary>A height and a width.</summary>
    public static implicit operator Size((int Height, int Width) pair) => new(pair.Height, pair.Width);

    /// <summary>As it is written: <c>3×3</c>.</summary>
    public override string ToString() => $"{Height}×{Width}";
}
