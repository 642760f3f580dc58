using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>How layers with a sliding window are listed.</summary>
internal static class WindowText
{
    /// <summary>What is not usual, after the head: <c>conv 64 3×3 stride 2 same dilation 2</c>.</summary>
    public static string Describe(string head, Size stride, Size usualStride, Size dilation, Padding vertical, Padding horizontal, Border border, params string?[] more)
    {
        List<string?> parts = [head];
        if (stride != usualStride)
        {
            parts.Add($"stride {Short(stride)}");
        }

        if (vertical != Padding.Valid || horizontal != Padding.Valid)
        {
            parts.Add(vertical == horizontal ? $"{vertical}" : $"{vertical} × {horizontal}");
        }

        if (border != Border.Zeros)
        {
            parts.Add(Name(border));
        }

        if (dilation != 1)
        {
            parts.Add($"dilation {Short(dilation)}");
        }

        return string.Join(' ', parts.Concat(more).OfType<string>());
    }

    /// <summary>A number where both extents are the same: <c>2</c>, <c>2×1</c>.</summary>
    public static string Short(Size size) => size.Height == size.Width ? $"{size.Height}" : $"{size}";

    /// <summary>A border in a list: <c>reflect</c>.</summary>
    public static string Name(Border border) => border.ToString().ToLowerInvariant();
}
