namespace Fovea.Core.Data;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Bytes">The bytes on disk so far, those of an earlier try included.</param>
/// <param name="Total">The file's length, where the server says.</param>
public readonly record struct DownloadProgress(string File, long Bytes, long? Total);
