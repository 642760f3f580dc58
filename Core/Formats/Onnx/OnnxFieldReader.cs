using Google.Protobuf;
using Google.Protobuf.Collections;
using static Google.Protobuf.WireFormat;

namespace Fovea.Core.Formats;

/// <summary>Reads the one field whose tag has been read, when a message names it. A field of another type than its own is not read.</summary>
internal sealed class OnnxFieldReader(CodedInputStream input, uint tag) : OnnxFields
{
    private readonly int number = GetTagFieldNumber(tag);
    private readonly WireType type = GetTagWireType(tag);

    public bool IsRead { get; private set; }

    public override void Text(int number, ref string value) => value = Take(number, WireType.LengthDelimited) ? input.ReadString() : value;

    public override void Whole(int number, ref long value) => value = Take(number, WireType.Varint) ? input.ReadInt64() : value;

    public override void Single(int number, ref float value) => value = Take(number, WireType.Fixed32) ? input.ReadFloat() : value;

    public override void Bytes(int number, ref ByteString value) => value = Take(number, WireType.LengthDelimited) ? input.ReadBytes() : value;

    public override void Wholes(int number, RepeatedField<long> values)
    {
        if (Take(number, WireType.Varint, WireType.LengthDelimited))
        {
            values.AddEntriesFrom(input, FieldCodec.ForInt64(tag));
        }
    }

    public override void Singles(int number, RepeatedField<float> values)
    {
        if (Take(number, WireType.Fixed32, WireType.LengthDelimited))
        {
            values.AddEntriesFrom(input, FieldCodec.ForFloat(tag));
        }
    }

    public override void Doubles(int number, RepeatedField<double> values)
    {
        if (Take(number, WireType.Fixed64, WireType.LengthDelimited))
        {
            values.AddEntriesFrom(input, FieldCodec.ForDouble(tag));
        }
    }

    public override void Texts(int number, RepeatedField<string> values)
    {
        if (Take(number, WireType.LengthDelimited))
        {
            values.Add(input.ReadString());
        }
    }

    public override void Message<T>(int number, ref T? value)
        where T : class
    {
        if (Take(number, WireType.LengthDelimited))
        {
            input.ReadMessage(value ??= new T());
        }
    }

    public override void Messages<T>(int number, IList<T> values)
    {
        if (Take(number, WireType.LengthDelimited))
        {
            var value = new T();
            input.ReadMessage(value);
            values.Add(value);
        }
    }

    private bool Take(int wanted, params ReadOnlySpan<WireType> types)
    {
        bool isIt = wanted == number && types.Contains(type);
        IsRead |= isIt;
        return isIt;
    }
}
