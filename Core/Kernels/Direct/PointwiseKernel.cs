using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Convolution of plain images by windows of one pixel: panels of pixels, copied as they lie, times all filters. Channels lie
/// a plane apart, too far for a processor to foresee: while a panel is multiplied the next one is fetched, a line a tap.
/// </summary>
/// <remarks>
/// <code>
/// source  N×C×H×W
/// packed  as <see cref="WeightPacking"/> writes it
/// bias    [target channels], or null
/// target  N×K×H×W; every element is written
/// panel   [channel][pixels of the panel]
/// </code>
/// </remarks>
internal static unsafe class PointwiseKernel
{
    /// <summary>Computes one of the chunks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Correlation c, in Pointwise p, int chunk, float* source, float* packed, float* bias, bool relu, float* target, float* scratch)
    {
        int chunks = Correlation.Pieces(p.Panels, p.PanelsPerChunk);
        int plane = chunk / chunks;
        int panel0 = chunk % chunks * p.PanelsPerChunk;
        int panel1 = Math.Min(p.Panels, panel0 + p.PanelsPerChunk);
        int group = plane % c.Groups;
        nint planes = (nint)c.SourceChannels * c.SourcePlane;
        source += plane * planes;
        target += (nint)plane * c.TargetChannels * c.TargetPlane;
        packed += (nint)group * c.TargetBlocks * Blocks.Width * c.SourceChannels;
        bias = bias == null ? null : bias + (group * c.TargetChannels);

        var taps = (Tap*)scratch;
        var lines = (int*)(scratch + (2 * p.TapFloats));
        List(c, p, Blocks.Width, taps);
        List(c, p, 2 * Blocks.Width, taps + (p.TapFloats / 2));
        List(c, p, lines);
        for (int panel = panel0; panel < panel1; panel += p.PanelsPerGroup)
        {
            Group(c, p, panel, Math.Min(panel1, panel + p.PanelsPerGroup), plane + 1 < c.Images * c.Groups, source, packed, bias, relu ? TileFlags.Relu : TileFlags.None, target, taps, lines);
        }
    }

    // Where a panel's pixels begin: a last one that is not whole ends with the plane, and gives some pixels a second time,
    // to the same bits.
    private static int First(in Correlation c, in Pointwise p, int panel, out int blocks)
    {
        int first = panel * p.PanelPixels;
        blocks = c.TargetPlane - first <= Blocks.Width ? 1 : p.PanelBlocks;
        return Math.Min(first, c.TargetPlane - (blocks * Blocks.Width));
    }

    // Some panels, a tile of filters at a time: its planes are written in runs. The panels after them are fetched, also where
    // they are another chunk's or image's.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Group(in Correlation c, in Pointwise p, int panel0, int panel1, bool anotherPlane, float* source, float* packed, float* bias, TileFlags flags, float* target, Tap* taps, int* lines)
    {
        for (int block = 0; block < c.TargetBlocks;)
        {
            int group = c.GroupAt(block);
            int filters = Pointwise.Filters(c, block);
            int tiles = Correlation.Pieces(filters, PixelTile.MostPixels(p.PanelBlocks));
            float* weights = packed + ((nint)block * Blocks.Width * c.SourceChannels);
            int begin = 0;
            for (int tile = 1; tile <= tiles; tile++)
            {
                int end = filters * tile / tiles;
                int filter = (block * Blocks.Width) + begin;
                float* b = bias == null ? null : bias + filter;
                for (int panel = panel0; panel < panel1; panel++)
                {
                    int first = First(c, p, panel, out int blocks);
                    int after = panel + (panel1 - panel0);
                    float* ahead = after < p.Panels ? source + First(c, p, after, out _)
                        : anotherPlane ? source + ((nint)c.SourceChannels * c.SourcePlane) + First(c, p, after - p.Panels, out _)
                        : source + first;
                    float* y = target + ((nint)filter * c.TargetPlane) + first;
                    if (group == 1)
                    {
                        PixelTile.Run<FilterStep1>(blocks, end - begin, taps, p.Taps, weights + begin, source + first, y, Blocks.Width, c.TargetPlane, b, flags, ahead, lines, c.SourcePlane);
                    }
                    else
                    {
                        PixelTile.Run<FilterStep2>(blocks, end - begin, taps + (p.TapFloats / 2), p.Taps, weights + begin, source + first, y, Blocks.Width, c.TargetPlane, b, flags, ahead, lines, c.SourcePlane);
                    }
                }

                lines += p.Taps;
                begin = end;
            }

            block += group;
        }
    }

    private static void List(in Correlation c, in Pointwise p, int width, Tap* taps)
    {
        for (int i = 0; i < p.Taps; i++)
        {
            int channel = i * p.ChannelsPerTap;
            taps[i] = new Tap(channel * width, Math.Min(p.ChannelsPerTap, c.SourceChannels - channel));
        }
    }

    // A panel's lines, channel by channel; taps that are left over fetch the first one again.
    private static void List(in Correlation c, in Pointwise p, int* lines)
    {
        int* last = lines + (p.Tiles * p.Taps);
        for (int channel = 0; channel < c.SourceChannels; channel++)
        {
            for (int line = 0; line < p.Lines && lines < last; line++)
            {
                *lines++ = (channel * c.SourcePlane) + Math.Min(line * Blocks.Width, p.PanelPixels - 1);
            }
        }

        while (lines < last)
        {
            *lines++ = 0;
        }
    }
}
