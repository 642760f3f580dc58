namespace Fovea.Core.Formats;

/// <summary>The bytes of an open file, read at any place by any number of threads.</summary>
internal abstract class FileBytes : IDisposable
{
    /// <summary>Reads as many bytes as there is room for; false where the file ends before them.</summary>
    public abstract bool TryRead(long at, Span<byte> to);

    /// <inheritdoc/>
    public abstract void Dispose();
}
