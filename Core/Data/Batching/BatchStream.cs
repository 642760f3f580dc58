namespace Fovea.Core.Data;

/// <summary>
/// The batches from a position on, epoch after epoch, made when they are asked for. After the first batch it allocates
/// nothing.
/// </summary>
public sealed class BatchStream : IBatchSource
{
    private readonly Batches batches;
    private readonly int endEpoch;
    private readonly int[] places;
    private readonly float[] scratch;
    private int orderedEpoch = -1;
    private Batch? own;

    /// <summary>Streams batches.</summary>
    /// <param name="batches">How they are dealt out.</param>
    /// <param name="start">The first one.</param>
    /// <param name="endEpoch">The epoch that is no longer streamed; without it the stream has no end.</param>
    /// <exception cref="ArgumentOutOfRangeException">No epoch has such a batch.</exception>
    public BatchStream(Batches batches, BatchPosition start = default, int endEpoch = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfNegative(start.Epoch, nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegative(start.Batch, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start.Batch, batches.Count, nameof(start));
        this.batches = batches;
        this.endEpoch = endEpoch;
        places = new int[batches.Data.Count];
        scratch = new float[2 * batches.Data.ImageShape.Count];
        Position = start.Batch == batches.Count ? new BatchPosition(start.Epoch + 1, 0) : start;
    }

    /// <summary>The batch that comes next: the start of a stream that goes on from here.</summary>
    public BatchPosition Position { get; private set; }

    /// <summary>Fills a buffer of the caller's with the next batch; false at the end.</summary>
    public bool Next(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (Position.Epoch >= endEpoch)
        {
            return false;
        }

        if (orderedEpoch != Position.Epoch)
        {
            batches.FillOrder(Position.Epoch, places);
            orderedEpoch = Position.Epoch;
        }

        batches.Fill(batch, Position, places, scratch);
        Position = batch.EndsEpoch ? new BatchPosition(Position.Epoch + 1, 0) : Position with { Batch = Position.Batch + 1 };
        return true;
    }

    /// <inheritdoc/>
    public Batch? Next()
    {
        own ??= batches.NewBatch();
        return Next(own) ? own : null;
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose() { }
}
