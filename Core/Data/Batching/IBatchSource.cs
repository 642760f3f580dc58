namespace Fovea.Core.Data;

/// <summary>Batches one after the other.</summary>
public interface IBatchSource : IDisposable
{
    /// <summary>The next batch, or null at the end. It is the caller's until the next call.</summary>
    Batch? Next();
}
