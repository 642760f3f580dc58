using System.Diagnostics;
using System.Globalization;
using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using MathNet.Numerics.LinearAlgebra;

namespace Fovea.Benchmarks;

/// <summary>
/// Measures what units of work cost and writes the table from which algorithms are chosen. Every algorithm runs every shape of a
/// list, in turns, on one thread; the costs are those by which the models come nearest to the best times, in proportion, with a
/// pull towards the table as it is, since not every unit shows in the times. A column is only replaced where choices by the new one would have
/// taken less time, over all shapes, than those by the old one.
/// </summary>
internal static class Tuning
{
    // What a unit that is off by its own size weighs, against a time that is.
    private const double Pull = 0.03;

    // Algorithms that are estimated to take so many times the least are not run.
    private const double Most = 25;

    // Costs leave the old ones by no more than this factor at a time.
    private const double Stride = 4;

    // An improvement less than this is noise.
    private const double Worthwhile = 0.005;

    private static readonly string[] Columns = ["512", "256", "128"];

    private static IEnumerable<ConvShape> Shapes =>
    [
        Of(8, 64, 56, 64, 3), Of(8, 128, 28, 128, 3), Of(8, 256, 14, 256, 3), Of(32, 256, 7, 256, 3), Of(8, 512, 7, 512, 3), Of(64, 32, 16, 64, 3),
        Of(32, 24, 31, 64, 3), Of(1, 64, 56, 64, 3), Of(8, 16, 64, 16, 3), Of(2, 256, 28, 256, 3), Of(64, 3, 32, 32, 3), Of(8, 3, 112, 64, 7, 2),
        Of(8, 256, 28, 64, 1), Of(8, 64, 28, 256, 1), Of(8, 128, 28, 128, 3, 2), Of(8, 64, 28, 64, 5), Of(8, 32, 14, 32, 5), Of(8, 64, 32, 64, 7), Of(8, 128, 14, 128, 7),
        Of(8, 16, 32, 16, 7), Of(8, 3, 64, 32, 7), Of(8, 64, 32, 64, 11), Of(4, 32, 48, 32, 15), Of(2, 32, 64, 32, 31), Of(8, 128, 28, 128, 3, groups: 128),
    ];

    /// <summary>Measures all instruction sets that this machine has, and writes the table.</summary>
    public static void Write(string path, int rounds)
    {
        Dictionary<string, double[]> columns = Columns.ToDictionary(c => c, UnitCosts.Read);
        foreach (string column in Columns)
        {
            if (Measured(column, rounds) is { } costs)
            {
                columns[column] = costs;
            }
        }

        IEnumerable<string> lines = Enum.GetValues<Unit>().Select(unit => string.Join(',', [unit.ToString(), .. Columns.Select(c => columns[c][(int)unit].ToString("G3", CultureInfo.InvariantCulture))]));
        File.WriteAllLines(path, [string.Join(',', ["unit", .. Columns]), .. lines]);
    }

    /// <summary>What the process of one instruction set does: measures, tells on the console, and writes the costs to a file if they are better.</summary>
    public static void Column(string path, int rounds)
    {
        AlgorithmRun[] runs = Timed(rounds);
        double[] old = UnitCosts.Current, tuned = Fit(runs, old);
        double before = Lost(runs, old), after = Lost(runs, tuned);
        Console.WriteLine(FormattableString.Invariant($"instruction set {UnitCosts.Column}: {runs.Length} algorithms and shapes; by the old table choices take {before:P1} longer than the best, by the new {after:P1}"));
        foreach (Unit unit in Enum.GetValues<Unit>())
        {
            Console.WriteLine(FormattableString.Invariant($"  {unit,-20} {old[(int)unit],8:G3} {tuned[(int)unit],8:G3}"));
        }

        foreach (IGrouping<(ConvShape, string), AlgorithmRun> choice in Choices(runs))
        {
            AlgorithmRun best = choice.MinBy(r => r.Best)!, first = Chosen(choice, old), second = Chosen(choice, tuned);
            if (first != best || second != best)
            {
                Console.WriteLine(FormattableString.Invariant($"  {choice.Key.Item1}, {choice.Key.Item2}: best {best.Name}; old {first.Name} {first.Best / best.Best:F2}, new {second.Name} {second.Best / best.Best:F2}"));
            }
        }

        if (after < before - Worthwhile)
        {
            File.WriteAllLines(path, tuned.Select(c => c.ToString(CultureInfo.InvariantCulture)));
        }
        else
        {
            Console.WriteLine("  The old table stays.");
        }
    }

    private static double[]? Measured(string column, int rounds)
    {
        string path = Path.GetTempFileName();
        File.Delete(path);
        ProcessStartInfo start = new(Environment.ProcessPath!, [Environment.GetCommandLineArgs()[0], "tune-column", path, $"{rounds}", column]);
        start.Environment["DOTNET_EnableAVX512"] = column == "512" ? "1" : "0";
        start.Environment["DOTNET_EnableAVX2"] = column == "128" ? "0" : "1";
        using (Process process = Process.Start(start)!)
        {
            process.WaitForExit();
        }

        if (!File.Exists(path))
        {
            return null;
        }

        double[] costs = [.. File.ReadLines(path).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        File.Delete(path);
        return costs;
    }

    private static AlgorithmRun[] Timed(int rounds)
    {
        List<AlgorithmRun> all = [];
        foreach (ConvShape shape in Shapes)
        {
            AlgorithmRun[] runs = [.. AlgorithmRun.All(shape, Most).Where(r => r.Name is not ("naive" or "groups"))];
            Algorithms.Measure(runs, rounds + 1);
            all.AddRange(runs);
            foreach (AlgorithmRun run in runs)
            {
                run.Dispose();
            }
        }

        return [.. all];
    }

    // Least squares of the times in proportion: the models are linear in the costs.
    private static double[] Fit(AlgorithmRun[] runs, double[] old)
    {
        // A cycle is what makes direct convolution cost what it is said to.
        double[] scales = [.. runs.Where(r => r.Name == "direct").Select(r => r.Best / With(old, () => r.Cost)).Order()];
        double cycle = scales[scales.Length / 2];
        int units = old.Length;
        Matrix<double> normal = Matrix<double>.Build.Dense(units, units);
        Vector<double> right = Vector<double>.Build.Dense(units);
        foreach (AlgorithmRun run in runs)
        {
            double time = run.Best / cycle, rest = With(new double[units], () => run.Cost);
            Vector<double> share = Vector<double>.Build.Dense(units, u => (With([.. old.Select((c, i) => i == u ? c : 0)], () => run.Cost) - rest) / time);
            normal += share.OuterProduct(share);
            right += share * (1 - (rest / time));
        }

        // The unknowns are factors of the old costs, pulled towards one.
        double pull = Pull * runs.Length / units;
        Vector<double> factors = (normal + (pull * Matrix<double>.Build.DenseIdentity(units))).Solve(right + pull);
        return [.. old.Select((c, i) => c * Math.Clamp(factors[i], 1 / Stride, Stride))];
    }

    // How much longer the chosen algorithms take than the best ones, on the average.
    private static double Lost(AlgorithmRun[] runs, double[] costs) =>
        Math.Exp(Choices(runs).Average(choice => Math.Log(Chosen(choice, costs).Best / choice.Min(r => r.Best)))) - 1;

    private static IEnumerable<IGrouping<(ConvShape, string), AlgorithmRun>> Choices(AlgorithmRun[] runs) => runs.GroupBy(r => (r.Sizes, r.Pass));

    private static AlgorithmRun Chosen(IEnumerable<AlgorithmRun> choice, double[] costs) => With(costs, () => choice.MinBy(r => r.Cost)!);

    private static T With<T>(double[] costs, Func<T> work)
    {
        double[] before = UnitCosts.Current;
        UnitCosts.Current = costs;
        T result = work();
        UnitCosts.Current = before;
        return result;
    }

    private static ConvShape Of(int n, int c, int size, int k, int kernel, int stride = 1, int groups = 1)
    {
        Window window = new(kernel, stride, 1, kernel / 2, kernel / 2);
        return new ConvShape(n, c, size, size, k, window, window, groups);
    }
}
