namespace Fovea.Core.Dispatch;

/// <summary>Spans over what may not be there.</summary>
internal static unsafe class Spans
{
    /// <summary>So many floats, or none where there is no memory.</summary>
    public static Span<float> Or(float* memory, int count) => memory == null ? [] : new(memory, count);
}
