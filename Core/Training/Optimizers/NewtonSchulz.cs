using Fovea.Core.Dispatch;

namespace Fovea.Core.Training;

/// <summary>
/// X ← aX + (bA + cA²)X with A = XXᵀ, some times over, from X/‖X‖: with Jordan's coefficients it drives the singular values of
/// a matrix to about 1 (0.7..1.2) and leaves its singular vectors. Works on the matrix or its transpose, whichever has fewer
/// rows. Holds its own scratch.
/// </summary>
internal sealed class NewtonSchulz
{
    private const double A = 3.4445, B = -4.7750, C = 2.0315;
    private readonly int rows;
    private readonly int columns;
    private readonly bool transposed;
    private readonly float[] x;
    private readonly float[] next;
    private readonly float[] gram;
    private readonly float[] square;

    public NewtonSchulz(int rows, int columns)
    {
        transposed = rows > columns;
        (this.rows, this.columns) = transposed ? (columns, rows) : (rows, columns);
        x = new float[rows * columns];
        next = new float[rows * columns];
        gram = new float[this.rows * this.rows];
        square = new float[this.rows * this.rows];
    }

    /// <summary>Replaces a matrix by its approximate orthogonal factor.</summary>
    public void Run(Span<float> matrix, int iterations, double epsilon, Workers workers)
    {
        float scale = (float)(1 / Math.Max(Math.Sqrt(SquaredNorm.Of(matrix)), epsilon));
        for (int i = 0; i < matrix.Length; i++)
        {
            x[transposed ? (i % rows * columns) + (i / rows) : i] = matrix[i] * scale;
        }

        for (int iteration = 0; iteration < iterations; iteration++)
        {
            Products.Gram(x, rows, columns, gram, workers);
            Products.Multiply(gram, gram, rows, rows, rows, square, workers);
            for (int i = 0; i < gram.Length; i++)
            {
                square[i] = ((float)B * gram[i]) + ((float)C * square[i]);
            }

            Products.Multiply(square, x, rows, rows, columns, next, workers);
            for (int i = 0; i < x.Length; i++)
            {
                x[i] = ((float)A * x[i]) + next[i];
            }
        }

        for (int i = 0; i < matrix.Length; i++)
        {
            matrix[i] = x[transposed ? (i % rows * columns) + (i / rows) : i];
        }
    }
}
