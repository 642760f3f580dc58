using Fovea.Core.Dispatch;

namespace Fovea.Core.Training;

/// <summary>
/// X ← aX + (bA + cA²)X with A = XXᵀ, some times over, from X/‖X‖: with Jordan's coefficients it drives the singular values of
/// a matrix to about 1 (0.7..1.2) and leaves its singular vectors. Works on the matrix or its transpose, whichever has fewer
/// rows. Holds its own scratch.
/// </summary>
internal sealed class NewtonSchulz
{
    private const float A = 3.4445f, B = -4.7750f, C = 2.0315f;
    private readonly int rows;
    private readonly int columns;
    private readonly bool transposed;
    private readonly float[] x;
    private readonly float[] next;
    private readonly float[] gram;
    private readonly float[] square;
    private readonly BufferedProduct gramOfX;
    private readonly BufferedProduct gramSquared;
    private readonly BufferedProduct timesX;

    public NewtonSchulz(int rows, int columns, Workers workers)
    {
        transposed = rows > columns;
        (this.rows, this.columns) = transposed ? (columns, rows) : (rows, columns);
        x = new float[rows * columns];
        next = new float[rows * columns];
        gram = new float[this.rows * this.rows];
        square = new float[this.rows * this.rows];
        gramOfX = new(new(this.rows, this.columns, this.rows, RightTransposed: true), workers);
        gramSquared = new(new(this.rows, this.rows, this.rows), workers);
        timesX = new(new(this.rows, this.rows, this.columns), workers);
    }

    /// <summary>Replaces a matrix by its approximate orthogonal factor.</summary>
    public void Run(Span<float> matrix, int iterations, double epsilon)
    {
        Load(matrix, (float)(1 / Math.Max(Math.Sqrt(SquaredNorm.Of(matrix)), epsilon)));
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            gramOfX.Run(x, x, gram);
            gramSquared.Run(gram, gram, square);
            Combine(B, gram, C, square);
            timesX.Run(square, x, next);
            Combine(1, next, A, x);
        }

        Store(matrix);
    }

    // y ← a·x + b·y
    private static void Combine(float a, float[] x, float b, float[] y) =>
        ElementLoop.Run(new CombineRule(a, b), Clipping.None, y, x, default, default, default);

    private void Load(ReadOnlySpan<float> matrix, float scale)
    {
        if (!transposed)
        {
            matrix.CopyTo(x);
            Combine(scale, x, 0, x);
            return;
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                x[(i * columns) + j] = scale * matrix[(j * rows) + i];
            }
        }
    }

    private void Store(Span<float> matrix)
    {
        if (!transposed)
        {
            x.CopyTo(matrix);
            return;
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                matrix[(j * rows) + i] = x[(i * columns) + j];
            }
        }
    }
}
