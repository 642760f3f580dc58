namespace Fovea.Core.Data;

/// <summary>What stands beyond the border of an image.</summary>
public enum Border
{
    /// <summary>Zeros: black.</summary>
    Zeros,

    /// <summary>The image mirrored at its outermost pixels, which are not repeated: of a b c d stands c b before a.</summary>
    Reflect,
}
