using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>Work over lanes, written once for every width of vector.</summary>
internal interface ILanesJob
{
    /// <summary>Does one chunk.</summary>
    void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T>;
}

/// <summary>The widest lanes that the instruction set has.</summary>
internal static class WidestLanes
{
    /// <summary>Does one chunk of a job with them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TJob>(in TJob job, int chunk, int worker)
        where TJob : struct, ILanesJob
    {
        if (InstructionSet.Is512)
        {
            job.Run<Lanes512>(chunk, worker);
        }
        else if (InstructionSet.Is256)
        {
            job.Run<Lanes256>(chunk, worker);
        }
        else
        {
            job.Run<Lanes128>(chunk, worker);
        }
    }

    /// <summary>Does one chunk of a job with the widest that a row of so many floats fills, four or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunWithin<TJob>(in TJob job, int floats, int chunk, int worker)
        where TJob : struct, ILanesJob
    {
        if (InstructionSet.Is512 && floats >= Lanes512.Count)
        {
            job.Run<Lanes512>(chunk, worker);
        }
        else if (InstructionSet.Is256 && floats >= Lanes256.Count)
        {
            job.Run<Lanes256>(chunk, worker);
        }
        else
        {
            job.Run<Lanes128>(chunk, worker);
        }
    }
}
