using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Storage;

namespace Fovea.Core.Tensors;

/// <summary>Storage of a MathNet matrix in a row-major array, which it shares.</summary>
internal sealed class RowMajorStorage(int rows, int columns, float[] values) : MatrixStorage<float>(rows, columns)
{
    public override bool IsDense => true;

    public override bool IsFullyMutable => true;

    public override bool IsMutableAt(int row, int column) => true;

    public override float At(int row, int column) => values[(row * ColumnCount) + column];

    public override void At(int row, int column, float value) => values[(row * ColumnCount) + column] = value;

    public override void Clear() => Array.Clear(values);

    public override float[] ToRowMajorArray() => (float[])values.Clone();

    public override float[] AsRowMajorArray() => values;

    public override IEnumerable<float> EnumerateNonZero() => values.Where(value => value != 0);

    public override void MapInplace(Func<float, float> f, Zeros zeros)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = f(values[i]);
        }
    }
}
