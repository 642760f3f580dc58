using System.Runtime.InteropServices;

namespace Fovea.Core.Memory;

/// <summary>
/// Large pages, of 2 MB where usual ones have 4 KB, for the memory of images: those of one batch are hundreds of usual pages, more than a
/// processor keeps the places of. Linux gives them to programs that ask for them (<c>madvise</c>, its setting on most machines); elsewhere
/// nothing is asked for. No result depends on it.
/// </summary>
internal static unsafe partial class LargePages
{
    /// <summary>Bytes of a large page.</summary>
    public const int Bytes = 2 << 20;

    // Two of them at the least; less would be mostly edges.
    private const long LeastBytes = 2 * Bytes;

    // MADV_HUGEPAGE.
    private const int Wanted = 14;

    /// <summary>Whether so many bytes had better lie in them, and begin with one.</summary>
    public static bool Suit(long bytes) => OperatingSystem.IsLinux() && bytes >= LeastBytes;

    /// <summary>Asks for them; a refusal changes nothing but the time that programs take.</summary>
    /// <param name="start">The beginning of a page.</param>
    /// <param name="bytes">What follows; of the last page it need not be all.</param>
    public static void Ask(void* start, long bytes)
    {
        try
        {
            _ = Advise(start, (nuint)(bytes / Bytes * Bytes), Wanted);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system whose C library goes by another name.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint bytes, int advice);
}
