using Fovea.Core.Dispatch;

namespace Fovea.Core.Operations;

/// <summary>How many threads work. No result depends on it.</summary>
public static class Threads
{
    /// <summary>
    /// Threads in all: as many as the environment variable <c>FOVEA_THREADS</c> says, otherwise as many as the machine
    /// has processors, until it is set.
    /// </summary>
    public static int Count
    {
        get => Workers.Shared.Count;
        set => Workers.SetShared(value);
    }
}
