using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Depthwise convolution: every channel has one filter of its own, so that sixteen channels of a block are sixteen lanes
/// of one multiplication. Serves the forward pass and the one for inputs; both move as many bytes as they compute.
/// </summary>
/// <remarks>
/// <code>
/// source  N×⌈C/16⌉×H×W×16, or plain
/// packed  [block][phase][tap of the phase][16]; lanes past the last channel are zero
/// target  N×⌈C/16⌉×P×Q×16, or plain; every element is written
/// </code>
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct Depthwise
{
    private const int BandBytes = 128 << 10;

    private Depthwise(Correlation c)
    {
        int rows = 1;
        while (rows < c.RowCount && c.WithBands(rows + 1, 1, 1).BandFloats * sizeof(float) <= BandBytes && rows * c.RowPixels < 4096)
        {
            rows++;
        }

        Sizes = c.WithBands(Correlation.Even(c.RowCount, rows), 1, 1);
    }

    /// <summary>The sizes, as if all channels were one group, and the bands.</summary>
    public Correlation Sizes { get; }

    /// <summary>Chunks of work.</summary>
    public int Chunks => Sizes.Images * Sizes.TargetBlocks * Correlation.Pieces(Sizes.RowCount, Sizes.RowsPerBand);

    /// <summary>Floats of packed weights.</summary>
    public long PackedFloats => (long)Sizes.TargetBlocks * Sizes.Rows.Taps * Sizes.Columns.Taps * Blocks.Width;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats =>
        Sizes.BandFloats + Blocks.Width + ((2 * Sizes.TapCount) + 15) + (Sizes.PlainTarget ? (long)Sizes.TargetPixels(Sizes.RowsPerBand) * Blocks.Width : 0);

    /// <summary>Whether the method applies: as many groups as channels and filters.</summary>
    public static bool Fits(in ConvShape s) => s.Groups == s.C && s.K == s.C && s.C > 1 && s.R * s.S <= WindowTaps.MostTaps;

    /// <summary>y from x.</summary>
    public static Depthwise Forward(in ConvShape s, Layout input, Layout output = Layout.Blocked) => new(Correlation.Forward(Dense(s), input, output));

    /// <summary>dx from dy.</summary>
    public static Depthwise Backward(in ConvShape s, Layout gradient = Layout.Blocked, Layout input = Layout.Blocked) =>
        new(Correlation.BackwardInput(Dense(s), gradient, input));

    /// <summary>The same window over all channels as one group.</summary>
    public static ConvShape Dense(in ConvShape s) => new(s.N, s.C, s.H, s.W, s.K, s.Vertical, s.Horizontal);

    /// <summary>Packs the weights of one block.</summary>
    public void Pack(int block, float* weights, float* packed)
    {
        Correlation c = Sizes;
        int window = c.Rows.Taps * c.Columns.Taps;
        int* taps = stackalloc int[c.Columns.Taps];
        int* places = stackalloc int[c.Columns.Taps];
        int lanes = Math.Min(Blocks.Width, c.SourceChannels - (block * Blocks.Width));
        float* from = weights + ((nint)block * Blocks.Width * window);
        float* to = packed + ((nint)block * Blocks.Width * window);
        for (int rowPhase = 0; rowPhase < c.Rows.Phases; rowPhase++)
        {
            for (int columnPhase = 0; columnPhase < c.Columns.Phases; columnPhase++)
            {
                int columns = WindowTaps.Columns(c, columnPhase, taps, places);
                for (int row = 0; row < c.Rows.Taps; row++)
                {
                    for (int i = 0; i < columns && c.Rows.Reads(rowPhase, row, out _); i++)
                    {
                        for (int lane = 0; lane < Blocks.Width; lane++)
                        {
                            to[lane] = lane < lanes ? from[(lane * window) + (row * c.Columns.Taps) + taps[i]] : 0;
                        }

                        to += Blocks.Width;
                    }
                }
            }
        }
    }

    /// <summary>Computes one chunk: a band of one block of one image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* source, float* packed, float* bias, bool relu, float* target, float* scratch)
        where T : struct, ILanes<T>
    {
        Correlation c = Sizes;
        int bands = Correlation.Pieces(c.RowCount, c.RowsPerBand);
        int row0 = chunk % bands * c.RowsPerBand;
        int row1 = Math.Min(c.RowCount, row0 + c.RowsPerBand);
        int block = chunk / bands % c.TargetBlocks;
        int image = chunk / bands / c.TargetBlocks;

        float* band = scratch;
        float* b = band + c.BandFloats;
        var taps = (Tap*)(b + Blocks.Width);
        float* x = Source(c, image, block, row0, source, band);
        for (int lane = 0; lane < Blocks.Width; lane++)
        {
            int channel = (block * Blocks.Width) + lane;
            b[lane] = bias != null && channel < c.TargetChannels ? bias[channel] : 0;
        }

        int rowOrigin = c.PlainTarget ? row0 : 0;
        float* w = packed + ((nint)block * c.Rows.Taps * c.Columns.Taps * Blocks.Width);
        float* plane = c.PlainTarget
            ? b + Blocks.Width + (((2 * c.TapCount) + 15) / 16 * 16)
            : target + ((((nint)image * c.TargetBlocks) + block) * c.TargetPlane * Blocks.Width);
        nint targetRow = (nint)(c.Flat ? c.RowPixels : c.Columns.Targets) * Blocks.Width;
        for (int rowPhase = 0; rowPhase < c.Rows.Phases; rowPhase++)
        {
            int rowTaps = c.Rows.TapsOf(rowPhase);
            int last = Math.Min(row1, c.Flat ? c.RowCount : c.Rows.Count(rowPhase));
            for (int columnPhase = 0; columnPhase < c.Columns.Phases; columnPhase++)
            {
                int count = rowTaps * c.Columns.TapsOf(columnPhase);
                int pixels = c.Flat ? c.RowPixels : c.Columns.Count(columnPhase);
                WindowTaps.List(c, rowPhase, columnPhase, block, block + 1, taps);
                for (int row = row0; row < last; row++)
                {
                    int now = c.Flat ? Math.Min(pixels, c.TargetPlane - (row * pixels)) : pixels;
                    float* y = plane + ((((row - rowOrigin) * c.Rows.Phases) + rowPhase) * targetRow) + (columnPhase * Blocks.Width);
                    Row<T>(now, taps, count, x + ((nint)(row - row0) * c.Rows.Step * c.RowFloats), w, b, relu, y, c.Columns.Phases * Blocks.Width);
                }

                w += count * Blocks.Width;
            }
        }

        if (c.PlainTarget)
        {
            int first = c.TargetPixels(row0);
            int channels = Math.Min(Blocks.Width, c.TargetChannels - (block * Blocks.Width));
            float* to = target + ((((nint)image * c.TargetChannels) + (block * Blocks.Width)) * c.TargetPlane) + first;
            DirectKernel.Turn(plane, Math.Min(c.TargetPlane, c.TargetPixels(row1)) - first, channels, to, c.TargetPlane);
        }
    }

    /// <summary>The source rows of a band of one block: copied, or where they lie.</summary>
    internal static float* Source(in Correlation c, int image, int block, int row0, float* source, float* band)
    {
        nint images = c.PlainSource ? (nint)c.SourceChannels * c.SourcePlane : (nint)c.SourceBlocks * Blocks.Width * c.SourcePlane;
        source += image * images;
        if (c.InPlace)
        {
            return source + ((nint)block * c.PlaneFloats) + ((nint)row0 * c.RowFloats);
        }

        BandCopy.Copy(c, source, block, block + 1, (row0 * c.Rows.Step) + c.Rows.Nearest, band);
        return band;
    }

    // Four pixels at a time: their sums are independent, and the next four overlap with them in flight.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(int pixels, Tap* taps, int count, float* x, float* w, float* bias, bool relu, float* y, nint yPixel)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            T b = T.Load(bias + lane);
            int pixel = 0;
            for (; pixel + 4 <= pixels; pixel += 4)
            {
                float* a = x + (pixel * Blocks.Width) + lane;
                T s0 = b;
                T s1 = b;
                T s2 = b;
                T s3 = b;
                for (int i = 0; i < count; i++)
                {
                    float* from = a + taps[i].Offset;
                    T weight = T.Load(w + (i * Blocks.Width) + lane);
                    s0 = T.MultiplyAdd(T.Load(from), weight, s0);
                    s1 = T.MultiplyAdd(T.Load(from + 16), weight, s1);
                    s2 = T.MultiplyAdd(T.Load(from + 32), weight, s2);
                    s3 = T.MultiplyAdd(T.Load(from + 48), weight, s3);
                }

                float* to = y + (pixel * yPixel) + lane;
                (relu ? T.Relu(s0) : s0).Store(to);
                (relu ? T.Relu(s1) : s1).Store(to + yPixel);
                (relu ? T.Relu(s2) : s2).Store(to + (2 * yPixel));
                (relu ? T.Relu(s3) : s3).Store(to + (3 * yPixel));
            }

            for (; pixel < pixels; pixel++)
            {
                float* a = x + (pixel * Blocks.Width) + lane;
                T s = b;
                for (int i = 0; i < count; i++)
                {
                    s = T.MultiplyAdd(T.Load(a + taps[i].Offset), T.Load(w + (i * Blocks.Width) + lane), s);
                }

                (relu ? T.Relu(s) : s).Store(y + (pixel * yPixel) + lane);
            }
        }
    }
}
