using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>Unpacking a <c>.tar</c> or <c>.tar.gz</c> into a folder, without trusting it.</summary>
public static class TarArchive
{
    private const int MostFiles = 100_000;

    /// <summary>
    /// Unpacks the plain files of an archive. Nothing is ever written outside the folder, and no file is replaced:
    /// an archive with such a name is refused. Links and devices are passed over.
    /// </summary>
    /// <param name="archive">The archive, plain or gzipped.</param>
    /// <param name="folder">The folder, made if it is not there.</param>
    /// <param name="limit">The most bytes that the archive may unpack to.</param>
    /// <exception cref="DataFileException">The archive is missing, damaged, too large or hostile. What was written stays.</exception>
    public static void Extract(string archive, string folder, long limit) =>
        DataFiles.Read(archive, "a .tar or .tar.gz archive", stream => Extract(stream, archive, folder, limit));

    /// <summary>Unpacks the plain files of an unpacked tar stream, as <see cref="Extract(string, string, long)"/> does.</summary>
    /// <param name="stream">The tar archive, no longer gzipped.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="folder">The folder, made if it is not there.</param>
    /// <param name="limit">The most bytes that may be read.</param>
    /// <returns>How many files were written.</returns>
    /// <exception cref="DataFileException">The archive is damaged, too large or hostile. What was written stays.</exception>
    public static int Extract(Stream stream, string file, string folder, long limit)
    {
        string root = Path.GetFullPath(folder);
        Directory.CreateDirectory(root);
        int files = 0;
        foreach (TarFile entry in TarReading.Files(stream, file, limit))
        {
            if (++files > MostFiles)
            {
                throw new DataFileException(
                    file,
                    Invariant($"at most {MostFiles:N0} files"),
                    "more",
                    "unpack it by hand if you trust it");
            }

            Write(entry, Target(root, entry.Name, file), file);
        }

        return files;
    }

    // Each part of the name is checked, and then where the whole leads: two locks on one door.
    private static string Target(string root, string name, string file)
    {
        string[] parts = name.Split('/');
        string target = Path.GetFullPath(Path.Combine([root, .. parts]));
        return parts.All(IsPlain) && target.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? target
            : throw new DataFileException(
                file,
                "file names that stay inside the folder",
                $"“{name}”",
                "do not use this archive; download the published one");
    }

    private static bool IsPlain(string part) =>
        part is not ("" or "..") && part.IndexOfAny(['\\', ':', '\0']) < 0 && part.IndexOfAny(Path.GetInvalidFileNameChars()) < 0;

    private static void Write(TarFile entry, string target, string file)
    {
        if (Path.Exists(target))
        {
            throw new DataFileException(
                file,
                "each file once",
                $"“{entry.Name}”, which is there already",
                "unpack into an empty folder");
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using FileStream written = new(target, FileMode.CreateNew);
            entry.Content.CopyTo(written);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(
                file,
                "names and room for its files",
                $"“{entry.Name}”, which cannot be written ({fault.Message})",
                "check the disk and the archive",
                fault);
        }
    }
}
