namespace Fovea.Core.Dispatch;

/// <summary>Work cut into chunks that may run in any order, on any worker, at the same time.</summary>
public interface IJob
{
    /// <summary>Does one chunk.</summary>
    /// <param name="chunk">The chunk's number.</param>
    /// <param name="worker">
    /// The worker that does it, 0 (the caller) to <see cref="Workers.Count"/> − 1: the place of its scratch. No result
    /// may depend on it.
    /// </param>
    void Run(int chunk, int worker);
}
