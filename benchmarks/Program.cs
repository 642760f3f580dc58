using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Fovea.Benchmarks;

// profile [BATCH [THREADS [NETWORK]]]            where a training step spends its time: two-block (the default) or airbench
// use [BATCH [THREADS]]                          the same of the two-block network in use
// compare [THREADS [ROUNDS [PART OF A ROW'S NAME]]]   Fovea, PyTorch and ONNX Runtime, taking turns
// memory BATCH THREADS                           by how many bytes training steps raise a fresh process
// algorithms N C SIZE K KERNEL [ROUNDS [STRIDE]] [plain]   what each algorithm of each pass takes, beside its estimated cost
// tune FILE [ROUNDS]                             measures what units of work cost and writes the table of costs
// errors                                         every convolution algorithm against double precision
// anything else                                  BenchmarkDotNet: --list flat, --filter "*TwoBlocks*"
int Number(int place, int otherwise) => args.Length > place && args[place] != "plain" ? int.Parse(args[place]) : otherwise;

switch (args)
{
    case ["profile", ..]:
        Profile.Print(args.Length > 3 && args[3] == "airbench" ? Networks.Airbench() : Networks.TwoBlocks(), Number(1, 64), Number(2, 1), rounds: 2000 / Number(1, 64));
        return 0;
    case ["use", ..]:
        Profile.PrintUse(Networks.TwoBlocks(), Number(1, 1), Number(2, 1), rounds: 20_000 / Number(1, 1));
        return 0;
    case ["algorithms", _, _, _, _, _, ..]:
        Algorithms.Print(Number(1, 0), Number(2, 0), Number(3, 0), Number(4, 0), Number(5, 0), Number(6, 5), Number(7, 1), args[^1] == "plain");
        return 0;
    case ["tune", var path, ..]:
        Tuning.Write(path, Number(2, 7));
        return 0;
    case ["tune-column", var path, ..]:
        Tuning.Column(path, Number(2, 7));
        return 0;
    case ["errors"]:
        Errors.Print();
        return 0;
    case ["memory", ..]:
        MemoryRow.Measure(Number(1, 64), Number(2, 1));
        return 0;
    case ["compare", ..]:
        Compare.Print(Number(1, 1), Number(2, 5), args.Length > 3 ? args[3] : null);
        return 0;
}

// In this process: the projects that BenchmarkDotNet generates by itself do not know Paket.
var summaries = BenchmarkSwitcher
    .FromAssembly(typeof(Program).Assembly)
    .Run([.. args, "--inProcess"], DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(60)));

return summaries.Any(summary => summary.Reports.Any(report => !report.Success)) ? 1 : 0;
