using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>A node in its place.</summary>
/// <param name="Name">The name of the stage that it came from, such as <c>conv1</c>.</param>
/// <param name="Node">The operation.</param>
/// <param name="Inputs">The values that it reads: 0 is the graph's input, v + 1 the output of vertex v.</param>
/// <param name="Parameters">Its parameters' places in the graph's list.</param>
public sealed record Vertex(string Name, Node Node, IReadOnlyList<int> Inputs, IReadOnlyList<int> Parameters);

/// <summary>A parameter's place in a graph.</summary>
/// <param name="Name">Its full name, such as <c>conv1.weight</c>.</param>
/// <param name="Spec">Shape, role and initial value.</param>
/// <param name="Trains">Whether optimizers change it.</param>
public sealed record GraphParameter(string Name, ParameterSpec Spec, bool Trains);

/// <summary>A network as operations in the order of their running, for one image of given shape. A value; see <see cref="GraphBuilder"/>.</summary>
public sealed class Graph
{
    /// <summary>The number of the value that is the graph's input.</summary>
    public const int InputValue = 0;

    internal Graph(Shape input, IReadOnlyList<Vertex> vertices, IReadOnlyList<GraphParameter> parameters, int output)
    {
        Input = input;
        Vertices = vertices;
        Parameters = parameters;
        Output = output;
    }

    /// <summary>The shape of one input image.</summary>
    public Shape Input { get; }

    /// <summary>The operations, each after those that it reads.</summary>
    public IReadOnlyList<Vertex> Vertices { get; }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<GraphParameter> Parameters { get; }

    /// <summary>The number of the value that is the graph's output.</summary>
    public int Output { get; }

    /// <summary>The shape of one image's output.</summary>
    public Shape OutputShape => ShapeOf(Output);

    /// <summary>Multiply-accumulates of the forward pass of one image.</summary>
    public long Macs => Vertices.Sum(v => v.Node.Macs);

    /// <summary>The operations up to one of the values, which is then the output; the parameters are all of this graph's.</summary>
    public Graph UpTo(int value) => new(Input, [.. Vertices.Take(value)], Parameters, value);

    /// <summary>The shape of a value, for one image.</summary>
    public Shape ShapeOf(int value) => value == InputValue ? Input : Vertices[value - 1].Node.Output;

    /// <summary>Demands a batch of images of the shape that the network takes.</summary>
    /// <exception cref="ShapeException">It is not.</exception>
    public void RequireBatch(Shape shape)
    {
        if (shape.Rank == Input.Rank && shape == Input)
        {
            throw new ShapeException("model", $"expected a batch {Batch()}, got {shape}", $"add the batch dimension: {shape.Prepend(1)}");
        }

        if (shape.Rank != Input.Rank + 1 || shape.Tail != Input)
        {
            throw new ShapeException("model", $"expected a batch {Batch()}, got {shape}", "give images of the size that the network was built for");
        }
    }

    private string Batch() => Input.Rank == 3 ? $"(batch, channels, height, width) of images {Input}" : $"of inputs {Input}";

    /// <summary>The part of the graph that makes one value; it has all the parameters.</summary>
    public Graph Until(int value) => Rebuilt([.. Vertices.Take(value)], value);

    /// <summary>Other vertices over the same input and parameters.</summary>
    internal Graph Rebuilt(IReadOnlyList<Vertex> vertices, int output) => new(Input, vertices, Parameters, output);
}
