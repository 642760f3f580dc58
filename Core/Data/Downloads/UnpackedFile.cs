namespace Fovea.Core.Data;

/// <summary>A file in a published archive.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record UnpackedFile(string Name, long Length);
