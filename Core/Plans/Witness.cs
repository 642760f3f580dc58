using System.Numerics;
using Fovea.Core.Randomness;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>What a node is given when its plan is interpreted with the naive kernels in the precision of T. All batches are plain.</summary>
public sealed class WitnessFrame<T>
    where T : IFloatingPointIeee754<T>
{
    internal WitnessFrame(int images, T[][] x, T[] y, T[][] parameters, RunMode mode, RandomKey key)
    {
        Images = images;
        X = x;
        Y = y;
        Parameters = parameters;
        Mode = mode;
        Key = key;
        Dx = [.. x.Select(v => new T[v.Length])];
        Dy = new T[y.Length];
        ParameterGradients = [.. parameters.Select(v => new T[v.Length])];
    }

    /// <summary>Images in the batch.</summary>
    public int Images { get; }

    /// <summary>The inputs.</summary>
    public T[][] X { get; }

    /// <summary>The output, to be written by the forward pass.</summary>
    public T[] Y { get; }

    /// <summary>The parameters.</summary>
    public T[][] Parameters { get; }

    /// <summary>Whether batch statistics and dropout are on.</summary>
    public RunMode Mode { get; }

    /// <summary>The key of this node's random draws in this step.</summary>
    public RandomKey Key { get; }

    /// <summary>The output's gradient.</summary>
    public T[] Dy { get; }

    /// <summary>The inputs' gradients, to be written by the backward pass.</summary>
    public T[][] Dx { get; }

    /// <summary>The parameters' gradients, to be written by the backward pass.</summary>
    public T[][] ParameterGradients { get; }

    /// <summary>What the forward pass keeps for the backward pass.</summary>
    public object? Saved { get; set; }
}

/// <summary>
/// A graph interpreted node by node with the naive kernels, in the precision of T: slow, simple, and in double precision
/// the judge of every gradient and every fast algorithm.
/// </summary>
public sealed class Witness<T>
    where T : IFloatingPointIeee754<T>
{
    private readonly Graph graph;
    private readonly WitnessFrame<T>[] frames;
    private readonly T[][] parameters;

    /// <summary>Runs the graph forward.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="parameters">The parameters' values, in the graph's order.</param>
    /// <param name="input">Images, plain.</param>
    /// <param name="images">Their number.</param>
    /// <param name="mode">Whether batch statistics and dropout are on.</param>
    /// <param name="key">The step's key.</param>
    public Witness(Graph graph, IReadOnlyList<T[]> parameters, T[] input, int images, RunMode mode = RunMode.Evaluation, RandomKey key = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        this.graph = graph;
        // Training moves the buffers: the caller's stay as they are.
        this.parameters = [.. parameters.Select((value, p) => graph.Parameters[p].Spec.Role == ParameterRole.Buffer ? (T[])value.Clone() : value)];
        frames = new WitnessFrame<T>[graph.Vertices.Count];
        for (int v = 0; v < frames.Length; v++)
        {
            Vertex vertex = graph.Vertices[v];
            T[][] x = [.. vertex.Inputs.Select(i => i == Graph.InputValue ? input : frames[i - 1].Y)];
            T[][] own = [.. vertex.Parameters.Select(p => this.parameters[p])];
            frames[v] = new WitnessFrame<T>(images, x, new T[images * vertex.Node.Output.Count], own, mode, key.Child(v));
            vertex.Node.Forward(frames[v]);
        }

        Output = graph.Output == Graph.InputValue ? input : frames[graph.Output - 1].Y;
        InputGradient = new T[input.Length];
        Gradients = [.. this.parameters.Select(p => new T[p.Length])];
    }

    /// <summary>The graph's output.</summary>
    public T[] Output { get; }

    /// <summary>After <see cref="Backward"/>: the gradient with respect to the input.</summary>
    public T[] InputGradient { get; }

    /// <summary>After <see cref="Backward"/>: the gradients with respect to the parameters, in the graph's order.</summary>
    public IReadOnlyList<T[]> Gradients { get; }

    /// <summary>The parameters in the graph's order, with the buffers as the run left them.</summary>
    public IReadOnlyList<T[]> Parameters => parameters;

    /// <summary>The output of one vertex.</summary>
    public T[] Value(int vertex) => frames[vertex].Y;

    /// <summary>Runs backward from the gradient of the output.</summary>
    public void Backward(ReadOnlySpan<T> outputGradient)
    {
        Add(outputGradient, graph.Output == Graph.InputValue ? InputGradient : frames[graph.Output - 1].Dy);
        for (int v = frames.Length - 1; v >= 0; v--)
        {
            Vertex vertex = graph.Vertices[v];
            vertex.Node.Backward(frames[v]);
            for (int i = 0; i < vertex.Inputs.Count; i++)
            {
                int value = vertex.Inputs[i];
                Add(frames[v].Dx[i], value == Graph.InputValue ? InputGradient : frames[value - 1].Dy);
            }

            for (int p = 0; p < vertex.Parameters.Count; p++)
            {
                Add(frames[v].ParameterGradients[p], Gradients[vertex.Parameters[p]]);
            }
        }
    }

    private static void Add(ReadOnlySpan<T> from, Span<T> to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] += from[i];
        }
    }
}
