using MathNet.Numerics.LinearAlgebra;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Single.DenseMatrix;
using DenseVector = MathNet.Numerics.LinearAlgebra.Single.DenseVector;

namespace Fovea.Core.Tensors;

/// <summary>
/// A MathNet matrix over a row-major array, which it shares. MathNet's own dense matrix is column-major; read that way,
/// the same array is the transposed matrix, and so products go to MathNet's fast routines without a copy.
/// </summary>
internal sealed class RowMajorMatrix : MathNet.Numerics.LinearAlgebra.Single.Matrix
{
    private readonly float[] values;

    public RowMajorMatrix(int rows, int columns, float[] values)
        : base(new RowMajorStorage(rows, columns, values)) => this.values = values;

    private DenseMatrix Transposed => new(ColumnCount, RowCount, values);

    protected override void DoMultiply(Matrix<float> other, Matrix<float> result) =>
        Transposed.TransposeThisAndMultiply(Dense(other), result);

    protected override void DoMultiply(Vector<float> rightSide, Vector<float> result) =>
        Transposed.TransposeThisAndMultiply(Dense(rightSide), result);

    protected override void DoTransposeThisAndMultiply(Matrix<float> other, Matrix<float> result) =>
        Transposed.Multiply(Dense(other), result);

    protected override void DoTransposeThisAndMultiply(Vector<float> rightSide, Vector<float> result) =>
        Transposed.Multiply(Dense(rightSide), result);

    private static Matrix<float> Dense(Matrix<float> matrix) => matrix is DenseMatrix ? matrix : DenseMatrix.OfMatrix(matrix);

    private static Vector<float> Dense(Vector<float> vector) => vector is DenseVector ? vector : DenseVector.OfVector(vector);
}
