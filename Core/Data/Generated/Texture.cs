namespace Fovea.Core.Data;

/// <summary>A pattern of two colours that goes on for ever.</summary>
/// <param name="Bright">
/// How far a point is inside the bright part (negative: inside the dark one), roughly, in periods; the point is given
/// in periods too.
/// </param>
/// <param name="BrightShare">The bright part's share of the area.</param>
/// <param name="Period">The shortest period in pixels.</param>
internal sealed record Texture(Func<float, float, float> Bright, float BrightShare, float Period)
{
    /// <summary>Stripes, as wide as the gaps between them.</summary>
    public static Texture Stripes { get; } = new((u, _) => Wave(u), 0.5f, 4f);

    /// <summary>A chessboard.</summary>
    public static Texture Checks { get; } = new(Check, 0.5f, 5f);

    /// <summary>Dark dots on a square grid.</summary>
    public static Texture Dots { get; } = new(Dot, 1 - (MathF.PI * DotRadius * DotRadius), 5f);

    private const float DotRadius = 0.32f;

    private static float Check(float u, float v)
    {
        float a = Wave(u), b = Wave(v);
        float edge = MathF.Min(MathF.Abs(a), MathF.Abs(b));
        return a * b > 0 ? edge : -edge;
    }

    private static float Dot(float u, float v)
    {
        float x = u - MathF.Floor(u) - 0.5f, y = v - MathF.Floor(v) - 0.5f;
        return MathF.Sqrt((x * x) + (y * y)) - DotRadius;
    }

    // Up and down between −¼ and ¼ with period 1: the distance to its nearest zero.
    private static float Wave(float u) => MathF.Abs(u - MathF.Floor(u) - 0.5f) - 0.25f;
}
