namespace Fovea.Core.Kernels;

/// <summary>
/// Stores that go past the caches. A result that is larger than they are has left them before it is read: written so, its old
/// lines are not fetched first, and nothing else is driven out. Workers hand over with locked instructions, which such stores
/// do not pass.
/// </summary>
internal static unsafe class FarStores
{
    private const long LeastBytes = 32 << 20;

    /// <summary>Bytes from which results are best written so where they leave in runs of several lines, while others are computed.</summary>
    public const long LeastBytesOfRuns = 16 << 20;

    private const int LineBytes = 64;

    /// <summary>Whether a result of so many floats is best written so: it is large, and begins with a cache line.</summary>
    public static bool Suit(float* result, long floats, long leastBytes = LeastBytes) =>
        InstructionSet.Is512 && floats * sizeof(float) >= leastBytes && BeginsLine(result);

    /// <summary>Whether a cache line begins here.</summary>
    public static bool BeginsLine(float* place) => (nint)place % LineBytes == 0;
}
