using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Fovea.Core.Layers;

/// <summary>
/// Filters from data: the principal directions of the images' patches, each scaled to variance 1, and their negatives, since
/// what follows keeps only one sign (Jordan, "94 % on CIFAR-10 in 3.29 seconds on a single GPU", 2024, after Page's "How to
/// train your ResNet", 2019). A convolution with these filters is not trained.
/// </summary>
public static class Whitening
{
    /// <summary>
    /// v / √(λ + ε) for the eigenvectors v with the largest eigenvalues λ of the patches' second moments, then their
    /// negatives. MathNet's symmetric eigenvalues, in double precision.
    /// </summary>
    /// <param name="images">N×C×H×W, as they reach the filters: with their mean already away, moments are covariances.</param>
    /// <param name="filters">K×C×R×S; K even, and at most 2·C·R·S.</param>
    /// <param name="epsilon">What is added to the eigenvalues.</param>
    /// <returns>K×C×R×S.</returns>
    /// <exception cref="ShapeException">The shapes do not fit, or there is no patch.</exception>
    public static Tensor Filters(Tensor images, Shape filters, double epsilon = 5e-4)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(filters);
        int length = filters.Rank == 4 ? filters.Tail.Count : 0, half = filters.Rank == 4 ? filters[0] / 2 : 0;
        if (images.Rank != 4 || filters.Rank != 4 || images.Shape[1] != filters[1])
        {
            throw new ShapeException("whitening", $"expected images (N, C, H, W) and filters (K, C, R, S), got {images.Shape} and {filters}", "whiten a convolution without groups");
        }

        if (filters[0] % 2 != 0 || half > length)
        {
            throw new ShapeException("whitening", $"expected an even number of filters, at most {2 * length} for patches of {length} elements, got {filters[0]}", $"use {2 * length} filters");
        }

        Matrix<double> moments = Moments(images, filters);
        Evd<double> directions = moments.Evd(Symmetricity.Symmetric);
        int[] order = [.. Enumerable.Range(0, length).OrderByDescending(i => directions.EigenValues[i].Real)];
        Tensor whitening = Tensor.Zeros(filters);
        for (int k = 0; k < half; k++)
        {
            double scale = 1 / Math.Sqrt(Math.Max(0, directions.EigenValues[order[k]].Real) + epsilon);
            for (int i = 0; i < length; i++)
            {
                float value = (float)(scale * directions.EigenVectors[i, order[k]]);
                whitening.Values[(k * length) + i] = value;
                whitening.Values[((half + k) * length) + i] = -value;
            }
        }

        return whitening;
    }

    // The mean over all patches of the products of each two of their elements.
    private static DenseMatrix Moments(Tensor images, Shape filters)
    {
        int channels = filters[1], rows = filters[2], columns = filters[3], length = filters.Tail.Count;
        int height = images.Shape[2], width = images.Shape[3];
        long patches = (long)images.Shape[0] * Math.Max(0, height - rows + 1) * Math.Max(0, width - columns + 1);
        if (patches == 0)
        {
            throw new ShapeException("whitening", $"{images.Shape} has no patch of {rows}×{columns}", "give at least one image that is no smaller than a filter");
        }

        double[] sums = new double[length * length], patch = new double[length];
        for (int n = 0; n < images.Shape[0]; n++)
        {
            for (int i = 0; i + rows <= height; i++)
            {
                for (int j = 0; j + columns <= width; j++)
                {
                    for (int e = 0; e < length; e++)
                    {
                        int c = e / (rows * columns), r = e / columns % rows, s = e % columns;
                        patch[e] = images.Values[(((((n * channels) + c) * height) + i + r) * width) + j + s];
                    }

                    for (int a = 0; a < length; a++)
                    {
                        for (int b = 0; b <= a; b++)
                        {
                            sums[(a * length) + b] += patch[a] * patch[b];
                        }
                    }
                }
            }
        }

        return DenseMatrix.Create(length, length, (a, b) => sums[(Math.Max(a, b) * length) + Math.Min(a, b)] / patches);
    }
}
