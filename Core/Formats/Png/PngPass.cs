namespace Fovea.Core.Formats;

/// <summary>
/// A part of the image that is stored as rows of its own: pixel (i, j) of the pass is pixel
/// (X + i·StepX, Y + j·StepY) of the image.
/// </summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Width, int Height)
{
    // Adam7: ever finer grids, each without the pixels of those before.
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>The passes of an image; a pass without pixels is left out, as in the file.</summary>
    public static IEnumerable<PngPass> Of(int width, int height, bool interlaced)
    {
        if (!interlaced)
        {
            return [new(0, 0, 1, 1, width, height)];
        }

        return Adam7
            .Select(grid => new PngPass(grid.X, grid.Y, grid.StepX, grid.StepY, Steps(width, grid.X, grid.StepX), Steps(height, grid.Y, grid.StepY)))
            .Where(pass => pass.Width > 0 && pass.Height > 0);
    }

    private static int Steps(int length, int start, int step) => length <= start ? 0 : ((length - start - 1) / step) + 1;
}
