using Fovea.Core.Shapes;

namespace Fovea.Core.Formats;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements in the file.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">The first of its bytes, counted from the header's end.</param>
/// <param name="End">The byte after its last one.</param>
public sealed record SafeTensorsEntry(string Name, SafeTensorsType Type, Shape Shape, long Begin, long End)
{
    /// <summary>Its bytes in the file.</summary>
    public long Bytes => End - Begin;
}
