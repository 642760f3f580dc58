using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of Winograd's convolution along columns: one a band of an image; and of packing its weights: one a block of filters.</summary>
internal unsafe struct ColumnWinogradJob : IJob, ILanesJob
{
    /// <summary>The sizes and the cuts.</summary>
    public ColumnTiles Tiles;

    /// <summary>The image (or the weights), the packed weights, bias (or null), target, and the workers' scratch.</summary>
    public float* Source, Packed, Bias, Target, Scratch;

    /// <summary>Whether max(0, ·) follows, whether the target lies plain, whether it goes past the caches, and whether weights are being packed.</summary>
    public bool Relu, Plain, Far, Packing;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats;

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker)
    {
        if (Packing)
        {
            ColumnProduct.Pack(Tiles, Source, chunk, Packed);
        }
        else
        {
            WidestLanes.RunWithin(this, Plain ? Tiles.Sizes.Q : Blocks.Width, chunk, worker);
        }
    }

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T> =>
        ColumnProduct.Run<T>(Tiles, chunk, Source, Packed, Bias, Relu, Target, Plain, Far, Scratch + (worker * ScratchFloats));
}
