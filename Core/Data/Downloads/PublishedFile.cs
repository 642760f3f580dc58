namespace Fovea.Core.Data;

/// <summary>A file that somebody publishes.</summary>
/// <param name="Name">Its name, at the address and on disk.</param>
/// <param name="Md5">Its MD5, 32 hexadecimal digits: a guard against damage, as published; not against an attacker.</param>
public sealed record PublishedFile(string Name, string Md5);
