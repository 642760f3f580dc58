namespace Fovea.Core.Training;

/// <summary>Settings within their bounds.</summary>
internal static class Check
{
    public static double NotNegative(string owner, string name, double value) =>
        value >= 0 && double.IsFinite(value) ? value : throw Wrong(owner, name, "0 or more", value);

    public static double Positive(string owner, string name, double value) =>
        value > 0 && double.IsFinite(value) ? value : throw Wrong(owner, name, "more than 0", value);

    /// <summary>Within [0, 1).</summary>
    public static double Fraction(string owner, string name, double value) =>
        value is >= 0 and < 1 ? value : throw Wrong(owner, name, "0 or more and less than 1", value);

    /// <summary>Within [0, 1].</summary>
    public static double Share(string owner, string name, double value) =>
        value is >= 0 and <= 1 ? value : throw Wrong(owner, name, "0..1", value);

    public static int AtLeastOne(string owner, string name, int value) =>
        value >= 1 ? value : throw Wrong(owner, name, "1 or more", value);

    private static ArgumentOutOfRangeException Wrong(string owner, string name, string expected, double value) =>
        new(name, value, $"{owner}: expected {name} {expected}, got {Description.Written(value)}");
}
