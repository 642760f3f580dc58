namespace Fovea.Core.Kernels;

/// <summary>Windows of weights, sixteen at a time, as images to be transformed, and back.</summary>
internal static unsafe class FourierWindow
{
    /// <summary>
    /// The windows between a channel and a block of sixteen others: rows × columns × 16, dilated, what lies past the
    /// transform's end added at its beginning.
    /// </summary>
    /// <param name="sizes">The sizes.</param>
    /// <param name="weights">K×C×R×S, plain.</param>
    /// <param name="backward">Whether the block is of input channels, the channel a filter; otherwise the other way round.</param>
    /// <param name="block">The block.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="window">Where they go.</param>
    public static void Gather(in FourierSizes sizes, float* weights, bool backward, int block, int channel, float* window)
    {
        var s = sizes.Shape;
        new Span<float>(window, sizes.WindowRows * sizes.WindowColumns * 16).Clear();
        int lanes = Math.Min(16, (backward ? s.C : s.K) - (16 * block));
        for (int lane = 0; lane < lanes; lane++)
        {
            (int k, int c) = backward ? (channel, (16 * block) + lane) : ((16 * block) + lane, channel);
            float* taps = weights + ((((nint)k * s.C) + c) * s.R * s.S);
            for (int r = 0; r < s.R; r++)
            {
                float* row = window + ((nint)(r * s.Vertical.Dilation % sizes.Plane.Rows) * sizes.WindowColumns * 16) + lane;
                for (int t = 0; t < s.S; t++)
                {
                    row[t * s.Horizontal.Dilation % sizes.Plane.Columns * 16] += taps[(r * s.S) + t];
                }
            }
        }
    }

    /// <summary>Writes the windows R × S × 16 between an input channel and a block of filters to plain weights.</summary>
    public static void Scatter(in FourierSizes sizes, float* windows, int block, int channel, float* weights)
    {
        var s = sizes.Shape;
        int lanes = Math.Min(16, s.K - (16 * block)), window = s.R * s.S;
        for (int lane = 0; lane < lanes; lane++)
        {
            float* taps = weights + (((((nint)block * 16) + lane) * s.C) + channel) * window;
            for (int i = 0; i < window; i++)
            {
                taps[i] = windows[(i * 16) + lane];
            }
        }
    }
}
