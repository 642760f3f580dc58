using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

// image     rows × columns × 16, one block of an image, zero beyond
// half      [column of the spectrum][row][element]: the rows' transforms, of which the second half mirrors the first
// spectrum  frequency f = column·Rows + row, at a stride of its own; real parts first, further parts at another stride

/// <summary>
/// The Fourier transform of sixteen real images at once, two rows at a time as real and imaginary part of a line, and the way
/// back.
/// </summary>
[SkipLocalsInit]
internal readonly unsafe struct FourierPlane(int rows, int columns)
{
    /// <summary>Rows of the transform.</summary>
    public int Rows => rows;

    /// <summary>Columns of the transform.</summary>
    public int Columns => columns;

    /// <summary>Columns that are kept: the others mirror them.</summary>
    public int Half => (columns / 2) + 1;

    /// <summary>Frequencies that are kept.</summary>
    public int Frequencies => Half * rows;

    /// <summary>Floats of room for images of so many rows, or for as many of them as are wanted back.</summary>
    public long RoomFloats(int imageRows) => FourierLine.Element * ((2L * Math.Max(rows, columns)) + ((long)Half * (imageRows + 1)));

    /// <summary>Transforms a block of an image.</summary>
    /// <param name="image">Rows × columns × 16.</param>
    /// <param name="imageRows">Its rows, at most the transform's.</param>
    /// <param name="imageColumns">Its columns, at most the transform's.</param>
    /// <param name="scale">What the real parts are multiplied by.</param>
    /// <param name="imaginary">What the imaginary parts are multiplied by.</param>
    /// <param name="spectrum">Where the first frequency's real parts go.</param>
    /// <param name="step">Floats from one frequency to the next.</param>
    /// <param name="part">Floats from the real to the imaginary parts.</param>
    /// <param name="negated">Whether the real parts follow a third time, negated.</param>
    /// <param name="room">Scratch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward<T>(float* image, int imageRows, int imageColumns, float scale, float imaginary, float* spectrum, nint step, nint part, bool negated, float* room)
        where T : struct, ILanes<T>
    {
        float* line = room, other = line + (Math.Max(rows, columns) * FourierLine.Element), half = other + (Math.Max(rows, columns) * FourierLine.Element);
        float* roots = FourierRoots.Of(columns);
        int even = imageRows + (imageRows & 1);
        for (int row = 0; row < imageRows; row += 2)
        {
            float* first = image + ((nint)row * imageColumns * 16), second = row + 1 < imageRows ? first + ((nint)imageColumns * 16) : null;
            for (int x = 0; x < imageColumns; x++)
            {
                for (int lane = 0; lane < 16; lane += T.Count)
                {
                    T.Load(first + (x * 16) + lane).Store(line + (x * FourierLine.Element) + lane);
                    (second == null ? T.Zero : T.Load(second + (x * 16) + lane)).Store(line + (x * FourierLine.Element) + 16 + lane);
                }
            }

            Clear(line, imageColumns, columns);
            Part<T>(FourierLine.Run<T>(columns, roots, line, other, inverse: false), half + (row * FourierLine.Element), (nint)even * FourierLine.Element);
        }

        roots = FourierRoots.Of(rows);
        T re = T.Broadcast(scale), im = T.Broadcast(imaginary), minus = T.Broadcast(-scale);
        for (int u = 0; u < Half; u++)
        {
            Copy(half + ((nint)u * even * FourierLine.Element), line, imageRows);
            Clear(line, imageRows, rows);
            float* z = FourierLine.Run<T>(rows, roots, line, other, inverse: false);
            for (int v = 0; v < rows; v++, spectrum += step, z += FourierLine.Element)
            {
                for (int lane = 0; lane < 16; lane += T.Count)
                {
                    T real = T.Load(z + lane);
                    (re * real).Store(spectrum + lane);
                    (im * T.Load(z + 16 + lane)).Store(spectrum + part + lane);
                    if (negated)
                    {
                        (minus * real).Store(spectrum + (2 * part) + lane);
                    }
                }
            }
        }
    }

    /// <summary>Transforms a spectrum back, as far as it is wanted: element (i, j) is that at row (first + i·step) mod Rows, and columns alike.</summary>
    /// <param name="spectrum">Elements, one frequency after the other.</param>
    /// <param name="step">Floats from one frequency to the next.</param>
    /// <param name="down">The rows that are wanted.</param>
    /// <param name="across">The columns that are wanted.</param>
    /// <param name="bias">What is added, sixteen floats, or null.</param>
    /// <param name="relu">Whether max(0, ·) follows.</param>
    /// <param name="image">Where they go, rows × columns × 16.</param>
    /// <param name="room">Scratch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward<T>(float* spectrum, nint step, FourierRange down, FourierRange across, float* bias, bool relu, float* image, float* room)
        where T : struct, ILanes<T>
    {
        float* line = room, other = line + (Math.Max(rows, columns) * FourierLine.Element), half = other + (Math.Max(rows, columns) * FourierLine.Element);
        float* roots = FourierRoots.Of(rows);
        int even = down.Count + (down.Count & 1);
        for (int u = 0; u < Half; u++)
        {
            for (int v = 0; v < rows; v++, spectrum += step)
            {
                Copy(spectrum, line + (v * FourierLine.Element), 1);
            }

            float* z = FourierLine.Run<T>(rows, roots, line, other, inverse: true);
            float* to = half + ((nint)u * even * FourierLine.Element);
            for (int i = 0; i < down.Count; i++)
            {
                Copy(z + (down.At(i, rows) * FourierLine.Element), to + (i * FourierLine.Element), 1);
            }

            Clear(to, down.Count, even);
        }

        roots = FourierRoots.Of(columns);
        for (int row = 0; row < down.Count; row += 2)
        {
            Join<T>(half + (row * FourierLine.Element), (nint)even * FourierLine.Element, line);
            float* z = FourierLine.Run<T>(columns, roots, line, other, inverse: true);
            for (int k = 0; k < Math.Min(2, down.Count - row); k++)
            {
                float* to = image + ((nint)(row + k) * across.Count * 16);
                for (int j = 0; j < across.Count; j++)
                {
                    float* from = z + (across.At(j, columns) * FourierLine.Element) + (16 * k);
                    for (int lane = 0; lane < 16; lane += T.Count)
                    {
                        T value = bias == null ? T.Load(from + lane) : T.Load(from + lane) + T.Load(bias + lane);
                        (relu ? T.Relu(value) : value).Store(to + (j * 16) + lane);
                    }
                }
            }
        }
    }

    // The transforms of two real rows from that of the first plus i times the second.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Part<T>(float* z, float* half, nint next)
        where T : struct, ILanes<T>
    {
        T factor = T.Broadcast(0.5f);
        for (int u = 0; u < Half; u++, half += next)
        {
            float* a = z + (u * FourierLine.Element), b = z + (u == 0 ? 0 : (columns - u) * FourierLine.Element);
            for (int lane = 0; lane < 16; lane += T.Count)
            {
                T ar = T.Load(a + lane), ai = T.Load(a + 16 + lane), br = T.Load(b + lane), bi = T.Load(b + 16 + lane);
                (factor * (ar + br)).Store(half + lane);
                (factor * (ai - bi)).Store(half + 16 + lane);
                (factor * (ai + bi)).Store(half + 32 + lane);
                (factor * (br - ar)).Store(half + 48 + lane);
            }
        }
    }

    // The transform of the first row plus i times the second from those of both.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Join<T>(float* half, nint next, float* z)
        where T : struct, ILanes<T>
    {
        for (int u = 0; u < columns; u++)
        {
            bool mirrored = u >= Half;
            float* a = half + ((mirrored ? columns - u : u) * next), to = z + (u * FourierLine.Element);
            for (int lane = 0; lane < 16; lane += T.Count)
            {
                T ar = T.Load(a + lane), ai = T.Load(a + 16 + lane), br = T.Load(a + 32 + lane), bi = T.Load(a + 48 + lane);
                (mirrored ? ar + bi : ar - bi).Store(to + lane);
                (mirrored ? br - ai : ai + br).Store(to + 16 + lane);
            }
        }
    }

    private static void Copy(float* from, float* to, int elements) =>
        new ReadOnlySpan<float>(from, elements * FourierLine.Element).CopyTo(new Span<float>(to, elements * FourierLine.Element));

    private static void Clear(float* line, int from, int to) =>
        new Span<float>(line + ((nint)from * FourierLine.Element), (to - from) * FourierLine.Element).Clear();
}

/// <summary>Which rows or columns of a transform are wanted, past its end from the beginning again.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The first.</param>
/// <param name="Step">From one to the next.</param>
internal readonly record struct FourierRange(int Count, int First, int Step)
{
    /// <summary>The place of one of them.</summary>
    public int At(int i, int length) => (((First + (i * Step)) % length) + length) % length;
}
