using BenchmarkDotNet.Running;
using Fovea.Benchmarks;

if (args is ["profile", ..])
{
    int batch = args.Length > 1 ? int.Parse(args[1]) : 64, threads = args.Length > 2 ? int.Parse(args[2]) : 1;
    Profile.Print(Networks.TwoBlocks(), batch, threads);
    return 0;
}

// In this process: the projects that BenchmarkDotNet generates by itself do not know Paket.
var summaries = BenchmarkSwitcher
    .FromAssembly(typeof(Program).Assembly)
    .Run([.. args, "--inProcess"]);

return summaries.Any(summary => summary.Reports.Any(report => !report.Success)) ? 1 : 0;
