using BenchmarkDotNet.Running;
using Fovea.Benchmarks;

// profile [BATCH [THREADS]]                      where the training step of the two-block CNN spends its time
// compare [THREADS [ROUNDS [PART OF A ROW'S NAME]]]   Fovea and PyTorch, taking turns
// anything else                                  BenchmarkDotNet
int Number(int place, int otherwise) => args.Length > place ? int.Parse(args[place]) : otherwise;

switch (args)
{
    case ["profile", ..]:
        Profile.Print(Networks.TwoBlocks(), Number(1, 64), Number(2, 1));
        return 0;
    case ["compare", ..]:
        Compare.Print(Number(1, 1), Number(2, 5), args.Length > 3 ? args[3] : null);
        return 0;
}

// In this process: the projects that BenchmarkDotNet generates by itself do not know Paket.
var summaries = BenchmarkSwitcher
    .FromAssembly(typeof(Program).Assembly)
    .Run([.. args, "--inProcess"]);

return summaries.Any(summary => summary.Reports.Any(report => !report.Success)) ? 1 : 0;
