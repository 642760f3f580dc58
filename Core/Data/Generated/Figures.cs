namespace Fovea.Core.Data;

/// <summary>
/// The outlines of the figures: how far a point is outside (negative: inside), roughly, in units in which every figure
/// covers π, the area of the unit disc. So size tells nothing about the class.
/// </summary>
internal static class Figures
{
    /// <summary>The unit disc.</summary>
    public static float Disc(float u, float v) => Length(u, v) - 1;

    /// <summary>Between radius 0.75 and 1.25.</summary>
    public static float Ring(float u, float v) => MathF.Abs(Length(u, v) - 1) - 0.25f;

    /// <summary>A square.</summary>
    public static float Square(float u, float v) => Box(u, v, 0.8862f, 0.8862f);

    /// <summary>A triangle of equal sides: on the inner side of three lines.</summary>
    public static float Triangle(float u, float v) =>
        MathF.Max(-v, MathF.Max((0.8660254f * u) + (0.5f * v), (-0.8660254f * u) + (0.5f * v))) - 0.7776f;

    /// <summary>Two bars across each other.</summary>
    public static float Cross(float u, float v) => MathF.Min(Box(u, v, 1.194f, 0.394f), Box(u, v, 0.394f, 1.194f));

    /// <summary>A star of five points: on the inner side of at least four of the five lines of a pentagram.</summary>
    public static float Star(float u, float v)
    {
        float largest = float.MinValue, second = float.MinValue;
        foreach ((float cos, float sin) in Fifths)
        {
            float beyond = (cos * u) + (sin * v);
            second = MathF.Max(second, MathF.Min(largest, beyond));
            largest = MathF.Max(largest, beyond);
        }

        return second - 0.5170f;
    }

    /// <summary>A disc without a smaller one that lies towards its edge.</summary>
    public static float Crescent(
        float u,
        float v) => MathF.Max(Length(u, v) - 1.4225f,
        1.1505f - Length(u - 0.753f, v));

    private static readonly (float Cos, float Sin)[] Fifths =
        [(1, 0), (0.309017f, 0.9510565f), (-0.809017f, 0.5877853f), (-0.809017f, -0.5877853f), (0.309017f, -0.9510565f)];

    private static float Box(float u, float v, float halfWidth, float halfHeight) =>
        MathF.Max(MathF.Abs(u) - halfWidth, MathF.Abs(v) - halfHeight);

    private static float Length(float u, float v) => MathF.Sqrt((u * u) + (v * v));
}
