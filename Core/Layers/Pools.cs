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
}
