namespace Fovea.Core.Data;

/// <summary>A plain file inside a tar archive.</summary>
/// <param name="Name">Its path inside the archive, as the archive has it: never to be trusted.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Content">Its bytes, to be read before the next file is asked for.</param>
internal sealed record TarFile(string Name, long Length, Stream Content);
