using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Depthwise backward weights: dw[channel][tap] = Σ over images and pixels of x[pixel + tap] · dy[pixel], lane by lane.</summary>
/// <remarks>
/// <code>
/// shared  [image][block][R×S][16], added in the order of the images
/// dw      C×1×R×S
/// </code>
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct DepthwiseSum
{
    // Taps that one walk over the pixels sums.
    private const int Together = 4;

    /// <summary>Cuts the sum: an image and a block a chunk.</summary>
    public DepthwiseSum(in ConvShape s, Layout input, Layout gradient = Layout.Blocked)
    {
        Sizes = Depthwise.Forward(s, input).Sizes;
        PlainGradient = gradient == Layout.Plain;
    }

    /// <summary>Whether dy lies plain; bands of it are then turned over in scratch.</summary>
    public bool PlainGradient { get; }

    /// <summary>The sizes and the bands.</summary>
    public Correlation Sizes { get; }

    /// <summary>Chunks of summing.</summary>
    public int Chunks => Sizes.Images * Sizes.TargetBlocks;

    /// <summary>Floats of the images' sums.</summary>
    public long SharedFloats => (long)Sizes.Images * Sizes.TargetBlocks * SlabFloats;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats => Sizes.BandFloats + GradientFloats + (2 * (Sizes.TapCount + Together));

    private long GradientFloats => PlainGradient ? (long)Sizes.TargetPixels(Sizes.RowsPerBand) * Blocks.Width : 0;

    private int SlabFloats => Sizes.Rows.Taps * Sizes.Columns.Taps * Blocks.Width;

    /// <summary>Sums one block of one image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* x, float* dy, float* shared, float* scratch)
        where T : struct, ILanes<T>
    {
        Correlation c = Sizes;
        int block = chunk % c.TargetBlocks;
        int image = chunk / c.TargetBlocks;
        float* sums = shared + ((long)chunk * SlabFloats);
        new Span<float>(sums, SlabFloats).Clear();
        float* turned = scratch + c.BandFloats;
        var taps = (Tap*)(turned + GradientFloats);
        int count = WindowTaps.List(c, 0, 0, block, block + 1, taps);
        for (int i = count; i < count + Together; i++)
        {
            taps[i] = taps[count - 1];
        }

        int channels = Math.Min(Blocks.Width, c.TargetChannels - (block * Blocks.Width));
        float* gradient = PlainGradient
            ? dy + ((((nint)image * c.TargetChannels) + (block * Blocks.Width)) * c.TargetPlane)
            : dy + ((((nint)image * c.TargetBlocks) + block) * c.TargetPlane * Blocks.Width);
        for (int row0 = 0; row0 < c.RowCount; row0 += c.RowsPerBand)
        {
            float* from = Depthwise.Source(c, image, block, row0, x, scratch);
            int row1 = Math.Min(c.RowCount, row0 + c.RowsPerBand);
            int first = c.TargetPixels(row0);
            float* band = gradient + ((nint)first * Blocks.Width);
            if (PlainGradient)
            {
                band = turned;
                DirectWeights.Gather(gradient + first, c.TargetPlane, channels, Math.Min(c.TargetPlane, c.TargetPixels(row1)) - first, band);
            }

            for (int tap = 0; tap < count; tap += Together)
            {
                for (int lane = 0; lane < Blocks.Width; lane += T.Count)
                {
                    T s0 = T.Zero;
                    T s1 = T.Zero;
                    T s2 = T.Zero;
                    T s3 = T.Zero;
                    for (int row = row0; row < row1; row++)
                    {
                        int pixels = c.Flat ? Math.Min(c.RowPixels, c.TargetPlane - (row * c.RowPixels)) : c.RowPixels;
                        float* a = from + ((nint)(row - row0) * c.Rows.Step * c.RowFloats) + lane;
                        float* g = band + ((nint)(row - row0) * c.RowPixels * Blocks.Width) + lane;
                        float* end = g + (pixels * Blocks.Width);
                        float* a0 = a + taps[tap].Offset;
                        float* a1 = a + taps[tap + 1].Offset;
                        float* a2 = a + taps[tap + 2].Offset;
                        float* a3 = a + taps[tap + 3].Offset;
                        while (g < end)
                        {
                            T d = T.Load(g);
                            s0 = T.MultiplyAdd(T.Load(a0), d, s0);
                            s1 = T.MultiplyAdd(T.Load(a1), d, s1);
                            s2 = T.MultiplyAdd(T.Load(a2), d, s2);
                            s3 = T.MultiplyAdd(T.Load(a3), d, s3);
                            g += Blocks.Width;
                            a0 += Blocks.Width;
                            a1 += Blocks.Width;
                            a2 += Blocks.Width;
                            a3 += Blocks.Width;
                        }
                    }

                    Add(s0, sums, tap, count, lane);
                    Add(s1, sums, tap + 1, count, lane);
                    Add(s2, sums, tap + 2, count, lane);
                    Add(s3, sums, tap + 3, count, lane);
                }
            }
        }
    }

    /// <summary>Adds the images' sums of one block and writes its weights.</summary>
    public void Add(int block, float* shared, float* dw)
    {
        Correlation c = Sizes;
        int window = c.Rows.Taps * c.Columns.Taps;
        int* taps = stackalloc int[c.Columns.Taps];
        int* places = stackalloc int[c.Columns.Taps];
        WindowTaps.Columns(c, 0, taps, places);
        int lanes = Math.Min(Blocks.Width, c.TargetChannels - (block * Blocks.Width));
        for (int row = 0; row < c.Rows.Taps; row++)
        {
            for (int i = 0; i < c.Columns.Taps; i++)
            {
                for (int lane = 0; lane < lanes; lane++)
                {
                    float* sums = shared + ((nint)block * SlabFloats) + (((row * c.Columns.Taps) + i) * Blocks.Width) + lane;
                    float sum = 0;
                    for (int image = 0; image < c.Images; image++)
                    {
                        sum += sums[(long)image * c.TargetBlocks * SlabFloats];
                    }

                    dw[((((nint)block * Blocks.Width) + lane) * window) + (row * c.Columns.Taps) + taps[i]] = sum;
                }
            }
        }
    }

    // Taps past the last were the last once more, to fill the walk: their sums go nowhere.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T sum, float* sums, int tap, int count, int lane)
        where T : struct, ILanes<T>
    {
        if (tap < count)
        {
            float* to = sums + (tap * Blocks.Width) + lane;
            (T.Load(to) + sum).Store(to);
        }
    }
}
