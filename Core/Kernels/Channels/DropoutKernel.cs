using System.Numerics;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Channels;

/// <summary>
/// Dropout: y = x · 0 with a probability, otherwise x / (1 − probability) (Srivastava et al., "Dropout", 2014). An element's
/// draw is that of its position in C×H×W, or of its channel, image or batch, under the image's own key: layouts and threads change nothing.
/// </summary>
public static unsafe class DropoutKernel
{
    /// <summary>One image.</summary>
    /// <param name="draws">The draws of one step; an image's are those below it.</param>
    /// <param name="image">The image's number in the batch.</param>
    /// <param name="c">Channels.</param>
    /// <param name="pixels">Pixels of a channel.</param>
    /// <param name="layout">The layout of x and y.</param>
    /// <param name="x">The image.</param>
    /// <param name="y">The result; may be x.</param>
    public static void Run(in DropoutDraws draws, int image, int c, int pixels, Layout layout, float* x, float* y)
    {
        RandomKey key = draws.KeyOf(image);
        float factor = (float)draws.Factor;
        int step = layout == Layout.Blocked ? Blocks.Width : 1;
        ulong position = 0;
        (uint A, uint B, uint C, uint D) words = default;
        for (int channel = 0; channel < c; channel++)
        {
            long at = layout == Layout.Blocked ? ((long)(channel / Blocks.Width) * Blocks.Width * pixels) + (channel % Blocks.Width) : (long)channel * pixels;
            bool keepsChannel = draws.Scope != DropScope.Element && draws.KeepsChannel(key, channel);
            for (int pixel = 0; pixel < pixels; pixel++, position++, at += step)
            {
                bool keeps = keepsChannel;
                if (draws.Scope == DropScope.Element)
                {
                    // Four draws at a time, as Philox gives them.
                    words = (position & 3) == 0 ? Philox.Draw(key, position >> 2) : words;
                    keeps = draws.Keeps((position & 3) switch { 0 => words.A, 1 => words.B, 2 => words.C, _ => words.D });
                }

                y[at] = x[at] * (keeps ? factor : 0);
            }
        }

        if (layout == Layout.Blocked)
        {
            ClearLanes(c, pixels, y);
        }
    }

    /// <summary>The naive twin, over a batch of plain images.</summary>
    public static void Naive<T>(in DropoutDraws draws, int n, int c, int pixels, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n * c * pixels; i++)
        {
            int within = i % (c * pixels);
            RandomKey key = draws.KeyOf(i / (c * pixels));
            bool keeps = draws.Scope == DropScope.Element ? draws.Keeps(key, (ulong)within) : draws.KeepsChannel(key, within / pixels);
            y[i] = x[i] * (keeps ? T.CreateChecked(draws.Factor) : T.Zero);
        }
    }

    // Lanes past the last channel hold zero.
    private static void ClearLanes(int c, int pixels, float* y)
    {
        float* last = y + ((long)(Blocks.Of(c) - 1) * Blocks.Width * pixels);
        int used = c - ((Blocks.Of(c) - 1) * Blocks.Width);
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            new Span<float>(last + ((long)pixel * Blocks.Width) + used, Blocks.Width - used).Clear();
        }
    }
}
