using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

/// <summary>
/// The rows of one target channel from bordered rows of its sources, in tiles of four rows and a vector of columns. The
/// last tiles of a row and of a plane overlap the ones before: what they compute twice is the same.
/// </summary>
[SkipLocalsInit]
internal unsafe partial struct PlaneTile
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 4;

    /// <summary>The most columns from a window's first to its last, both included, with which sources lie in two vectors.</summary>
    public const int MostExtent = 17;

    /// <summary>Source channels, and floats between their planes.</summary>
    public int Sources, SourceFloats;

    /// <summary>Where products are read, from the first column and row that a target reads; and how many there are.</summary>
    public int* Offsets;

    /// <summary>The number of products.</summary>
    public int Count;

    /// <summary>Rows of the window, columns of the window, and floats between these.</summary>
    public int WindowRows, Window, Column;

    /// <summary>What <see cref="ILanes{TSelf}.From"/> says of each column of the window, sixteen floats apart.</summary>
    public float* Lanes;

    /// <summary>The weights in the order of the products.</summary>
    public float* Weights;

    /// <summary>What sums begin with.</summary>
    public float Bias;

    /// <summary>Whether max(0, ·) follows.</summary>
    public bool Relu;

    /// <summary>Columns of a target row, as many as there are lanes or more.</summary>
    public int Columns;

    /// <summary>What is read and written for the next target: fetched meanwhile.</summary>
    public float* NextSource, NextTarget;
}
