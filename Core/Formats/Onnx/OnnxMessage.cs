using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fovea.Core.Formats;

/// <summary>
/// A message of the ONNX format (github.com/onnx/onnx, onnx.proto), with those of its fields that Fovea writes or reads;
/// others are skipped. The encoding is Google.Protobuf's. No message of ours holds itself, so nothing nests deeply.
/// </summary>
public abstract class OnnxMessage : IMessage
{
    MessageDescriptor IMessage.Descriptor => throw new NotSupportedException("ONNX messages have no descriptor");

    /// <summary>Reads the fields up to the message's end.</summary>
    public void MergeFrom(CodedInputStream input)
    {
        ArgumentNullException.ThrowIfNull(input);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var field = new OnnxFieldReader(input, tag);
            Describe(field);
            if (!field.IsRead)
            {
                input.SkipLastField();
            }
        }
    }

    /// <summary>Writes the fields that are not empty.</summary>
    public void WriteTo(CodedOutputStream output) => Describe(new OnnxFieldWriter(output));

    /// <summary>Bytes of the fields.</summary>
    public int CalculateSize()
    {
        var measured = new OnnxFieldWriter(null);
        Describe(measured);
        return checked((int)measured.Size);
    }

    /// <summary>Names every field.</summary>
    protected abstract void Describe(OnnxFields fields);
}
