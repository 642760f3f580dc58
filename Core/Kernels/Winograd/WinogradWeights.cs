using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Plain 3×3 weights as vectors of filters, ready to be transformed.</summary>
internal static unsafe class WinogradWeights
{
    /// <summary>
    /// The nine weights of some channels, each as a vector of the sixteen filters of a block: [channel][9][16]. Lanes past
    /// the last target channel are zero.
    /// </summary>
    /// <param name="tiles">The sizes.</param>
    /// <param name="backward">Whether targets are input channels, and the window is turned round.</param>
    /// <param name="weights">K×C×3×3.</param>
    /// <param name="block">The target block.</param>
    /// <param name="channel">The first source channel.</param>
    /// <param name="channels">Source channels.</param>
    /// <param name="taps">Receives the vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(in WinogradTiles tiles, bool backward, float* weights, int block, int channel, int channels, float* taps)
    {
        int lanes = Math.Min(Blocks.Width, tiles.TargetChannels - (block * Blocks.Width));
        if (!backward)
        {
            nint filter = (nint)tiles.SourceChannels * 9;
            float* from = weights + (block * Blocks.Width * filter) + (channel * 9);
            for (int i = 0; i < channels * 9; i += Blocks.Width)
            {
                Transpose16.Lanes(from + i, filter, lanes, Math.Min(Blocks.Width, (channels * 9) - i), taps + (i * Blocks.Width), Blocks.Width);
            }

            return;
        }

        // The window turned round: its positions are written from the last to the first.
        for (int c = 0; c < channels; c++)
        {
            float* from = weights + ((((nint)(channel + c) * tiles.TargetChannels) + (block * Blocks.Width)) * 9);
            Transpose16.Lanes(from, 9, lanes, 9, taps + (((c * 9) + 8) * Blocks.Width), -Blocks.Width);
        }
    }
}
