using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fovea.Benchmarks;

/// <summary>
/// Fovea and PyTorch on the same work, taking turns for many rounds on the same machine with the same threads, and the
/// ratio of their speeds, round by round: the best time of each, and the median of the rounds' ratios. PyTorch is given
/// its better layout. Where PyTorch is missing the comparison says so and gives Fovea's figures alone.
/// </summary>
internal static class Compare
{
    private const double SecondsOfATurn = 0.25;

    public static void Print(int threads, int rounds, string? only)
    {
        using Peer? peer = Peer.Start(threads);
        Console.WriteLine(peer is null ? "PyTorch is not to be found (python3 with torch): Fovea alone." : peer.Name);
        Console.WriteLine($"{threads} thread(s), {rounds} rounds; times are of one run, ratios are PyTorch's time over Fovea's");
        Console.WriteLine($"{"row",-52} {"algorithm",-34} {"Fovea ms",9} {"PyTorch ms",11} {"best",6} {"median",7}");
        foreach (Row row in Rows.All.Where(r => only is null || r.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            using IRun run = row.Prepare(threads);
            run.Once(0);
            run.Once(1);
            List<double> own = [], ratios = [];
            Dictionary<string, List<double>> theirs = [];
            for (int round = 0; round < rounds; round++)
            {
                List<double> turn = Times(run);
                own.AddRange(turn);
                double? best = null;
                foreach ((string layout, List<double> times) in peer?.Times(row, threads, SecondsOfATurn) ?? [])
                {
                    theirs.TryAdd(layout, []);
                    theirs[layout].AddRange(times);
                    best = Math.Min(best ?? double.MaxValue, Median(times));
                }

                if (best is double other)
                {
                    ratios.Add(other / Median(turn));
                }
            }

            double peerBest = theirs.Count == 0 ? double.NaN : theirs.Values.Min(times => times.Min());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-52} {run.Algorithm,-34} {own.Min() * 1e3,9:F3} {peerBest * 1e3,11:F3} {peerBest / own.Min(),6:F2} {(ratios.Count == 0 ? double.NaN : Median(ratios)),7:F2}"));
        }
    }

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

    /// <summary>PyTorch in a process of its own, with the settings that are fair to it.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly Process process;

        private Peer(Process process, string name)
        {
            this.process = process;
            Name = name;
        }

        public string Name { get; }

        // Debian's python3-torch belongs to /usr/bin/python3, which need not be the first on the path.
        public static Peer? Start(int threads) =>
            new[] { "python3", "/usr/bin/python3" }.Select(python => Start(python, threads)).FirstOrDefault(peer => peer is not null);

        private static Peer? Start(string python, int threads)
        {
            string script = Path.Combine(AppContext.BaseDirectory, "peers", "pytorch.py");
            ProcessStartInfo start = new(python, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
            start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
            start.Environment["OPENBLAS_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
            start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
            try
            {
                Process process = Process.Start(start)!;
                string? greeting = process.StandardOutput.ReadLine();
                return greeting is null ? null : new Peer(process, (string)JsonNode.Parse(greeting)!["name"]!);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return null;
            }
        }

        public IEnumerable<(string Layout, List<double> Times)> Times(Row row, int threads, double seconds)
        {
            JsonObject request = row.Describe();
            request["threads"] = threads;
            request["seconds"] = seconds;
            process.StandardInput.WriteLine(request.ToJsonString());
            process.StandardInput.Flush();
            string answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"PyTorch stopped: {process.StandardError.ReadToEnd()}");
            return JsonSerializer.Deserialize<Dictionary<string, List<double>>>(answer)!.Select(pair => (pair.Key, pair.Value));
        }

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit(5000);
            process.Dispose();
        }
    }
}
