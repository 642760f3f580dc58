namespace Fovea.Core.Data;

/// <summary>A dataset that somebody publishes.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Folder">The folder, within the cache, that its files go to.</param>
/// <param name="Address">The address that file names are appended to; it ends in a slash.</param>
/// <param name="Files">The files there: one archive where <paramref name="Unpacked"/> names what is in it.</param>
/// <param name="Unpacked">
/// The files that the archive unpacks to, inside a folder named <paramref name="Folder"/>; null where files are used as
/// they come.
/// </param>
public sealed record PublishedDataset(
    string Name,
    string Folder,
    Uri Address,
    IReadOnlyList<PublishedFile> Files,
    IReadOnlyList<UnpackedFile>? Unpacked = null);
