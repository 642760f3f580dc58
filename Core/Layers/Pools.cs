using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>What the pooling layers have in common.</summary>
internal static class Pools
{
    public static PoolShape Sizes(Shape input, Size kernel, Size stride, Size dilation, Padding vertical, Padding horizontal, bool ceil) =>
        new(
            1,
            input[0],
            input[1],
            input[2],
            vertical.Resolve(input[1], kernel.Height, stride.Height, dilation.Height, ceil),
            horizontal.Resolve(input[2], kernel.Width, stride.Width, dilation.Width, ceil));

    public static string Describe(string name, Size kernel, Size stride, Size dilation, Padding vertical, Padding horizontal, bool ceil)
    {
        List<string> parts = [$"{name} {kernel}"];
        if (stride != kernel)
        {
            parts.Add(stride.Height == stride.Width ? $"stride {stride.Height}" : $"stride {stride}");
        }

        if (vertical != Padding.Valid || horizontal != Padding.Valid)
        {
            parts.Add(vertical == horizontal ? $"{vertical}" : $"{vertical} × {horizontal}");
        }

        if (dilation != 1)
        {
            parts.Add(dilation.Height == dilation.Width ? $"dilation {dilation.Height}" : $"dilation {dilation}");
        }

        if (ceil)
        {
            parts.Add("ceil");
        }

        return string.Join(' ', parts);
    }

    /// <summary>What each window's sum is divided by, as PyTorch counts it.</summary>
    /// <param name="s">The sizes.</param>
    /// <param name="countPadding">
    /// Whether padding counts: then a window is divided by as many positions as it has inside the padded input (a partial
    /// window of ceil mode has fewer than the others), otherwise by its real inputs alone.
    /// </param>
    public static int[] Divisors(PoolShape s, bool countPadding)
    {
        int[] rows = Along(s.Vertical, s.H, s.P, countPadding), columns = Along(s.Horizontal, s.W, s.Q, countPadding);
        return [.. rows.SelectMany(r => columns.Select(c => r * c))];
    }

    private static int[] Along(Window window, int length, int outputs, bool countPadding)
    {
        int low = countPadding ? -window.Low : 0, high = length + (countPadding ? window.High : 0);
        return
        [
            .. Enumerable.Range(0, outputs).Select(o =>
                Enumerable.Range(0, window.Kernel).Count(tap => window.Start(o) + (tap * window.Dilation) is var i && i >= low && i < high)),
        ];
    }
}
