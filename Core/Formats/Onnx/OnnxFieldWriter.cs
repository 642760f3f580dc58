using Google.Protobuf;
using Google.Protobuf.Collections;
using static Google.Protobuf.CodedOutputStream;
using static Google.Protobuf.WireFormat;

namespace Fovea.Core.Formats;

/// <summary>Writes the fields that are not empty, or, without an output, counts their bytes.</summary>
internal sealed class OnnxFieldWriter(CodedOutputStream? output) : OnnxFields
{
    public long Size { get; private set; }

    public override void Text(int number, ref string value)
    {
        if (value.Length > 0)
        {
            Write(number, WireType.LengthDelimited, ComputeStringSize(value));
            output?.WriteString(value);
        }
    }

    public override void Whole(int number, ref long value)
    {
        if (value != 0)
        {
            Write(number, WireType.Varint, ComputeInt64Size(value));
            output?.WriteInt64(value);
        }
    }

    public override void Single(int number, ref float value)
    {
        if (value != 0)
        {
            Write(number, WireType.Fixed32, ComputeFloatSize(value));
            output?.WriteFloat(value);
        }
    }

    public override void Bytes(int number, ref ByteString value)
    {
        if (value.Length > 0)
        {
            Write(number, WireType.LengthDelimited, ComputeBytesSize(value));
            output?.WriteBytes(value);
        }
    }

    public override void Wholes(int number, RepeatedField<long> values) => Repeated(values, FieldCodec.ForInt64(MakeTag(number, WireType.LengthDelimited)));

    public override void Singles(int number, RepeatedField<float> values) => Repeated(values, FieldCodec.ForFloat(MakeTag(number, WireType.LengthDelimited)));

    public override void Doubles(int number, RepeatedField<double> values) => Repeated(values, FieldCodec.ForDouble(MakeTag(number, WireType.LengthDelimited)));

    public override void Texts(int number, RepeatedField<string> values) => Repeated(values, FieldCodec.ForString(MakeTag(number, WireType.LengthDelimited)));

    public override void Message<T>(int number, ref T? value)
        where T : class
    {
        if (value is not null)
        {
            Nested(number, value);
        }
    }

    public override void Messages<T>(int number, IList<T> values)
    {
        foreach (T value in values)
        {
            Nested(number, value);
        }
    }

    private void Nested(int number, OnnxMessage value)
    {
        Write(number, WireType.LengthDelimited, ComputeMessageSize(value));
        output?.WriteMessage(value);
    }

    private void Repeated<T>(RepeatedField<T> values, FieldCodec<T> codec)
    {
        Size += values.CalculateSize(codec);
        if (output is not null)
        {
            values.WriteTo(output, codec);
        }
    }

    private void Write(int number, WireType type, int bytes)
    {
        Size += ComputeTagSize(number) + bytes;
        output?.WriteTag(number, type);
    }
}
