using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Fovea.Core.Dispatch;

/// <summary>
/// The only threads of the library: a few persistent ones that help the caller with the chunks of a job. The caller
/// works too and waits only for chunks that were already taken, never for a sleeping worker to start, so that a busy
/// machine slows a job in proportion and no more. Handing out a job allocates nothing.
/// </summary>
public sealed unsafe class Workers : IDisposable
{
    // Every worker has a range of the chunks and a ticket for it: generation in the upper 32 bits, the next free chunk in the
    // lower 32. A chunk is taken by raising the lower half with a compare-and-swap: by the range's own worker, and by those that
    // have done with theirs. So a worker finds in its own cache what its chunks of the last job left there, or of the last
    // call, and yet nobody waits for it. Between jobs the lower halves are Closed, and only then do the fields of the job
    // change: a late worker that read them early finds another ticket, and its swap fails.
    private const long Closed = int.MaxValue;

    // Tickets stand two cache lines apart, as those are fetched in pairs.
    private const int TicketStride = 16;
    private static readonly Lock Gate = new();
    private static Workers? shared;
    private readonly long[] tickets;
    private int total;
    private int finished;
    private void* job;
    private delegate*<void*, int, int, void> body;
    private ExceptionDispatchInfo? fault;

    private readonly Thread[] threads;
    private readonly SemaphoreSlim wake = new(0);
    private int asleep;
    private int owned;
    private volatile bool stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="count">Workers in all, the caller being one of them; 1 or more.</param>
    public Workers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        tickets = new long[(count + 1) * TicketStride];
        for (int worker = 0; worker < count; worker++)
        {
            Ticket(worker) = Closed;
        }

        threads = new Thread[count - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            int worker = i + 1;
            threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"Fovea worker {worker}" };
            threads[i].Start();
        }
    }

    /// <summary>
    /// The workers that everything uses unless it is given others: as many as the environment variable
    /// <c>FOVEA_THREADS</c> says, otherwise as many as the machine has processors.
    /// </summary>
    public static Workers Shared
    {
        get
        {
            lock (Gate)
            {
                return shared ??= new Workers(DefaultCount());
            }
        }
    }

    /// <summary>The calling thread alone: for what a worker does with a chunk. Any number of threads may use it at once.</summary>
    public static Workers Alone { get; } = new(1);

    /// <summary>Workers in all, the caller being one of them.</summary>
    public int Count { get; }

    /// <summary>Sets how many workers <see cref="Shared"/> has from now on. No result changes by it.</summary>
    public static void SetShared(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (Gate)
        {
            if (shared?.Count != count)
            {
                // The old ones may be at work for another thread, which goes on alone when they have stopped.
                shared?.Dispose();
                shared = new Workers(count);
            }
        }
    }

    private static int DefaultCount() =>
        int.TryParse(Environment.GetEnvironmentVariable("FOVEA_THREADS"), out int count) && count > 0
            ? count
            : Environment.ProcessorCount;

    /// <summary>
    /// Runs all chunks of a job and returns when they are done. When another thread's job occupies the workers, the
    /// caller does its chunks by itself. An exception in a chunk is thrown here when the rest is done.
    /// </summary>
    public void Run<TJob>(ref TJob job, int chunks)
        where TJob : struct, IJob
    {
        if (chunks <= 1 || Count == 1 || Interlocked.CompareExchange(ref owned, 1, 0) != 0)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                job.Run(chunk, 0);
            }

            return;
        }

        try
        {
#pragma warning disable CS8500 // The job may hold references: it stays where it is while it is pinned, and the caller keeps it alive.
            fixed (TJob* pinned = &job)
            {
                Share(pinned, &Chunk<TJob>, chunks);
            }
#pragma warning restore CS8500
        }
        finally
        {
            Volatile.Write(ref owned, 0);
        }
    }

    /// <summary>Ends the threads once their chunks are done.</summary>
    public void Dispose()
    {
        stopping = true;
        wake.Release(threads.Length + 1);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

    }

    private static void Chunk<TJob>(void* job, int chunk, int worker)
        where TJob : struct, IJob => Unsafe.AsRef<TJob>(job).Run(chunk, worker);

    private ref long Ticket(int worker) => ref tickets[(worker + 1) * TicketStride];

    // Where a worker's range begins; that of the one after the last is the number of chunks.
    private int Begin(int worker, int chunks) => (int)((((long)chunks * worker) + Count - 1) / Count);

    private void Share(void* work, delegate*<void*, int, int, void> run, int chunks)
    {
        job = work;
        body = run;
        fault = null;
        Volatile.Write(ref finished, 0);
        Volatile.Write(ref total, chunks);

        // Opens the job, the caller's own range last.
        long generation = ((Ticket(0) >> 32) + 1) << 32;
        for (int worker = Count - 1; worker >= 0; worker--)
        {
            Interlocked.Exchange(ref Ticket(worker), generation | (uint)Begin(worker, chunks));
        }

        int sleeping = Volatile.Read(ref asleep);
        if (sleeping > 0)
        {
            wake.Release(Math.Min(sleeping, chunks - 1));
        }

        Drain(0);
        Await(chunks);
        for (int worker = 0; worker < Count; worker++)
        {
            Volatile.Write(ref Ticket(worker), generation | Closed);
        }

        fault?.Throw();
    }

    // Chunks that were taken are short: look often, and let others have the processor where one takes longer.
    private void Await(int chunks)
    {
        const int Looks = 1000;
        for (int look = 0; look < Looks; look++)
        {
            if (Volatile.Read(ref finished) >= chunks)
            {
                return;
            }

            Thread.SpinWait(1);
        }

        SpinWait spin = default;
        while (Volatile.Read(ref finished) < chunks)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    // The worker's own range first, then what is left of the others'. Until it has told what it did, the job stays open.
    private void Drain(int worker)
    {
        int done = 0;
        for (int i = 0; i < Count; i++)
        {
            int range = worker + i;
            done += Drain(range < Count ? range : range - Count, worker);
        }

        if (done > 0)
        {
            Interlocked.Add(ref finished, done);
        }
    }

    private int Drain(int range, int worker)
    {
        ref long ticket = ref Ticket(range);
        int done = 0;
        while (true)
        {
            long seen = Volatile.Read(ref ticket);
            int chunk = (int)(seen & 0xFFFFFFFF);
            if (chunk >= Begin(range + 1, Volatile.Read(ref total)))
            {
                return done;
            }

            if (Interlocked.CompareExchange(ref ticket, seen + 1, seen) != seen)
            {
                continue;
            }

            try
            {
                body(job, chunk, worker);
            }
            catch (Exception exception)
            {
                fault = ExceptionDispatchInfo.Capture(exception);
            }

            done++;
        }
    }

    private void Serve(int worker)
    {
        // A training step hands out a job every few dozen microseconds: spin for about as long, then sleep.
        const int Spins = 32_000;
        ref long ticket = ref Ticket(worker);
        long seen = 0;
        int idle = 0;
        while (!stopping)
        {
            long now = Volatile.Read(ref ticket);
            if (now >> 32 != seen)
            {
                seen = now >> 32;
                Drain(worker);
                idle = 0;
            }
            else if (++idle < Spins)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Interlocked.Increment(ref asleep);
                if (Volatile.Read(ref ticket) >> 32 == seen && !stopping)
                {
                    wake.Wait();
                }

                Interlocked.Decrement(ref asleep);
                idle = 0;
            }
        }
    }
}
