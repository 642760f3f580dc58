using System.Diagnostics;
using Fovea.Core.Dispatch;
using Fovea.Core.Plans;

namespace Fovea.Benchmarks;

/// <summary>
/// Where a training step's time goes: each planned step forward and backward, best and median over many rounds. On one
/// thread it is processor time, which other work on the machine lengthens less.
/// </summary>
internal static class Profile
{
    public static void Print(Graph graph, int batch, int threads, int rounds = 200)
    {
        using Workers workers = new(threads);
        Plan plan = Plan.Create(graph, PlanOptions.Training(batch), threads);
        using Session session = new(plan, [.. Networks.Parameters(graph).Select(p => p.Value)], workers);
        Random random = new(1);
        Span<float> input = session.Input(batch);
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = random.NextSingle();
        }

        List<double>[] forward = [.. plan.Steps.Select(_ => new List<double>())], backward = [.. plan.Steps.Select(_ => new List<double>())];
        List<double> whole = [];
        for (int round = 0; round < rounds; round++)
        {
            session.Forward(batch);
            session.OutputGradient.Fill(0.01f);
            for (int i = 0; i < plan.Steps.Count; i++)
            {
                forward[i].Add(Milliseconds(threads == 1, () => session.ForwardStep(i)));
            }

            session.OutputGradient.Fill(0.01f);
            for (int i = plan.Steps.Count - 1; i >= 0; i--)
            {
                backward[i].Add(Milliseconds(threads == 1, () => session.BackwardStep(i)));
            }

            whole.Add(forward.Sum(f => f[^1]) + backward.Sum(b => b[^1]));
        }

        Console.WriteLine($"batch {batch}, {threads} threads: best {batch / whole.Min() * 1000:N0}, median {batch / Median(whole) * 1000:N0} images/s (forward and backward), {plan.Bytes / 1e6:N1} MB");
        for (int i = 0; i < plan.Steps.Count; i++)
        {
            Console.WriteLine($"  {plan.Steps[i].Name,-28} {plan.Steps[i].Step.Algorithm,-32} forward {forward[i].Min(),7:F3} {Median(forward[i]),7:F3}   backward {backward[i].Min(),7:F3} {Median(backward[i]),7:F3} ms");
        }
    }

    /// <summary>Where a network in use spends its time: each planned step, and all of them together.</summary>
    public static void PrintUse(Graph graph, int batch, int threads, int rounds = 20_000)
    {
        using Workers workers = new(threads);
        Plan plan = Plan.Create(graph, new PlanOptions(batch), threads);
        using Session session = new(plan, [.. Networks.Parameters(graph).Select(p => p.Value)], workers);
        Random random = new(1);
        foreach (ref float x in session.Input(batch))
        {
            x = random.NextSingle();
        }

        List<double>[] steps = [.. plan.Steps.Select(_ => new List<double>(rounds))];
        List<double> whole = new(rounds);
        for (int round = 0; round < rounds; round++)
        {
            session.Forward(batch);
            for (int i = 0; i < plan.Steps.Count; i++)
            {
                long start = Stopwatch.GetTimestamp();
                session.ForwardStep(i);
                steps[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

            long all = Stopwatch.GetTimestamp();
            session.Forward(batch);
            whole.Add(Stopwatch.GetElapsedTime(all).TotalMicroseconds);
        }

        Console.WriteLine($"batch {batch}, {threads} threads: best {whole.Min():F1} µs, median {Median(whole):F1} µs, {plan.Bytes / 1e6:N1} MB");
        for (int i = 0; i < plan.Steps.Count; i++)
        {
            Console.WriteLine($"  {plan.Steps[i].Name,-28} {plan.Steps[i].Step.Algorithm,-32} {steps[i].Min(),7:F2} {Median(steps[i]),7:F2} µs");
        }
    }

    private static double Milliseconds(bool alone, Action run)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan used = Environment.CpuUsage.TotalTime;
        run();
        return (alone ? Environment.CpuUsage.TotalTime - used : Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
