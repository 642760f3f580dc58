using Google.Protobuf;

namespace Fovea.Core.Formats;

/// <summary>
/// Reads and writes ONNX files (github.com/onnx/onnx): networks of operators with their weights. What a file says is
/// read into plain values; what it means is decided elsewhere.
/// </summary>
public static class Onnx
{
    // Protocol buffers hold no more than 2 GiB.
    private const long MostBytes = int.MaxValue;
    private const int Deepest = 32;

    /// <summary>Reads a model from a stream, to its end.</summary>
    /// <exception cref="DataFormatException">The bytes are not such a file, or are damaged.</exception>
    public static OnnxModel Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var model = new OnnxModel();
        try
        {
            model.MergeFrom(CodedInputStream.CreateWithLimits(stream, (int)MostBytes, Deepest));
        }
        catch (InvalidProtocolBufferException fault)
        {
            throw new DataFormatException("onnx: the bytes are not those of a protocol buffer; the file is cut short, damaged, or of another format", fault);
        }

        return model.Graph is not null && model.IrVersion > 0
            ? model
            : throw new DataFormatException("onnx: there is no network in it; it is not an ONNX file");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">As <see cref="Read"/>, with the file's name.</exception>
    public static OnnxModel Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            return Read(file);
        }
        catch (DataFormatException fault)
        {
            throw new DataFormatException($"{path}: {fault.Message}", fault);
        }
    }

    /// <summary>Writes a model.</summary>
    /// <exception cref="ArgumentException">It is larger than the 2 GiB that the format holds.</exception>
    public static void Write(Stream stream, OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            _ = model.CalculateSize();
        }
        catch (OverflowException fault)
        {
            throw new ArgumentException("onnx: the model takes more than the 2 GiB that the format holds; save it as safetensors", nameof(model), fault);
        }

        using var output = new CodedOutputStream(stream, leaveOpen: true);
        model.WriteTo(output);
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="ArgumentException">As <see cref="Write"/>.</exception>
    public static void Save(string path, OnnxModel model) => AtomicFile.Write(path, file => Write(file, model));
}
