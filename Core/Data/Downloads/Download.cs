using System.Security.Cryptography;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// Fetches published files. A file has its name only when it is whole and its checksum is right; until then it is
/// <c>NAME.part</c>, which a later try goes on from.
/// </summary>
public static class Download
{
    // One for the process, as its documentation advises; it waits as long as bytes keep coming (see Transfer).
    private static readonly HttpClient Client = NewClient();

    /// <summary>Fetches a dataset into the cache, unless it is there already.</summary>
    /// <param name="set">What to fetch.</param>
    /// <param name="cache">The folder that the dataset's own folder goes into; null for the user's cache.</param>
    /// <param name="progress">Is told of every piece that arrives.</param>
    /// <param name="stop">Ends the download; what arrived is kept.</param>
    /// <returns>The folder to load from.</returns>
    /// <exception cref="DownloadException">The server or the network fails, or a file is not the published one.</exception>
    /// <exception cref="DataFileException">The archive does not hold what it should.</exception>
    public static async Task<string> DatasetAsync(
        PublishedDataset set,
        string? cache = null,
        Action<DownloadProgress>? progress = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        string root = cache ?? DataCache.Folder;
        string folder = Path.Combine(root, set.Folder);
        if (set.Unpacked is { } unpacked)
        {
            if (!unpacked.All(file => IsThere(folder, file)))
            {
                string archive = Path.Combine(root, set.Files[0].Name);
                await FileAsync(new Uri(set.Address, set.Files[0].Name), archive, set.Files[0].Md5, progress, stop).ConfigureAwait(false);
                Unpack(archive, folder, unpacked);
                File.Delete(archive);
            }

            return folder;
        }

        foreach (PublishedFile file in set.Files)
        {
            await FileAsync(new Uri(set.Address, file.Name), Path.Combine(folder, file.Name), file.Md5, progress, stop).ConfigureAwait(false);
        }

        return folder;
    }

    /// <summary>Fetches one file, unless it is there already with the right checksum.</summary>
    /// <param name="address">Where it is published.</param>
    /// <param name="target">The path that it gets; its folder is made.</param>
    /// <param name="md5">Its MD5, 32 hexadecimal digits.</param>
    /// <param name="progress">Is told of every piece that arrives.</param>
    /// <param name="stop">Ends the download; what arrived is kept.</param>
    /// <exception cref="DownloadException">The server or the network fails, or the file is not the published one.</exception>
    public static async Task FileAsync(
        Uri address,
        string target,
        string md5,
        Action<DownloadProgress>? progress = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(target);
        if (File.Exists(target) && await Md5Async(target, stop).ConfigureAwait(false) == Normal(md5))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        string part = target + ".part";
        using (FileStream file = OpenPart(address, part))
        {
            await FetchAsync(address, file, target, Normal(md5), progress, stop).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(part, target, overwrite: true);
    }

    // A wrong checksum after going on from an earlier try may be that try's fault: once more, from the start.
    private static async Task FetchAsync(
        Uri address,
        FileStream part,
        string target,
        string md5,
        Action<DownloadProgress>? progress,
        CancellationToken stop)
    {
        bool resumed = part.Length > 0;
        while (true)
        {
            await new Transfer(Client, address, part, target, progress).RunAsync(stop).ConfigureAwait(false);
            part.Position = 0;
            string got = Convert.ToHexStringLower(await MD5.HashDataAsync(part, stop).ConfigureAwait(false));
            if (got == md5)
            {
                return;
            }

            part.SetLength(0);
            if (!resumed)
            {
                throw new DownloadException(
                    address,
                    $"expected a file with MD5 {md5}, got {got}",
                    $"try again; if it stays so, the published file has changed: fetch it by other means, check it, and put it at {target}");
            }

            resumed = false;
        }
    }

    private static FileStream OpenPart(Uri address, string part)
    {
        try
        {
            return new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DownloadException(
                address,
                $"{part} cannot be written ({fault.Message.TrimEnd('.')})",
                "check the folder, and whether another process is fetching the same file",
                fault);
        }
    }

    // Into a folder of its own first, so that the real one appears whole or not at all.
    private static void Unpack(string archive, string folder, IReadOnlyList<UnpackedFile> unpacked)
    {
        string temporary = $"{folder}.{Environment.ProcessId}.part";
        Drop(temporary);
        try
        {
            TarArchive.Extract(archive, temporary, (2 * unpacked.Sum(file => file.Length)) + (1 << 20));
            string whole = Path.Combine(temporary, Path.GetFileName(folder));
            if (unpacked.FirstOrDefault(file => !IsThere(whole, file)) is { } missing)
            {
                throw new DataFileException(
                    archive,
                    Invariant($"{missing.Name} of {missing.Length:N0} bytes"),
                    "none",
                    "the published archive has changed: unpack it by hand");
            }

            if (Directory.Exists(folder))
            {
                Directory.Move(folder, Path.Combine(temporary, "replaced"));
            }

            Directory.Move(whole, folder);
        }
        finally
        {
            Drop(temporary);
        }
    }

    private static void Drop(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsThere(string folder, UnpackedFile file)
    {
        FileInfo info = new(Path.Combine(folder, file.Name));
        return info.Exists && info.Length == file.Length;
    }

    private static async Task<string> Md5Async(string path, CancellationToken stop)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(await MD5.HashDataAsync(file, stop).ConfigureAwait(false));
    }

    private static string Normal(string md5) => md5.ToLowerInvariant();

    private static HttpClient NewClient()
    {
        HttpClient client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Fovea/1");
        return client;
    }
}
