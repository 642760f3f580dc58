using Fovea.Core.Dispatch;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Analysis;

/// <summary>
/// A network with its parameters, opened: the outputs of all its stages, and gradients of anything that its outputs say,
/// all in evaluation and by exact algorithms: Winograd's rounding would give a slope to pixels that are not seen. It plans and takes its memory for each question.
/// </summary>
public sealed class Inspector
{
    private readonly Tensor[] parameters;

    /// <summary>Takes a network and its parameters, which must not change while it is asked.</summary>
    public Inspector(Graph graph, IReadOnlyList<Tensor> parameters)
    {
        Graph = graph;
        this.parameters = [.. parameters];
    }

    /// <summary>The network.</summary>
    public Graph Graph { get; }

    /// <summary>The output of every vertex for images (N, …), in the order of their running, each (N, …).</summary>
    /// <exception cref="ShapeException">The images are not of the shape that the network takes.</exception>
    public IReadOnlyList<Tensor> Values(Tensor images)
    {
        using Session session = Start(Graph, images, new PlanOptions(Count(images), Exact: true, KeepOutputs: true));
        return [.. Enumerable.Range(0, Graph.Vertices.Count).Select(session.Value)];
    }

    /// <summary>The gradient, with respect to images (N, …), of what the outputs are weighed with.</summary>
    /// <param name="images">The images.</param>
    /// <param name="outputGradient">From the outputs (N, …), the gradient with respect to them, of the same shape.</param>
    /// <exception cref="ShapeException">The images are not of the shape that the network takes.</exception>
    public Tensor InputGradient(Tensor images, Func<Tensor, Tensor> outputGradient)
    {
        using Session session = Start(Graph, images, new PlanOptions(Count(images), Exact: true, InputGradient: true));
        Back(session, images, outputGradient);
        return Tensor.Of(images.Shape, session.InputGradient);
    }

    /// <summary>The gradient with respect to each parameter; null for buffers and what is frozen.</summary>
    /// <inheritdoc cref="InputGradient" path="/param"/>
    /// <exception cref="ShapeException">The images are not of the shape that the network takes.</exception>
    public IReadOnlyList<Tensor?> ParameterGradients(Tensor images, Func<Tensor, Tensor> outputGradient)
    {
        using Session session = Start(Graph, images, new PlanOptions(Count(images), Exact: true, ParameterGradients: true));
        Back(session, images, outputGradient);
        return [.. Graph.Parameters.Select((p, i) => session.Gradient(i) is { IsEmpty: false } gradient ? Tensor.Of(p.Spec.Shape, gradient) : null)];
    }

    /// <summary>The output of one vertex and the gradient with respect to it, each (N, …).</summary>
    /// <param name="vertex">Which.</param>
    /// <param name="images">The images.</param>
    /// <param name="outputGradient">From the outputs (N, …), the gradient with respect to them, of the same shape.</param>
    /// <exception cref="ShapeException">The images are not of the shape that the network takes.</exception>
    public (Tensor Value, Tensor Gradient) At(int vertex, Tensor images, Func<Tensor, Tensor> outputGradient)
    {
        Tensor? value = null, gradient = null;
        Graph probed = Probe.After(Graph, vertex, y => value = y, dy => gradient = dy);
        using Session session = Start(probed, images, new PlanOptions(Count(images), Exact: true, InputGradient: true));
        Back(session, images, outputGradient);

        // Where the output does not depend on the vertex, no gradient arrives there.
        return (value!, gradient ?? Tensor.Zeros(value!.Shape));
    }

    private static int Count(Tensor images) => Math.Max(1, images?.Rank > 0 ? images.Shape[0] : 1);

    private Session Start(Graph graph, Tensor images, PlanOptions options)
    {
        graph.RequireBatch(images.Shape);
        Session session = new(Plan.Create(graph, options, Workers.Shared.Count), parameters, Workers.Shared);
        images.Values.CopyTo(session.Input(images.Shape[0]));
        session.Forward(images.Shape[0]);
        return session;
    }

    private void Back(Session session, Tensor images, Func<Tensor, Tensor> outputGradient)
    {
        Tensor output = Tensor.Of(Graph.OutputShape.Prepend(images.Shape[0]), session.Output);
        Tensor gradient = outputGradient(output);
        if (gradient.Shape != output.Shape)
        {
            throw new ShapeException("gradient", $"expected one number for each of the outputs {output.Shape}, got {gradient.Shape}", "give a gradient of the outputs' shape");
        }

        gradient.Values.CopyTo(session.OutputGradient);
        session.Backward();
    }
}
