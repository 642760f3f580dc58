using System.Runtime.ExceptionServices;
using Fovea.Core.Dispatch;

namespace Fovea.Core.Data;

/// <summary>
/// A <see cref="BatchStream"/> on a background thread, some batches ahead of the consumer, so that data are ready when
/// a step is done. The batches are the same to the bit. Buffers rotate: nothing is allocated a batch. An exception of
/// an augmentation is thrown to the consumer at the batch where it happened. One consumer at a time.
/// </summary>
public sealed class PrefetchedBatches : IBatchSource
{
    private readonly BatchStream stream;
    private readonly Batch[] ring;
    private readonly SemaphoreSlim empty;
    private readonly SemaphoreSlim ready = new(0);
    private readonly Thread thread;
    private int taken; // Batches handed to the consumer so far.
    private volatile bool stopping;
    private ExceptionDispatchInfo? fault;
    private int end = int.MaxValue; // The number of batches made before the stream ended or failed.
    private bool disposed;

    /// <summary>Starts to prepare batches.</summary>
    /// <param name="batches">How they are dealt out.</param>
    /// <param name="start">The first one.</param>
    /// <param name="endEpoch">The epoch that is no longer streamed; without it the stream has no end.</param>
    /// <param name="ahead">How many batches may lie ready, 1 or more.</param>
    public PrefetchedBatches(Batches batches, BatchPosition start = default, int endEpoch = int.MaxValue, int ahead = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        stream = new BatchStream(batches, start, endEpoch);
        ring = [.. Enumerable.Range(0, ahead + 1).Select(_ => batches.NewBatch())]; // One more: the consumer's.
        empty = new SemaphoreSlim(ring.Length);
        thread = Companion.Start("Fovea batches", Prepare);
    }

    /// <inheritdoc/>
    public Batch? Next()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (taken > 0 && taken < end)
        {
            empty.Release(); // The batch handed out before is the thread's again.
        }

        if (taken < Volatile.Read(ref end))
        {
            ready.Wait();
        }

        if (taken >= Volatile.Read(ref end))
        {
            fault?.Throw();
            return null;
        }

        return ring[taken++ % ring.Length];
    }

    /// <summary>Ends the thread, once the batch that it is preparing is done.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        stopping = true;
        empty.Release();
        thread.Join();
        empty.Dispose();
        ready.Dispose();
    }

    private void Prepare()
    {
        int made = 0;
        try
        {
            while (true)
            {
                empty.Wait();
                if (stopping || !stream.Next(ring[made % ring.Length]))
                {
                    break;
                }

                made++;
                ready.Release();
            }
        }
        catch (Exception exception)
        {
            fault = ExceptionDispatchInfo.Capture(exception);
        }

        Volatile.Write(ref end, made);
        ready.Release();
    }
}
