using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Fovea.Core.Formats;

/// <summary>
/// What a message tells of each of its fields: its number and where its value is kept. One description serves to read, to
/// write and to measure.
/// </summary>
public abstract class OnnxFields
{
    /// <summary>A text.</summary>
    public abstract void Text(int number, ref string value);

    /// <summary>A whole number.</summary>
    public abstract void Whole(int number, ref long value);

    /// <summary>A number of single precision.</summary>
    public abstract void Single(int number, ref float value);

    /// <summary>Bytes.</summary>
    public abstract void Bytes(int number, ref ByteString value);

    /// <summary>Whole numbers, packed or one by one.</summary>
    public abstract void Wholes(int number, RepeatedField<long> values);

    /// <summary>Numbers of single precision, packed or one by one.</summary>
    public abstract void Singles(int number, RepeatedField<float> values);

    /// <summary>Numbers of double precision, packed or one by one.</summary>
    public abstract void Doubles(int number, RepeatedField<double> values);

    /// <summary>Texts.</summary>
    public abstract void Texts(int number, RepeatedField<string> values);

    /// <summary>A message; null where there is none.</summary>
    public abstract void Message<T>(int number, ref T? value)
        where T : OnnxMessage, new();

    /// <summary>Messages.</summary>
    public abstract void Messages<T>(int number, IList<T> values)
        where T : OnnxMessage, new();
}
