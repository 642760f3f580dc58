using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// What a layer is, before it knows its input: a value that, given the shape of one input image, answers the operation
/// that it becomes there, or says why it does not fit.
/// </summary>
public abstract record Layer
{
    /// <summary>The layer's kind, such as <c>conv</c>: with a number, the name of its stage.</summary>
    public abstract string Kind { get; }

    /// <summary>The operation over images of a shape.</summary>
    /// <exception cref="ShapeException">The layer does not fit over such images; the sentence says how to mend it.</exception>
    public abstract Node Resolve(Shape input);

    /// <summary>As it is listed: <c>conv 64 3×3 same</c>.</summary>
    public sealed override string ToString() => Describe();

    /// <summary>As it is listed: <c>conv 64 3×3 same</c>.</summary>
    protected abstract string Describe();

    /// <summary>The input as an image, C×H×W, or the fault that it is none.</summary>
    protected void RequireImage(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Rank != 3)
        {
            throw new ShapeException(
                ToString(),
                $"expected an image (channels, height, width), got {input}",
                input.Rank == 1 ? "put it before flatten"
                : input.Rank == 2 ? "signals take the stages with 1d in their names; images start with input (channels, height, width)"
                : "start the pipeline with input (channels, height, width)");
        }
    }

    /// <summary>Runs a computation of sizes and names this layer in its fault.</summary>
    protected T Named<T>(Func<T> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        try
        {
            return sizes();
        }
        catch (ShapeException fault)
        {
            string message = fault.Message;
            int colon = message.IndexOf(": ", StringComparison.Ordinal);
            throw new ShapeException($"{this}: {(colon < 0 ? message : message[(colon + 2)..])}");
        }
    }
}
