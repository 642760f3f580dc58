using System.Diagnostics;
using System.Globalization;

namespace Fovea.Benchmarks;

/// <summary>
/// Fovea and its peers on the same work, taking turns for many rounds on the same machine with the same threads, and the
/// ratio of their speeds, round by round: the best time of each, and the median of the rounds' ratios. PyTorch is given
/// its better layout. Where a peer is missing the comparison says so and goes on; without any it gives Fovea's figures alone.
/// </summary>
internal static class Compare
{
    private const double SecondsOfATurn = 0.25;

    public static void Print(int threads, int rounds, string? only)
    {
        List<Peer> peers = [.. Peer.StartAll(threads)];
        Console.WriteLine($"{threads} thread(s), {rounds} rounds; times are of one run, ratios are the peer's time over Fovea's");
        Console.WriteLine($"{"row",-52} {"algorithm",-34} {"Fovea ms",9} {"peer",-14} {"peer ms",9} {"best",6} {"median",7}");
        foreach (Row row in Rows.All.Where(r => Wanted(r.Name, only)))
        {
            using IRun run = row.Prepare(threads);
            run.Once(0);
            run.Once(1);
            List<double> own = [];
            List<Turns> turns = [.. peers.Where(p => p.Runs(row)).Select(p => new Turns(p))];
            for (int round = 0; round < rounds; round++)
            {
                List<double> times = Times(run);
                own.AddRange(times);
                foreach (Turns turn in turns)
                {
                    turn.Take(row, threads, Median(times));
                }
            }

            string line = string.Create(CultureInfo.InvariantCulture, $"{row.Name,-52} {run.Algorithm,-34} {own.Min() * 1e3,9:F3}");
            foreach (string peer in turns.Select(t => t.Text(own.Min())).DefaultIfEmpty("-"))
            {
                Console.WriteLine($"{line} {peer}");
            }
        }

        foreach (MemoryRow row in MemoryRow.All.Where(r => Wanted(r.Name, only)))
        {
            row.Print(threads);
        }

        peers.ForEach(p => p.Dispose());
    }

    private static bool Wanted(string name, string? only) => only is null || name.Contains(only, StringComparison.OrdinalIgnoreCase);

    private static List<double> Times(IRun run)
    {
        List<double> times = [];
        long start = Stopwatch.GetTimestamp();
        while (times.Count < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsOfATurn)
        {
            long before = Stopwatch.GetTimestamp();
            run.Once(times.Count);
            times.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
        }

        return times;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>What a peer took for a row, round by round.</summary>
    private sealed class Turns(Peer peer)
    {
        private readonly List<double> ratios = [];
        private double best = double.MaxValue;

        public void Take(Row row, int threads, double own)
        {
            List<List<double>> layouts = [.. peer.Times(row, threads, SecondsOfATurn)];
            best = Math.Min(best, layouts.Min(times => times.Min()));
            ratios.Add(layouts.Min(Median) / own);
        }

        public string Text(double own) =>
            string.Create(CultureInfo.InvariantCulture, $"{peer.Name,-14} {best * 1e3,9:F3} {best / own,6:F2} {Median(ratios),7:F2}");
    }
}
