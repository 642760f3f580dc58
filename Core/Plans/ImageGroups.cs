namespace Fovea.Core.Plans;

/// <summary>A batch cut into groups of images, all of one size but for the last.</summary>
/// <param name="Batch">The largest batch.</param>
/// <param name="Images">Images in a group.</param>
/// <param name="AreNear">Whether what lies between two operations of a group is small enough for every worker to have its own.</param>
internal readonly record struct ImageGroups(int Batch, int Images, bool AreNear)
{
    // So much between two operations stays in the second-level cache, beside what they read and write.
    private const long NearBytes = 1 << 20;

    // A whole batch of which no more lies between them does so too, or nearly.
    private const long LeastBytes = 2 << 20;

    private const int Wanted = 8;

    /// <summary>Groups of the largest batch.</summary>
    public int Count => Of(Batch);

    /// <summary>Groups of so many images.</summary>
    public int Of(int images) => (images + Images - 1) / Images;

    /// <summary>The groups in which a batch had better go through two operations, by its sizes alone; null where it had better not.</summary>
    /// <param name="batch">The largest batch.</param>
    /// <param name="betweenFloats">Floats that lie between the two, an image.</param>
    /// <param name="weightFloats">Floats that every group reads or leaves besides: many of them cost more than is gained.</param>
    /// <param name="wanted">How many images a group is to have whatever the sizes, or null.</param>
    public static ImageGroups? Choose(int batch, long betweenFloats, long weightFloats, int? wanted)
    {
        long image = betweenFloats * sizeof(float);
        int images = wanted ?? (int)Math.Clamp(batch / Wanted, 1, Math.Max(1, NearBytes / Math.Max(1, image)));
        bool pays = wanted is not null || (batch * image > LeastBytes && images * betweenFloats >= weightFloats);
        return pays && images < batch ? new ImageGroups(batch, images, images * image <= NearBytes) : null;
    }
}
