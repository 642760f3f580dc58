using System.Text;

namespace Fovea.Core.Data;

/// <summary>What a file is that is not what it should be, for the sentence that says so.</summary>
internal static class FileKind
{
    private static readonly (byte[] Magic, string Kind)[] Known =
    [
        ([0x1F, 0x8B], "a gzip file"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file"),
        ([0x50, 0x4B, 0x03, 0x04], "a zip file"),
        ([0x42, 0x5A, 0x68], "a bzip2 file"),
        ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
        ([0x80, 0x02, 0x7D, 0x71], "a Python pickle (of the Python version; the binary version is needed)"),
    ];

    /// <summary>A name for the file with these first bytes, or null if nothing can be told.</summary>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return "an empty file";
        }

        foreach ((byte[] magic, string kind) in Known)
        {
            if (head.StartsWith(magic))
            {
                return kind;
            }
        }

        return IsText(head) ? $"a text file that begins “{FirstWords(head)}”" : null;
    }

    private static bool IsText(ReadOnlySpan<byte> head) =>
        head.Length >= 4 && head[..Math.Min(head.Length, 64)].IndexOfAnyExcept(Printable) < 0;

    private static System.Buffers.SearchValues<byte> Printable { get; } =
        System.Buffers.SearchValues.Create([(byte)'\t', (byte)'\n', (byte)'\r', .. Enumerable.Range(32, 95).Select(b => (byte)b)]);

    private static string FirstWords(ReadOnlySpan<byte> head)
    {
        string text = Encoding.ASCII.GetString(head[..Math.Min(head.Length, 64)]).Trim();
        int end = text.AsSpan().IndexOfAny('\r', '\n');
        string line = end < 0 ? text : text[..end];
        return line.Length <= 24 ? line : line[..24] + "…";
    }
}
