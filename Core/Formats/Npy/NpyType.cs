using System.Globalization;

namespace Fovea.Core.Formats;

/// <summary>What an element of a NumPy file is.</summary>
public enum NpyKind
{
    /// <summary>A truth value: 0 or 1 in a byte.</summary>
    Boolean,

    /// <summary>A signed whole number of 1, 2, 4 or 8 bytes.</summary>
    Integer,

    /// <summary>An unsigned whole number of 1, 2, 4 or 8 bytes.</summary>
    Unsigned,

    /// <summary>A floating-point number of 2, 4 or 8 bytes.</summary>
    Float,
}

/// <summary>The type of a NumPy file's elements: kind, bytes and their order.</summary>
/// <param name="Kind">What an element is.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="BigEndian">Whether the high byte comes first.</param>
public readonly record struct NpyType(NpyKind Kind, int Bytes, bool BigEndian = false)
{
    private const string Letters = "biuf";

    /// <summary>float32 with the low byte first: what tensors are.</summary>
    public static NpyType Float32 => new(NpyKind.Float, 4);

    /// <summary>float64 with the low byte first.</summary>
    public static NpyType Float64 => new(NpyKind.Float, 8);

    /// <summary>Whether NumPy has such a type.</summary>
    public bool Exists =>
        Kind switch
        {
            NpyKind.Boolean => Bytes == 1,
            NpyKind.Integer or NpyKind.Unsigned => Bytes is 1 or 2 or 4 or 8,
            NpyKind.Float => Bytes is 2 or 4 or 8,
            _ => false,
        };

    /// <summary>As NumPy writes it: <c>&lt;f4</c>, <c>|u1</c>, <c>&gt;i8</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Bytes == 1 ? '|' : BigEndian ? '>' : '<')}{Letters[(int)Kind]}{Bytes}");

    /// <summary>The type that NumPy's description names.</summary>
    /// <exception cref="DataFormatException">It is none of numbers that are read here.</exception>
    public static NpyType Parse(string description)
    {
        ArgumentNullException.ThrowIfNull(description);
        string bare = description.TrimStart('<', '>', '|', '=');
        int kind = bare.Length == 2 ? Letters.IndexOf(bare[0], StringComparison.Ordinal) : -1;
        var type = new NpyType((NpyKind)kind, kind < 0 ? 0 : bare[1] - '0', description.StartsWith('>'));
        return kind >= 0 && type.Exists && description.Length <= 3
            ? type
            : throw new DataFormatException(description.Contains('O', StringComparison.Ordinal)
                ? "npy: the file holds Python objects, which are never loaded; save numbers"
                : $"npy: elements of type '{description}' are not read; expected bool, integers of 1 to 8 bytes or floats of 2 to 8");
    }
}
