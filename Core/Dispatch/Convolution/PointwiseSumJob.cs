using Fovea.Core.Kernels;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of the weights' gradient by windows of one pixel over plain images: first the sums of all parts, then the parts added up.</summary>
internal unsafe struct PointwiseSumJob : IJob
{
    /// <summary>The sizes and the cuts.</summary>
    public PointwiseSum Sum;

    /// <summary>The images that are turned over, those that are not, dw, the parts' sums, and the workers' scratch.</summary>
    public float* Lanes, Rows, Dw, Shared, Scratch;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats;

    /// <summary>Whether the parts are being added.</summary>
    public bool Adding;

    /// <summary>Runs both.</summary>
    public static void Run(in PointwiseSum sum, float* x, float* dy, float* dw, float* shared, float* scratch, long scratchFloats, Workers workers)
    {
        if (sum.Items == 0)
        {
            new Span<float>(dw, checked(sum.Groups * sum.Rows * sum.Lanes)).Clear();
            return;
        }

        var job = new PointwiseSumJob
        {
            Sum = sum,
            Lanes = sum.LanesAreInputs ? x : dy,
            Rows = sum.LanesAreInputs ? dy : x,
            Dw = dw,
            Shared = shared,
            Scratch = scratch,
            ScratchFloats = scratchFloats,
        };
        workers.Run(ref job, sum.Chunks);
        job.Adding = true;
        workers.Run(ref job, sum.AddingChunks);
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker)
    {
        if (Adding)
        {
            PointwiseWeights.Add(Sum, chunk, Shared, Dw);
        }
        else
        {
            PointwiseWeights.Sum(Sum, chunk, Lanes, Rows, Shared, Scratch + (worker * ScratchFloats));
        }
    }
}
