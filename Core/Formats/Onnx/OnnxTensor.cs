using System.Buffers.Binary;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Fovea.Core.Formats;

/// <summary>
/// A constant (TensorProto): extents, the type of the elements, and the elements, as bytes or as numbers. Numbers of any
/// type are read as float32; those in files beside the model's are not read.
/// </summary>
public sealed class OnnxTensor : OnnxMessage
{
    /// <summary>The number of the type float32.</summary>
    public const int Float = 1;

    private const int Int64 = 7;
    private const int External = 1;
    private const int MostAxes = 64;

    // TensorProto.DataType, with the same types as a safetensors file has them.
    private static readonly Dictionary<long, SafeTensorsType> Types = new()
    {
        [Float] = SafeTensorsType.F32,
        [2] = SafeTensorsType.U8,
        [3] = SafeTensorsType.I8,
        [4] = SafeTensorsType.U16,
        [5] = SafeTensorsType.I16,
        [6] = SafeTensorsType.I32,
        [Int64] = SafeTensorsType.I64,
        [9] = SafeTensorsType.Bool,
        [10] = SafeTensorsType.F16,
        [11] = SafeTensorsType.F64,
        [12] = SafeTensorsType.U32,
        [13] = SafeTensorsType.U64,
        [16] = SafeTensorsType.BF16,
    };

    private string name = "";
    private long type;
    private long location;
    private ByteString raw = ByteString.Empty;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The number of its elements' type.</summary>
    public long Type => type;

    /// <summary>Whether its elements are whole numbers with a sign, as extents and axes are.</summary>
    public bool IsWhole => type is 6 or Int64;

    /// <summary>Its extents.</summary>
    public RepeatedField<long> Extents { get; } = [];

    private RepeatedField<float> Singles { get; } = [];

    private RepeatedField<long> Wholes { get; } = [];

    private RepeatedField<long> LongWholes { get; } = [];

    private RepeatedField<double> Doubles { get; } = [];

    /// <summary>A constant of float32.</summary>
    public static OnnxTensor Of(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        byte[] bytes = new byte[4L * value.Count];
        SafeTensorsElements.Write(value.Values, bytes);
        return Of(name, Float, value.Shape.Select(extent => (long)extent), bytes);
    }

    /// <summary>A row of whole numbers.</summary>
    public static OnnxTensor Of(string name, IReadOnlyList<long> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(name, new Shape(values.Count), values);
    }

    /// <summary>Whole numbers, as many as the shape has elements.</summary>
    public static OnnxTensor Of(string name, Shape shape, IReadOnlyList<long> values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        byte[] bytes = new byte[8 * values.Count];
        for (int i = 0; i < values.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), values[i]);
        }

        return Of(name, Int64, shape.Select(extent => (long)extent), bytes);
    }

    /// <summary>The shape.</summary>
    /// <exception cref="DataFormatException">The extents are no shape of a tensor.</exception>
    public Shape Shape
    {
        get
        {
            try
            {
                return Extents.Count <= MostAxes
                    ? Shape.Of([.. Extents.Select(extent => checked((int)extent))])
                    : throw new DataFormatException($"onnx: tensor '{name}' has {Extents.Count:N0} axes; the file is damaged");
            }
            catch (Exception fault) when (fault is OverflowException or ShapeException)
            {
                throw new DataFormatException($"onnx: tensor '{name}' of shape ({string.Join(", ", Extents)}) has more elements than one array holds, or fewer than none", fault);
            }
        }
    }

    /// <summary>The elements as float32.</summary>
    /// <exception cref="DataFormatException">The elements are in another file, of a type that is no number, or not as many as the extents say.</exception>
    public Tensor ToTensor()
    {
        Shape shape = Shape;
        (SafeTensorsType kind, int size) = Kind();
        if (raw.Length > 0 || shape.Count == 0)
        {
            RequireCount(shape, raw.Length, (long)shape.Count * size, "bytes");
            Tensor tensor = Tensor.Zeros(shape);
            SafeTensorsElements.Read(raw.Span, kind, tensor.Values);
            return tensor;
        }

        IReadOnlyList<float> values = type switch
        {
            Float => Singles,
            11 => [.. Doubles.Select(value => (float)value)],
            10 => [.. Wholes.Select(value => (float)BitConverter.UInt16BitsToHalf((ushort)value))],
            16 => [.. Wholes.Select(value => BitConverter.UInt32BitsToSingle((uint)(ushort)value << 16))],
            _ => [.. Wholes.Concat(LongWholes).Select(value => (float)value)],
        };
        RequireCount(shape, values.Count, shape.Count, "elements");
        return Tensor.Wrap(shape, [.. values]);
    }

    /// <summary>The elements as whole numbers, such as extents and axes; null where they are of another type.</summary>
    /// <exception cref="DataFormatException">As <see cref="ToTensor"/>.</exception>
    public IReadOnlyList<long>? ToWholes()
    {
        if (!IsWhole)
        {
            return null;
        }

        Shape shape = Shape;
        (_, int size) = Kind();
        if (raw.Length == 0)
        {
            RequireCount(shape, Wholes.Count + LongWholes.Count, shape.Count, "elements");
            return [.. Wholes, .. LongWholes];
        }

        RequireCount(shape, raw.Length, (long)shape.Count * size, "bytes");
        byte[] bytes = raw.ToByteArray();
        return [.. Enumerable.Range(0, shape.Count).Select(i => size == 8 ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8 * i)) : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4 * i)))];
    }

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Wholes(1, Extents);
        fields.Whole(2, ref type);
        fields.Singles(4, Singles);
        fields.Wholes(5, Wholes);
        fields.Wholes(7, LongWholes);
        fields.Text(8, ref name);
        fields.Bytes(9, ref raw);
        fields.Doubles(10, Doubles);
        fields.Wholes(11, LongWholes);
        fields.Whole(14, ref location);
    }

    private static OnnxTensor Of(string name, long type, IEnumerable<long> extents, byte[] bytes)
    {
        OnnxTensor tensor = new() { name = name, type = type, raw = UnsafeByteOperations.UnsafeWrap(bytes) };
        tensor.Extents.AddRange(extents);
        return tensor;
    }

    private (SafeTensorsType Kind, int Size) Kind()
    {
        if (location == External)
        {
            throw new DataFormatException($"onnx: the elements of tensor '{name}' are in another file, which is not read; write the model with its weights inside it");
        }

        return Types.TryGetValue(type, out SafeTensorsType kind)
            ? (kind, SafeTensorsElements.Size(kind))
            : throw new DataFormatException($"onnx: tensor '{name}' is of type number {type}, which is not read; expected float32 or another type of plain numbers");
    }

    private void RequireCount(Shape shape, long found, long expected, string what)
    {
        if (found != expected)
        {
            throw new DataFormatException($"onnx: tensor '{name}' of shape {shape} takes {expected:N0} {what}, and the file has {found:N0}; it is damaged");
        }
    }
}
