namespace Fovea.Core.Formats;

/// <summary>
/// The steps by which a file comes to be. The one that there is, is <see cref="Real"/>; another may stand in for a disk
/// that is full or that will not rename, to see what is left then.
/// </summary>
public class Disk
{
    /// <summary>Creates a disk that does what the operating system does.</summary>
    protected Disk() { }

    /// <summary>The operating system's files.</summary>
    public static Disk Real { get; } = new();

    /// <summary>Opens a new file for writing, in place of one that had its name.</summary>
    public virtual Stream Create(string path) => new FileStream(path, FileMode.Create, FileAccess.Write);

    /// <summary>Waits until what was written to a file lies on the medium itself.</summary>
    public virtual void Flush(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file is FileStream real)
        {
            real.Flush(flushToDisk: true);
        }
        else
        {
            file.Flush();
        }
    }

    /// <summary>Gives a file another name, in one step, in place of a file that had it.</summary>
    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Deletes a file, if it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);
}
