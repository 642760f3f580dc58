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
        File.WriteAllText("/proc/self/clear_refs", "5");
        using StepRun run = new(Networks.TwoBlocks(), batch, threads);
        for (int step = 0; step < Steps; step++)
        {
            run.Once(step);
        }

        Console.WriteLine(Status("VmHWM") - rest);
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
