using Fovea.Core.Kernels;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of direct backward weights: first the sums of all parts, then the parts added up.</summary>
internal unsafe struct WeightSumJob : IJob
{
    /// <summary>The sizes and the cuts.</summary>
    public WeightSum Sum;

    /// <summary>x, dy, dw, the parts' sums, and the workers' scratch.</summary>
    public float* X, Dy, Dw, Shared, Scratch;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats;

    /// <summary>Whether the parts are being added.</summary>
    public bool Adding;

    /// <summary>Runs both.</summary>
    public static void Run(in WeightSum sum, float* x, float* dy, float* dw, float* shared, float* scratch, long scratchFloats, Workers workers)
    {
        if (sum.Items == 0)
        {
            new Span<float>(dw, checked((int)(sum.Bands.Groups * sum.Bands.TargetChannels * sum.Bands.SourceChannels * sum.Window))).Clear();
            return;
        }

        var job = new WeightSumJob { Sum = sum, X = x, Dy = dy, Dw = dw, Shared = shared, Scratch = scratch, ScratchFloats = scratchFloats };
        workers.Run(ref job, sum.Chunks);
        job.Adding = true;
        workers.Run(ref job, WeightParts.Chunks(sum.Bands));
    }

    /// <inheritdoc/>
    public void Run(int chunk, int worker)
    {
        float* scratch = Scratch + (worker * ScratchFloats);
        if (Adding)
        {
            WeightParts.Add(Sum.Bands, Sum.Parts, chunk, Shared, Dw, scratch);
        }
        else
        {
            DirectWeights.Sum(Sum, chunk, X, Dy, Shared, scratch);
        }
    }
}
