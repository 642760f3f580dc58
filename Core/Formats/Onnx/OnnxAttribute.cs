using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Fovea.Core.Formats;

/// <summary>What an operator is told (AttributeProto). Graphs inside operators are not read.</summary>
public sealed class OnnxAttribute : OnnxMessage
{
    private string name = "";
    private float single;
    private long whole;
    private ByteString text = ByteString.Empty;
    private OnnxTensor? tensor;
    private long type;

    /// <summary>Creates an empty one, to be read.</summary>
    public OnnxAttribute() { }

    private OnnxAttribute(string name, long type) => (this.name, this.type) = (name, type);

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>A number of single precision.</summary>
    public float Single => single;

    /// <summary>A whole number.</summary>
    public long Whole => whole;

    /// <summary>A text.</summary>
    public string Text => text.ToStringUtf8();

    /// <summary>A tensor; null where it is of another kind.</summary>
    public OnnxTensor? Tensor => tensor;

    /// <summary>Numbers of single precision.</summary>
    public RepeatedField<float> Singles { get; } = [];

    /// <summary>Whole numbers.</summary>
    public RepeatedField<long> Wholes { get; } = [];

    /// <summary>A number of single precision.</summary>
    public static OnnxAttribute Of(string name, float value) => new(name, 1) { single = value };

    /// <summary>A whole number.</summary>
    public static OnnxAttribute Of(string name, long value) => new(name, 2) { whole = value };

    /// <summary>A text.</summary>
    public static OnnxAttribute Of(string name, string value) => new(name, 3) { text = ByteString.CopyFrom(value, Encoding.UTF8) };

    /// <summary>A tensor.</summary>
    public static OnnxAttribute Of(string name, OnnxTensor value) => new(name, 4) { tensor = value };

    /// <summary>Whole numbers.</summary>
    public static OnnxAttribute Of(string name, IEnumerable<long> values)
    {
        OnnxAttribute attribute = new(name, 7);
        attribute.Wholes.AddRange(values);
        return attribute;
    }

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text(1, ref name);
        fields.Single(2, ref single);
        fields.Whole(3, ref whole);
        fields.Bytes(4, ref text);
        fields.Message(5, ref tensor);
        fields.Singles(7, Singles);
        fields.Wholes(8, Wholes);
        fields.Whole(20, ref type);
    }
}
