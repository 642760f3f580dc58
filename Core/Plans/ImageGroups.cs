namespace Fovea.Core.Plans;

/// <summary>A batch cut into groups of images, all of one size but for the last.</summary>
/// <param name="Batch">The largest batch.</param>
/// <param name="Images">Images in a group.</param>
/// <param name="HaveRooms">Whether every worker has room for a group of its own: where groups are small, and enough for all.</param>
internal readonly record struct ImageGroups(int Batch, int Images, bool HaveRooms)
{
    // So much between two operations stays in the second-level cache, beside what they read and write.
    private const long NearBytes = 1 << 20;

    // A whole batch of which no more lies between them does so too, or nearly.
    private const long LeastBytes = 2 << 20;

    private const int Wanted = 16;

    /// <summary>Groups of the largest batch.</summary>
    public int Count => Of(Batch);

    /// <summary>Groups of so many images.</summary>
    public int Of(int images) => (images + Images - 1) / Images;

    /// <summary>Whether so many images are enough for workers to run groups alone rather than together. That changes no bit.</summary>
    public bool Suffice(int images, int workers) => HaveRooms && Of(images) >= 2 * workers;

    /// <summary>The groups in which a batch had better go through two operations, by its sizes alone; null where it had better not.</summary>
    /// <param name="batch">The largest batch.</param>
    /// <param name="betweenFloats">Floats that lie between the two, an image.</param>
    /// <param name="weightFloats">Floats that every group reads or leaves besides: many of them cost more than is gained.</param>
    /// <param name="wanted">How many images a group is to have whatever the sizes, or null.</param>
    /// <param name="workers">The workers for which there is to be room; the size of groups does not depend on them.</param>
    public static ImageGroups? Choose(int batch, long betweenFloats, long weightFloats, int? wanted, int workers)
    {
        long image = betweenFloats * sizeof(float);
        int images = wanted ?? (int)Math.Clamp(batch / Wanted, 1, Math.Max(1, NearBytes / Math.Max(1, image)));
        bool pays = wanted is not null || (batch * image > LeastBytes && images * betweenFloats >= weightFloats);
        ImageGroups groups = new(batch, images, images * image <= NearBytes);
        return pays && images < batch ? groups with { HaveRooms = groups.Suffice(batch, workers) } : null;
    }
}
