using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>A batch's way from one layout into another, where they differ.</summary>
internal readonly unsafe record struct Conversion(int C, int Pixels, Layout From, Layout To)
{
    /// <summary>Whether the two layouts lie differently: one-pixel images of whole blocks do not.</summary>
    public bool IsNeeded => From != To && !(Pixels == 1 && C % Blocks.Width == 0);

    /// <summary>The conversion of images of these sizes.</summary>
    public static Conversion Of(int c, int pixels, Layout from, Layout to) => new(c, pixels, from, to);

    /// <summary>Floats of the converted batch, in whole cache lines; 0 where nothing is to do.</summary>
    public long Floats(int images) => Room(images, To);

    /// <summary>Floats of the batch before it is converted, in whole cache lines; 0 where nothing is to do.</summary>
    public long SourceFloats(int images) => Room(images, From);

    /// <summary>The batch in the wanted layout: the source itself, or a copy at <paramref name="room"/>, which then moves on.</summary>
    public float* Run(int images, float* source, ref float* room, Workers workers)
    {
        if (!IsNeeded)
        {
            return source;
        }

        float* target = room;
        Into(images, source, target, workers);
        room += Floats(images);
        return target;
    }

    private long Room(int images, Layout layout) => IsNeeded ? ((images * Blocks.ImageFloats(layout, C, Pixels)) + 31) / 16 * 16 : 0;

    /// <summary>Converts into a given place.</summary>
    public void Into(int images, float* source, float* target, Workers workers) =>
        Images.Convert(images, C, Pixels, source, From, target, To, workers);
}
