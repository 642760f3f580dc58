namespace Fovea.Core.Formats;

/// <summary>Bytes that are read from their place in the file, past the file's own position.</summary>
internal sealed class PositionalBytes(FileStream file) : FileBytes
{
    /// <inheritdoc/>
    public override bool TryRead(long at, Span<byte> to)
    {
        while (!to.IsEmpty)
        {
            int read = RandomAccess.Read(file.SafeFileHandle, to, at);
            if (read == 0)
            {
                return false;
            }

            at += read;
            to = to[read..];
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();
}
