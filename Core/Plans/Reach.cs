using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>What one output of a node sees of its input: a window along each axis, or everything.</summary>
/// <param name="Vertical">The window along the height.</param>
/// <param name="Horizontal">The window along the width.</param>
/// <param name="Everything">Whether it sees the whole input, as a dense layer does.</param>
public readonly record struct Reach(Window Vertical, Window Horizontal, bool Everything = false)
{
    /// <summary>The one pixel at its own place.</summary>
    public static Reach Pixel { get; } = new(new Window(1), new Window(1));

    /// <summary>The whole input.</summary>
    public static Reach Whole { get; } = new(new Window(1), new Window(1), Everything: true);
}
