namespace Fovea.Core.Memory;

/// <summary>What the machine, or the container around the process, has of memory.</summary>
public static class MachineMemory
{
    /// <summary>Bytes that a process may use at most.</summary>
    public static long Bytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Refuses what cannot be, before any of it is taken.</summary>
    /// <param name="bytes">What is needed.</param>
    /// <param name="what">What for, as a sentence begins: <c>memory</c>, <c>training</c>.</param>
    /// <param name="mend">What to do about it.</param>
    /// <exception cref="InsufficientMemoryException">The machine has less; the sentence has both figures.</exception>
    public static void Require(long bytes, string what, string mend)
    {
        long available = Bytes;
        if (bytes > available)
        {
            throw new InsufficientMemoryException($"{what}: {Megabytes(bytes)} are needed and this machine has {Megabytes(available)}; {mend}");
        }
    }

    private static string Megabytes(long bytes) => $"{bytes / 1e6:N0} MB";
}
