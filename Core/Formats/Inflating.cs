using System.IO.Compression;

namespace Fovea.Core.Formats;

/// <summary>What the library that decompresses says of damaged data.</summary>
internal static class Inflating
{
    /// <summary>
    /// Whether an exception tells of the data, not of the stream that they come from: most damage is an
    /// InvalidDataException, and some an IOException of a type that the library keeps to itself.
    /// </summary>
    public static bool IsDamage(Exception fault) =>
        fault is InvalidDataException || (fault is IOException && fault.GetType().Assembly == typeof(DeflateStream).Assembly);
}
