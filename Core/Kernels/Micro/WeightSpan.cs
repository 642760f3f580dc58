namespace Fovea.Core.Kernels;

/// <summary>The pixels that a <see cref="WeightTile"/> sums over, and how far apart they lie; distances in floats.</summary>
internal struct WeightSpan
{
    /// <summary>How many images, rows of each and pixels of a row: 1 or more.</summary>
    public int Images, Rows, Pixels;

    /// <summary>From one image or row of x to the next.</summary>
    public nint XImage, XRow;

    /// <summary>A stem's second and third group of taps, from the first.</summary>
    public nint Group1, Group2;

    /// <summary>From one image, row or block of dy to the next.</summary>
    public nint DyImage, DyRow, DyBlock;

    /// <summary>From the sums of one block of filters to those of the next.</summary>
    public nint DwBlock;
}
