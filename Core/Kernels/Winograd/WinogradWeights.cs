using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Plain weights as vectors of filters, ready to be transformed.</summary>
internal static unsafe class WinogradWeights
{
    /// <summary>
    /// The weights of some channels, each as a vector of the sixteen filters of a block: [channel][window][16]. Lanes past
    /// the last target channel are zero.
    /// </summary>
    /// <param name="sourceChannels">Source channels.</param>
    /// <param name="targetChannels">Target channels.</param>
    /// <param name="window">Positions of the window.</param>
    /// <param name="backward">Whether targets are input channels, and the window is turned round.</param>
    /// <param name="weights">K×C×R×S.</param>
    /// <param name="block">The target block.</param>
    /// <param name="channel">The first source channel.</param>
    /// <param name="channels">How many of them.</param>
    /// <param name="taps">Receives the vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(int sourceChannels, int targetChannels, int window, bool backward, float* weights, int block, int channel, int channels, float* taps)
    {
        int lanes = Math.Min(Blocks.Width, targetChannels - (block * Blocks.Width));
        if (!backward)
        {
            nint filter = (nint)sourceChannels * window;
            float* from = weights + (block * Blocks.Width * filter) + (channel * window);
            for (int i = 0; i < channels * window; i += Blocks.Width)
            {
                Transpose16.Lanes(from + i, filter, lanes, Math.Min(Blocks.Width, (channels * window) - i), taps + (i * Blocks.Width), Blocks.Width);
            }

            return;
        }

        // The window turned round: its positions are written from the last to the first.
        for (int c = 0; c < channels; c++)
        {
            float* from = weights + ((((nint)(channel + c) * targetChannels) + (block * Blocks.Width)) * window);
            float* last = taps + (((c * window) + window - 1) * Blocks.Width);
            for (int i = 0; i < window; i += Blocks.Width)
            {
                Transpose16.Lanes(from + i, window, lanes, Math.Min(Blocks.Width, window - i), last - (i * Blocks.Width), -Blocks.Width);
            }
        }
    }
}
