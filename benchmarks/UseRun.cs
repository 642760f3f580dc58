using Fovea.Core.Dispatch;
using Fovea.Core.Plans;
using Fovea.Core.Tensors;

namespace Fovea.Benchmarks;

/// <summary>
/// A network in use: one session, as the peers have one, whose weights stay packed. Inputs take turns, and are copied in by every
/// run.
/// </summary>
internal sealed class UseRun : IRun
{
    private const int Copies = 3;
    private readonly Workers workers;
    private readonly Session session;
    private readonly float[][] inputs;
    private readonly int batch;

    public UseRun(Graph graph, int batch, int threads)
    {
        this.batch = batch;
        workers = new Workers(threads);
        IReadOnlyList<Tensor> parameters = [.. Networks.Parameters(graph).Select(p => p.Value)];
        session = new Session(Plan.Create(graph, new PlanOptions(batch), threads), parameters, workers);
        Random random = new(1);
        inputs = [.. Enumerable.Range(0, Copies).Select(_ => Filled(session.Input(batch).Length, random))];
    }

    public string Algorithm => "";

    public void Once(int turn)
    {
        inputs[turn % Copies].CopyTo(session.Input(batch));
        session.Forward(batch);
    }

    public void Dispose()
    {
        session.Dispose();
        workers.Dispose();
    }

    private static float[] Filled(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
