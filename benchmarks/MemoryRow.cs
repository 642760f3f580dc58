using System.Diagnostics;
using System.Globalization;

namespace Fovea.Benchmarks;

/// <summary>
/// The peak memory of the training step of the two-block CNN: by how much a process rises above what it took when the
/// library was loaded and nothing made, each library in a fresh process of its own. Fovea's is run as scripts are, with the
/// server's garbage collector. The kernel's own high-water mark is read, so Linux alone has these rows.
/// </summary>
internal sealed record MemoryRow(int N)
{
    // The first steps compile the kernels and take the arena; later ones take nothing.
    private const int Steps = 30;

    public static IEnumerable<MemoryRow> All => new[] { 64, 128, 512 }.Select(n => new MemoryRow(n));

    public string Name => $"two-block CNN, peak memory of a training step of {N}";

    public void Print(int threads)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine($"{Name}: Linux alone tells a process's peak.");
            return;
        }

        double own = Fovea(threads) / 1e6;
        string[] layouts = ["contiguous", "channels_last"];
        double peer = layouts.Select(layout => PyTorch(threads, layout)).Min() / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Name,-52} Fovea {own:F1} MB, PyTorch {peer:F1} MB: {own / peer:F2} of it"));
    }

    /// <summary>What the fresh process does: trains, and prints by how many bytes it rose.</summary>
    public static void Measure(int batch, int threads)
    {
        long rest = Status("VmRSS");
        Dictionary<string, long> before = Environment.GetEnvironmentVariable("FOVEA_PARTS") is null ? [] : Read();
        File.WriteAllText("/proc/self/clear_refs", "5");
        using StepRun run = new(Networks.TwoBlocks(), batch, threads);
        for (int step = 0; step < Steps; step++)
        {
            run.Once(step);
        }

        Console.WriteLine(Status("VmHWM") - rest);
        if (Environment.GetEnvironmentVariable("FOVEA_PARTS") is not null)
        {
            Console.WriteLine($"rest {rest / 1e6:F1} now {Status("VmRSS") / 1e6:F1} arena {run.Bytes / 1e6:F1} gc live {GC.GetTotalMemory(false) / 1e6:F1} committed {GC.GetGCMemoryInfo().TotalCommittedBytes / 1e6:F1} collections {GC.CollectionCount(0)} {GC.CollectionCount(2)} allocated {GC.GetTotalAllocatedBytes() / 1e6:F1} jitted {System.Runtime.JitInfo.GetCompiledMethodCount()} il {System.Runtime.JitInfo.GetCompiledILBytes()}");
            Maps("end", before);
        }
    }

    private static Dictionary<string, long> Read()
    {
        Dictionary<string, long> rss = [];
        string name = "";
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] f = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (f[0].Contains('-'))
            {
                name = (f.Length > 5 ? Path.GetFileName(f[5]) : "anon") + " " + f[1] + (f.Length > 5 ? "" : " " + f[0].Split('-')[0]);
            }
            else if (f[0] == "Rss:")
            {
                rss[name] = rss.GetValueOrDefault(name) + (1024 * long.Parse(f[1]));
            }
        }

        return rss;
    }

    private static void Maps(string when, Dictionary<string, long> before)
    {
        foreach ((string name, long bytes) in Read().OrderByDescending(e => e.Value - before.GetValueOrDefault(e.Key)).Take(28))
        {
            Console.WriteLine($"{name,-50} {bytes / 1e6,8:F2} rise {(bytes - before.GetValueOrDefault(name)) / 1e6,8:F2}");
        }
    }

    private long Fovea(int threads)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [Environment.GetCommandLineArgs()[0], "memory", $"{N}", $"{threads}"]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_gcServer"] = "1";
        using Process process = Process.Start(start)!;
        return long.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }

    private double PyTorch(int threads, string layout)
    {
        using Peer.PyTorch? peer = Peer.PyTorch.Start(threads);
        return peer?.PeakBytes(N, threads, layout) ?? double.NaN;
    }

    private static long Status(string field) =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split(':')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
}
