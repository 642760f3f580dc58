using System.Diagnostics;
using Fovea.Core.Dispatch;
using Fovea.Core.Memory;
using Fovea.Core.Shapes;

namespace Fovea.Benchmarks;

/// <summary>One algorithm of a pass over given sizes, on one thread, its weights packed in every run, in memory of its own.</summary>
internal sealed unsafe class AlgorithmRun : IDisposable
{
    private static readonly Workers One = new(1);
    private readonly AlignedMemory memory;
    private readonly Action run;
    private readonly Func<double> cost;

    private AlgorithmRun(string pass, string name, ConvShape s, long[] floats, Func<double> cost, Func<nint[], Action> run)
    {
        (Pass, Name, Sizes) = (pass, name, s);
        this.cost = cost;

        // Cache lines, and one between two pieces, so that pieces of a power of two do not fall on one set.
        long[] rounded = [.. floats.Select(f => ((f + 15) / 16 * 16) + 16)];
        memory = new AlignedMemory(rounded.Sum());
        nint[] pieces = new nint[floats.Length];
        for (int i = 0, at = 0; i < floats.Length; at += checked((int)rounded[i++]))
        {
            pieces[i] = (nint)(memory.Start + at);
        }

        Random random = new(1);
        for (long i = 0; i < rounded[0] + rounded[1]; i++)
        {
            memory.Start[i] = random.NextSingle() - 0.5f;
        }

        this.run = run(pieces);
    }

    public string Pass { get; }

    public string Name { get; }

    public ConvShape Sizes { get; }

    /// <summary>What the cost model says, with the unit costs of the moment.</summary>
    public double Cost => cost();

    /// <summary>The least seconds that a run has taken.</summary>
    public double Best { get; private set; } = double.MaxValue;

    /// <summary>
    /// Every algorithm that runs these sizes, those left out that would take more than so many times the least cost; over images
    /// in the layouts that they like best, or <paramref name="plain"/> ones where they take them.
    /// </summary>
    public static IEnumerable<AlgorithmRun> All(ConvShape s, double most, bool plain = false) =>
        [
            .. Worth(ConvolutionTables.Forward.Where(a => a.Accepts(s)), a => a.Cost(s), most).Select(a => Of(s, a, plain)),
            .. Worth(ConvolutionTables.BackwardInput.Where(a => a.Accepts(s)), a => a.Cost(s), most).Select(a => Of(s, a, plain)),
            .. Worth(ConvolutionTables.BackwardWeights.Where(a => a.Accepts(s)), a => a.Cost(s), most).Select(a => Of(s, a, plain)),
        ];

    /// <summary>Runs once, and remembers the time if it is the best.</summary>
    public void Once()
    {
        long before = Stopwatch.GetTimestamp();
        run();
        Best = Math.Min(Best, Stopwatch.GetElapsedTime(before).TotalSeconds);
    }

    public void Dispose() => memory.Dispose();

    private static IEnumerable<T> Worth<T>(IEnumerable<T> algorithms, Func<T, double> cost, double most) =>
        algorithms.Where(a => cost(a) <= most * algorithms.Min(cost));

    private static AlgorithmRun Of(ConvShape s, ConvolutionForward a, bool plain)
    {
        Layout input = plain && a.ReadsAnyLayout ? Layout.Plain : a.InputLayout(s), output = plain && a.WritesAnyLayout ? Layout.Plain : a.OutputLayout(s);
        return new("Forward", a.Name, s, [Floats(s, input, false), s.WeightCount, a.PackedFloats(s), a.ScratchFloats(s), Floats(s, output, true)], () => a.Cost(s), p => () =>
        {
            a.Pack(s, (float*)p[1], (float*)p[2], One);
            a.Run(s, (float*)p[0], input, (float*)p[2], default, (float*)p[4], output, (float*)p[3], One);
        });
    }

    private static AlgorithmRun Of(ConvShape s, ConvolutionBackwardInput a, bool plain)
    {
        Layout gradient = plain && a.TakesAnyLayout ? Layout.Plain : a.GradientLayout(s), input = plain && a.TakesAnyLayout ? Layout.Plain : a.InputLayout(s);
        return new("BackwardInput", a.Name, s, [Floats(s, gradient, true), s.WeightCount, a.PackedFloats(s), a.ScratchFloats(s), Floats(s, input, false)], () => a.Cost(s), p => () =>
        {
            a.Pack(s, (float*)p[1], (float*)p[2], One);
            a.Run(s, (float*)p[0], gradient, (float*)p[2], (float*)p[4], input, (float*)p[3], One);
        });
    }

    private static AlgorithmRun Of(ConvShape s, ConvolutionBackwardWeights a, bool plain)
    {
        Layout input = plain && a.ReadsAnyLayout ? Layout.Plain : a.InputLayout(s), gradient = plain && a.ReadsAnyGradient ? Layout.Plain : a.GradientLayout(s);
        return new("BackwardWeights", a.Name, s, [Floats(s, input, false), Floats(s, gradient, true), s.WeightCount, a.SharedFloats(s), a.ScratchFloats(s)], () => a.Cost(s), p => () =>
            a.Run(s, (float*)p[0], input, (float*)p[1], gradient, (float*)p[2], (float*)p[3], (float*)p[4], One));
    }

    private static long Floats(ConvShape s, Layout layout, bool output) =>
        output ? new ImageBatch(s.N, s.K, s.P * s.Q, layout).Floats : new ImageBatch(s.N, s.C, s.H * s.W, layout).Floats;
}

/// <summary>What every algorithm takes for a convolution, beside what the cost model says: all of a pass in turns, the best of many.</summary>
internal static class Algorithms
{
    public static void Print(int n, int c, int size, int k, int kernel, int rounds, int stride, bool plain)
    {
        Window window = new(kernel, stride, 1, kernel / 2, kernel / 2);
        Print(new ConvShape(n, c, size, size, k, window, window), rounds, plain);
    }

    private static void Print(ConvShape s, int rounds, bool plain)
    {
        Console.WriteLine($"{s}");
        AlgorithmRun[] runs = [.. AlgorithmRun.All(s, 40, plain)];
        Measure(runs, rounds);
        foreach (IGrouping<string, AlgorithmRun> pass in runs.GroupBy(r => r.Pass))
        {
            double least = pass.Min(r => r.Cost), direct = pass.Where(r => r.Name == "direct").Select(r => r.Best).DefaultIfEmpty(double.NaN).First();
            foreach (AlgorithmRun run in pass)
            {
                string text = $"  {run.Pass,-16} {run.Name,-22} {run.Best * 1e3,10:F3} ms  direct / it {direct / run.Best,6:F2}  {run.Best * 1e9 / run.Cost,6:F3} ns a cycle {(run.Cost == least ? "  chosen" : "")}";
                Console.WriteLine(text);
            }
        }

        foreach (AlgorithmRun run in runs)
        {
            run.Dispose();
        }
    }

    /// <summary>Times them in turns.</summary>
    public static void Measure(IReadOnlyList<AlgorithmRun> runs, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            foreach (AlgorithmRun run in runs)
            {
                run.Once();
            }
        }
    }
}
