namespace Fovea.Core.Kernels;

/// <summary>How a tile's sums begin and end.</summary>
[Flags]
internal enum TileFlags
{
    /// <summary>Begin with the bias, or with zero where there is none; store the sums.</summary>
    None = 0,

    /// <summary>Begin with what the output holds.</summary>
    Accumulate = 1,

    /// <summary>Store max(0, sum); NaN stays NaN.</summary>
    Relu = 2,
}
