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

    public static string Describe(string head, Size kernel, Size stride, Size dilation, Padding vertical, Padding horizontal, bool ceil) =>
        WindowText.Describe(head, stride, kernel, dilation, vertical, horizontal, Border.Zeros, ceil ? "ceil" : null);
}
