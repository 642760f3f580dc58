using System.Runtime.InteropServices;

namespace Fovea.Core.Memory;

/// <summary>
/// The one owner of memory outside the garbage collector's heap: a run of floats that begins on a cache line and is
/// given back on disposal or, at the latest, by the finaliser.
/// </summary>
public sealed unsafe class AlignedMemory : IDisposable
{
    /// <summary>Bytes to whose multiple every run is aligned: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    private float* start;

    /// <summary>Takes memory; what it holds at first is undefined.</summary>
    /// <exception cref="InsufficientMemoryException">More is asked for than the machine can give; nothing was taken.</exception>
    public AlignedMemory(long floats)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(floats);
        Floats = floats;
        long bytes = floats * sizeof(float);
        try
        {
            MachineMemory.Require(bytes, "memory", "use a smaller batch or smaller images");
        }
        catch
        {
            GC.SuppressFinalize(this);
            throw;
        }

        bool large = LargePages.Suit(bytes);
        start = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, Alignment), (nuint)(large ? LargePages.Bytes : Alignment));
        if (large)
        {
            LargePages.Ask(start, bytes);
        }

        GC.AddMemoryPressure(Math.Max(bytes, Alignment));
    }

    /// <summary>Gives the memory back where nobody disposed of it.</summary>
    ~AlignedMemory() => Release();

    /// <summary>Floats in the run.</summary>
    public long Floats { get; }

    /// <summary>The first float.</summary>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public float* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(start == null, this);
            return start;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (start != null)
        {
            NativeMemory.AlignedFree(start);
            start = null;
            GC.RemoveMemoryPressure(Math.Max(Floats * sizeof(float), Alignment));
        }
    }
}
