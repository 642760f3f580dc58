using BenchmarkDotNet.Running;

// In this process: the projects that BenchmarkDotNet generates by itself do not know Paket.
var summaries = BenchmarkSwitcher
    .FromAssembly(typeof(Program).Assembly)
    .Run([.. args, "--inProcess"]);

return summaries.Any(summary => summary.Reports.Any(report => !report.Success)) ? 1 : 0;
