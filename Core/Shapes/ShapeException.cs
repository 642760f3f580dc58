namespace Fovea.Core.Shapes;

/// <summary>
/// Shapes that do not fit together. The message is one sentence that names where it happened, what was
/// expected, what came instead and how to mend it.
/// </summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>Creates the exception from its finished sentence.</summary>
    public ShapeException(string message)
        : base(message) { }

    /// <summary>Creates the exception with the sentence <c>where: fault; mend</c>.</summary>
    public ShapeException(string where, string fault, string mend)
        : base($"{where}: {fault}; {mend}") { }
}
