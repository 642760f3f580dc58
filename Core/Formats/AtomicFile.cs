namespace Fovea.Core.Formats;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>What the names of files end in that are not finished; one that is left over may be deleted.</summary>
    public const string Unfinished = ".tmp";

    private static int written;

    /// <summary>
    /// Writes a file under a temporary name in the same folder, flushes it to the disk and gives it its name, in place
    /// of a file that had it. If anything fails, the old file is as it was and the temporary one is gone; if the process
    /// or the machine dies, the old file is as it was and the temporary one may be left over.
    /// </summary>
    /// <param name="path">The file's path; its folder must exist.</param>
    /// <param name="write">What writes the content.</param>
    /// <param name="disk">Where to; the real disk unless given.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static void Write(string path, Action<Stream> write, Disk? disk = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        disk ??= Disk.Real;
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{path}: there is no folder {folder}; create it first");
        }

        string temporary = $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref written)}{Unfinished}";
        try
        {
            using (Stream file = disk.Create(temporary))
            {
                write(file);
                disk.Flush(file);
            }

            disk.Rename(temporary, path);
        }
        catch
        {
            Discard(temporary, disk);
            throw;
        }
    }

    // What went wrong first is what is told: a file that cannot be deleted either says nothing more.
    private static void Discard(string temporary, Disk disk)
    {
        try
        {
            disk.Delete(temporary);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
        }
    }
}
