namespace Fovea.Core.Data;

/// <summary>Figures about the images of a dataset.</summary>
public sealed partial class ImageDataset
{
    /// <summary>
    /// The mean and the standard deviation of each channel over all pixels of all images, of floats 0..1: what a
    /// normalisation stage takes. They are summed in whole numbers, so no order of images changes a bit.
    /// </summary>
    public (double[] Mean, double[] Deviation) ChannelStatistics()
    {
        int channels = ImageShape[0], area = ImageShape[1] * ImageShape[2];
        double[] mean = new double[channels], deviation = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            (UInt128 sum, UInt128 squares) = Sums(c * area, area);
            double count = Math.Max(1.0, (double)Count * area);
            double average = (double)sum / count;
            mean[c] = average / 255;
            deviation[c] = Math.Sqrt(Math.Max(0, ((double)squares / count) - (average * average))) / 255;
        }

        return (mean, deviation);
    }

    private (UInt128 Sum, UInt128 Squares) Sums(int from, int length)
    {
        UInt128 sum = 0, squares = 0;
        for (int i = 0; i < Count; i++)
        {
            ulong imageSum = 0, imageSquares = 0;
            foreach (byte pixel in Pixels(i).Slice(from, length))
            {
                imageSum += pixel;
                imageSquares += (uint)pixel * pixel;
            }

            sum += imageSum;
            squares += imageSquares;
        }

        return (sum, squares);
    }
}
