using System.Collections.Concurrent;
using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>
/// A network in use: answers for images, from any number of threads at once, each of which leases a session of its own.
/// What it answers for an image does not depend on the images beside it, nor on the number of threads.
/// </summary>
public sealed class Predictor
{
    // Sessions are as large as one image, a few, or many: more sizes would only hold more memory.
    private static readonly int[] Capacities = [1, 16, 128];

    private readonly Graph graph;
    private readonly Tensor[] parameters;
    private readonly bool exact;
    private readonly ConcurrentDictionary<(int Capacity, int Workers), Plan> plans = [];
    private readonly ConcurrentDictionary<(int Capacity, Workers Workers), ConcurrentBag<Session>> idle = [];

    /// <summary>Creates a predictor. The parameters must not change afterwards.</summary>
    public Predictor(Graph graph, IReadOnlyList<Tensor> parameters, bool exact = false)
    {
        this.graph = graph;
        this.parameters = [.. parameters];
        this.exact = exact;
    }

    /// <summary>The graph's output for images (N, C, H, W): N rows.</summary>
    /// <exception cref="ShapeException">The images are not of the shape that the network takes.</exception>
    public Tensor Run(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        graph.RequireBatch(images.Shape);
        int count = images.Shape[0], pixels = graph.Input.Count, outputs = graph.OutputShape.Count;
        Tensor output = Tensor.Zeros(graph.OutputShape.Prepend(count));
        int capacity = Capacities.FirstOrDefault(c => c >= count, Capacities[^1]);
        Lease(capacity, session =>
        {
            for (int first = 0; first < count; first += capacity)
            {
                int present = Math.Min(capacity, count - first);
                images.Values.AsSpan(first * pixels, present * pixels).CopyTo(session.Input(present));
                session.Forward(present);
                session.Output.CopyTo(output.Values.AsSpan(first * outputs));
            }
        });
        return output;
    }

    /// <summary>Bytes that a session for so many images at once takes.</summary>
    public long Bytes(int batch) => Plan.Create(graph, new PlanOptions(batch, Exact: exact), Workers.Shared.Count).Bytes;

    private void Lease(int capacity, Action<Session> use)
    {
        Workers workers = Workers.Shared;
        ConcurrentBag<Session> sessions = idle.GetOrAdd((capacity, workers), _ => []);
        if (!sessions.TryTake(out Session? session))
        {
            Plan plan = plans.GetOrAdd((capacity, workers.Count), key => Plan.Create(graph, new PlanOptions(key.Capacity, Exact: exact), key.Workers));
            session = new Session(plan, parameters, workers);
        }

        // A session whose run failed is not put back: its finaliser frees it.
        use(session);
        sessions.Add(session);
    }
}
