using System.IO.MemoryMappedFiles;

namespace Fovea.Core.Formats;

/// <summary>Bytes of a file that is mapped into memory: copied from there, without a call for each piece.</summary>
/// <remarks>
/// Where the system lets a mapped file be cut short (Windows does not), touching what is gone ends the process. So the
/// length is asked before each piece is copied, and again afterwards, because the rest of the last page reads as zeros.
/// What is left is the moment between question and copy. A drive whose files can go without being cut (network,
/// removable) is not mapped at all.
/// </remarks>
internal sealed class MappedBytes : FileBytes
{
    private readonly FileStream file;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;

    private MappedBytes(FileStream file, MemoryMappedFile map)
    {
        (this.file, this.map) = (file, map);
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>The bytes of a file with at least one, mapped; null where that cannot be done, or not with safety.</summary>
    public static MappedBytes? Of(FileStream file)
    {
        if (!IsOnSteadyDrive(file.Name))
        {
            return null;
        }

        MemoryMappedFile? map = null;
        try
        {
            map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return new MappedBytes(file, map);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            map?.Dispose();
            return null;
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(long at, Span<byte> to)
    {
        if (!Holds(at + to.Length))
        {
            return false;
        }

        view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(view.PointerOffset + at), to);
        return Holds(at + to.Length);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        view.Dispose();
        map.Dispose();
        file.Dispose();
    }

    private static bool IsOnSteadyDrive(string path)
    {
        string drive = OperatingSystem.IsWindows() ? Path.GetPathRoot(path) ?? path : path;
        try
        {
            return new DriveInfo(drive).DriveType is DriveType.Fixed or DriveType.Ram;
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool Holds(long bytes) => RandomAccess.GetLength(file.SafeFileHandle) >= bytes;
}
