namespace Fovea.Core.Data;

/// <summary>A dataset that somebody publishes.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Folder">The folder, within the cache, that its files go to.</param>
/// <param name="Address">The address that file names are appended to; it ends in a slash.</param>
/// <param name="Files">Its files.</param>
/// <param name="UnpackLimit">The most bytes that its archive unpacks to; 0 where files are used as they come.</param>
public sealed record PublishedDataset(string Name, string Folder, Uri Address, IReadOnlyList<PublishedFile> Files, long UnpackLimit = 0);
