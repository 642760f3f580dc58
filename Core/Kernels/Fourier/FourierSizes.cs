using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// What the three passes of a convolution of stride 1 share: a transform over which x ⋆ w, of which every index lies from −low to
/// H + high, meets nothing but zeros where it goes round.
/// </summary>
internal readonly struct FourierSizes
{
    /// <summary>The sizes of a convolution.</summary>
    public FourierSizes(in ConvShape s)
    {
        Shape = s;
        Plane = new FourierPlane(Length(s.Vertical, s.H, s.P), Length(s.Horizontal, s.W, s.Q));
    }

    /// <summary>The convolution.</summary>
    public ConvShape Shape { get; }

    /// <summary>The transform.</summary>
    public FourierPlane Plane { get; }

    /// <summary>Where y is found.</summary>
    public (FourierRange Down, FourierRange Across) Outputs => (new(Shape.P, -Shape.Vertical.Low, 1), new(Shape.Q, -Shape.Horizontal.Low, 1));

    /// <summary>Where dx is found.</summary>
    public (FourierRange Down, FourierRange Across) Inputs => (new(Shape.H, Shape.Vertical.Low, 1), new(Shape.W, Shape.Horizontal.Low, 1));

    /// <summary>Where dw is found.</summary>
    public (FourierRange Down, FourierRange Across) Weights =>
        (new(Shape.R, -Shape.Vertical.Low, Shape.Vertical.Dilation), new(Shape.S, -Shape.Horizontal.Low, Shape.Horizontal.Dilation));

    /// <summary>What multiplies a product of transforms, so that its inverse is right.</summary>
    public float Scale => 1f / (Plane.Rows * Plane.Columns);

    /// <summary>Rows that a window covers, laid out with its dilation, as far as the transform goes.</summary>
    public int WindowRows => Math.Min(Shape.Vertical.Extent, Plane.Rows);

    /// <summary>Columns that a window covers.</summary>
    public int WindowColumns => Math.Min(Shape.Horizontal.Extent, Plane.Columns);

    /// <summary>Whether a convolution is one that this does.</summary>
    public static bool Fits(in ConvShape s) => s.Vertical.Stride == 1 && s.Horizontal.Stride == 1 && s.Groups == 1;

    private static int Length(Window window, int input, int output) =>
        FourierRoots.Length(Math.Max(output, input + Math.Max(0, Math.Max(window.Low, window.High))));
}
