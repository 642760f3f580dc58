namespace Fovea.Core.Dispatch;

/// <summary>What convolutions are made of, each at a price in cycles: see <see cref="UnitCosts"/>.</summary>
internal enum Unit
{
    /// <summary>A cycle of a register tile of direct convolution, as it takes in place.</summary>
    DirectTile,

    /// <summary>Copying or transposing a vector of sixteen floats that the second-level cache holds.</summary>
    Copy,

    /// <summary>Packing a weight.</summary>
    Pack,

    /// <summary>A cycle of a register tile of Winograd's products, where the transformed weights fit the second-level cache,</summary>
    WinogradTileNear,

    /// <summary>where they fit the third,</summary>
    WinogradTileMiddle,

    /// <summary>where they do not,</summary>
    WinogradTileFar,

    /// <summary>where weights are transformed late,</summary>
    WinogradTileLate,

    /// <summary>and where weights are the result.</summary>
    WinogradTileSum,

    /// <summary>Transforming a tile's vectors from a source,</summary>
    WinogradSource,

    /// <summary>into a target,</summary>
    WinogradTarget,

    /// <summary>from a gradient,</summary>
    WinogradGradient,

    /// <summary>and those of a channel's weights, late.</summary>
    WinogradWeight,

    /// <summary>Writing a transformed weight's vectors to the third-level cache,</summary>
    WinogradPackEarly,

    /// <summary>to memory,</summary>
    WinogradPackFar,

    /// <summary>and only arranging a weight.</summary>
    WinogradPackLate,

    /// <summary>A cycle of a register tile of products of Fourier transforms.</summary>
    FourierTile,

    /// <summary>A stage of a transform, for each of its elements.</summary>
    FourierStage,

    /// <summary>Reading or writing an element of a spectrum, part by part.</summary>
    FourierSpectrum,

    /// <summary>Writing a vector of transformed weights, real and imaginary part, a page from the one before.</summary>
    FourierPack,

    /// <summary>Reading a vector of transformed weights.</summary>
    FourierRead,

    /// <summary>A cycle of multiplying a tap of depthwise convolution.</summary>
    DepthwiseTap,

    /// <summary>Reading or writing a float of it.</summary>
    DepthwiseLine,
}
