using System.Text.Json;
using Fovea.Core.Shapes;

namespace Fovea.Core.Formats;

/// <summary>Reads the JSON text that a safetensors header is. Fields of a tensor that the format does not name are skipped.</summary>
internal static class SafeTensorsJson
{
    /// <summary>The one name that is not a tensor's.</summary>
    public const string MetadataName = "__metadata__";

    private const int MostAxes = 64;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 8 };

    /// <summary>The header's tensors, in the order of the text, and its metadata.</summary>
    /// <exception cref="DataFormatException">It is not such a text.</exception>
    public static (List<SafeTensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, Options);
        try
        {
            return Header(ref reader);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is what the reader calls letters that are not UTF-8.
            throw new DataFormatException($"safetensors: the header is not JSON text near its byte {reader.TokenStartIndex:N0}; the file is damaged", fault);
        }
    }

    private static (List<SafeTensorsEntry> Entries, Dictionary<string, string> Metadata) Header(ref Utf8JsonReader reader)
    {
        var entries = new List<SafeTensorsEntry>();
        var names = new HashSet<string>();
        Dictionary<string, string> metadata = [];
        reader.Read();
        Expect(ref reader, JsonTokenType.StartObject, "an object of tensors");
        while (Name(ref reader) is string name)
        {
            if (!names.Add(name))
            {
                throw new DataFormatException($"safetensors: the name '{name}' comes twice; the file is damaged");
            }

            if (name == MetadataName)
            {
                metadata = Metadata(ref reader);
            }
            else
            {
                entries.Add(Entry(ref reader, name));
            }
        }

        reader.Read(); // Anything but white space after the end is an error of the reader's.
        return (entries, metadata);
    }

    private static Dictionary<string, string> Metadata(ref Utf8JsonReader reader)
    {
        var metadata = new Dictionary<string, string>();
        Expect(ref reader, JsonTokenType.StartObject, "metadata as an object");
        while (Name(ref reader) is string key)
        {
            Expect(ref reader, JsonTokenType.String, $"text for the metadata '{key}'");
            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw new DataFormatException($"safetensors: the metadata '{key}' comes twice; the file is damaged");
            }
        }

        return metadata;
    }

    private static SafeTensorsEntry Entry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"an object for tensor '{name}'");
        while (Name(ref reader) is string field)
        {
            switch (field)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, $"the type of tensor '{name}' as text");
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = Numbers(ref reader, $"the shape of tensor '{name}'", MostAxes);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref reader, $"the offsets of tensor '{name}'", 2);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw new DataFormatException($"safetensors: tensor '{name}' has two fields {field}; the file is damaged");
                default:
                    reader.Skip();
                    break;
            }
        }

        return type is not null && shape is not null && offsets is [long begin, long end]
            ? Checked(name, type, shape, begin, end)
            : throw new DataFormatException($"safetensors: tensor '{name}' lacks its dtype, its shape or its two data_offsets; the file is damaged");
    }

    private static SafeTensorsEntry Checked(string name, string typeName, List<long> extents, long begin, long end)
    {
        if (!SafeTensorsElements.Names.TryGetValue(typeName, out SafeTensorsType type))
        {
            throw new DataFormatException($"safetensors: tensor '{name}' is of type '{typeName}', which is not read; expected one of {string.Join(", ", SafeTensorsElements.Names.Keys)}");
        }

        Shape shape = ShapeOf(name, extents);
        long bytes = (long)shape.Count * SafeTensorsElements.Size(type);
        return end >= begin && end - begin == bytes
            ? new SafeTensorsEntry(name, type, shape, begin, end)
            : throw new DataFormatException($"safetensors: tensor '{name}', {shape} of {typeName}, takes {bytes:N0} bytes, and its offsets are {begin:N0} and {end:N0}; the file is damaged");
    }

    private static Shape ShapeOf(string name, List<long> extents)
    {
        try
        {
            return Shape.Of([.. extents.Select(extent => checked((int)extent))]);
        }
        catch (Exception fault) when (fault is OverflowException or ShapeException)
        {
            throw new DataFormatException($"safetensors: tensor '{name}' of shape ({string.Join(", ", extents)}) has more elements than one array holds ({Array.MaxLength:N0})", fault);
        }
    }

    // Whole numbers, none below zero.
    private static List<long> Numbers(ref Utf8JsonReader reader, string what, int most)
    {
        var numbers = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, $"{what} as a list");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.Number, $"numbers in {what}");
            if (numbers.Count == most || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw new DataFormatException($"safetensors: {what} is to be at most {most} whole numbers, none below zero; the file is damaged");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    // The next field's name, its value being the reader's token; null at the object's end.
    private static string? Name(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName)
        {
            return null;
        }

        string name = reader.GetString()!;
        reader.Read();
        return name;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (reader.TokenType != type)
        {
            throw new DataFormatException($"safetensors: expected {what}, got {reader.TokenType} at byte {reader.TokenStartIndex:N0} of the header; the file is damaged");
        }
    }
}
