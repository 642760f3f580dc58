using BenchmarkDotNet.Attributes;

namespace Fovea.Benchmarks;

/// <summary>The rows of the comparison one by one, Fovea alone, one thread: for BenchmarkDotNet, which also tells what they allocate.</summary>
[MemoryDiagnoser]
public abstract class Micro
{
    private IRun run = null!;
    private int turn;

    /// <summary>The row's name.</summary>
    [ParamsSource(nameof(Names))]
    public string Row { get; set; } = "";

    /// <summary>The rows of the class.</summary>
    public IEnumerable<string> Names => Rows.All.Where(Has).Select(row => row.Name);

    /// <summary>Makes what is run.</summary>
    [GlobalSetup]
    public void Prepare() => run = Rows.All.Single(row => row.Name == Row).Prepare(threads: 1);

    /// <summary>Runs it.</summary>
    [Benchmark]
    public void Once() => run.Once(turn++);

    /// <summary>Gives its memory back.</summary>
    [GlobalCleanup]
    public void Dispose() => run.Dispose();

    private protected abstract bool Has(Row row);
}

/// <summary>Convolutions, forward, and forward and backward.</summary>
public class Convolutions : Micro
{
    private protected override bool Has(Row row) => row is ConvolutionRow;
}

/// <summary>Other layers.</summary>
public class Layers : Micro
{
    private protected override bool Has(Row row) => row is LayerRow;
}

/// <summary>The two-block CNN in training and in use.</summary>
public class TwoBlocks : Micro
{
    private protected override bool Has(Row row) => row is StepRow or InferenceRow;
}

/// <summary>Matrix products.</summary>
public class Products : Micro
{
    private protected override bool Has(Row row) => row is ProductRow;
}
