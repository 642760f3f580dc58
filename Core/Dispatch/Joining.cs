namespace Fovea.Core.Dispatch;

/// <summary>Copies of runs of floats, one for each image, between batches whose images are of different lengths.</summary>
public static unsafe class Joining
{
    /// <summary>For each of so many images, <paramref name="count"/> floats from one batch into another.</summary>
    public static void Copy(float* from, long fromImage, float* to, long toImage, long count, int images, Workers workers)
    {
        Job job = new() { From = from, FromImage = fromImage, To = to, ToImage = toImage, Count = count };
        workers.Run(ref job, images);
    }

    private struct Job : IJob
    {
        public float* From;
        public long FromImage;
        public float* To;
        public long ToImage;
        public long Count;

        public readonly void Run(int chunk, int worker) =>
            Buffer.MemoryCopy(From + (chunk * FromImage), To + (chunk * ToImage), Count * sizeof(float), Count * sizeof(float));
    }
}
