namespace Fovea.Core.Formats;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    private static int written;

    /// <summary>
    /// Writes a file under a temporary name in the same folder, flushes it to the disk and gives it its name, in place
    /// of a file that had it. If anything fails, the old file is as it was and the temporary one is gone.
    /// </summary>
    /// <param name="path">The file's path; its folder must exist.</param>
    /// <param name="write">What writes the content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref written)}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
