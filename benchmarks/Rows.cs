using System.Text.Json.Nodes;
using Fovea.Core.Data;
using Fovea.Core.Dispatch;
using Fovea.Core.Layers;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using Fovea.Core.Training;

namespace Fovea.Benchmarks;

/// <summary>Something that is timed.</summary>
internal interface IRun : IDisposable
{
    /// <summary>The algorithms that were chosen.</summary>
    string Algorithm { get; }

    /// <summary>Runs once, on inputs that take turns.</summary>
    void Once(int turn);
}

/// <summary>A line of the comparison.</summary>
internal abstract record Row(string Name)
{
    public abstract IRun Prepare(int threads);

    public abstract JsonObject Describe();
}

/// <summary>The lines of the comparison.</summary>
internal static class Rows
{
    // Windows from which PyTorch takes minutes for the gradients of a row.
    private const int LargeKernel = 31;

    public static IEnumerable<Row> All => [.. Convolutions().SelectMany(WithBackward), .. Others()];

    private static IEnumerable<ConvolutionRow> WithBackward(ConvolutionRow c) =>
        c.Kernel < LargeKernel ? [c, c with { Backward = true, Name = c.Name + ", forward + backward" }] : [c];

    private static IEnumerable<ConvolutionRow> Convolutions() =>
    [
        Of(8, 64, 56, 64, 3, 1),
        Of(8, 128, 28, 128, 3, 1),
        Of(8, 256, 14, 256, 3, 1),
        Of(64, 32, 16, 64, 3, 1),
        Of(16, 64, 56, 128, 3, 1),
        Of(8, 512, 7, 512, 3, 1),
        Of(64, 3, 32, 32, 3, 1),
        Of(8, 3, 224, 64, 7, 2, 3),
        Of(32, 3, 224, 64, 3, 1),
        Of(8, 256, 56, 64, 1, 1),
        Of(8, 64, 56, 256, 1, 1),
        Of(8, 128, 56, 128, 3, 2),
        Of(8, 64, 28, 64, 5, 1),
        Of(8, 64, 32, 64, 7, 1),
        Of(8, 64, 32, 64, 11, 1),
        Of(4, 32, 64, 32, 31, 1),
        Of(8, 128, 28, 128, 3, 1) with { Groups = 128, Name = "8×128×28² → 128, depthwise 3×3" },
        Of(8, 256, 14, 256, 3, 1) with { Groups = 256, Name = "8×256×14² → 256, depthwise 3×3" },
        Of(8, 512, 7, 512, 3, 1) with { Groups = 512, Name = "8×512×7² → 512, depthwise 3×3" },
        Of(8, 128, 28, 128, 5, 1) with { Groups = 128, Name = "8×128×28² → 128, depthwise 5×5" },
        Of(8, 120, 28, 120, 3, 1) with { Groups = 30, Name = "8×120×28² → 120, 3×3 in 30 groups" },
        Of(8, 64, 28, 128, 3, 1) with { Groups = 64, Name = "8×64×28² → 128, depthwise 3×3 twice over" },
        Of(1, 64, 56, 64, 3, 1),
        Of(1, 256, 14, 256, 3, 1),
        Of(1, 256, 56, 64, 1, 1),
        Of(1, 64, 56, 256, 1, 1),
        Of(1, 64, 28, 64, 5, 1),
        Of(1, 128, 56, 128, 3, 2),
        Of(1, 128, 28, 128, 3, 1) with { Groups = 128, Name = "1×128×28² → 128, depthwise 3×3" },
    ];

    private static IEnumerable<Row> Others() =>
    [
        .. Both(new TransposedRow("8×128×28² → 64, transposed 2×2 stride 2", 8, 128, 28, 64, 2, 2)),
        .. Both(new TransposedRow("8×64×28² → 32, transposed 4×4 stride 2", 8, 64, 28, 32, 4, 2) { Pad = 1 }),
        .. Both(new EnlargingRow("8×64×28², upsample 2×2", 8, 64, 28, Bilinear: false)),
        .. Both(new EnlargingRow("8×64×28², upsample 2×2 bilinear", 8, 64, 28, Bilinear: true)),
        .. Both(new NormRow("64×64×32², batchNorm", 64, 64, 32, "batch")),
        .. Both(new NormRow("8×64×56², groupNorm 8", 8, 64, 56, "group") { Groups = 8 }),
        .. Both(new NormRow("8×64×56², instanceNorm", 8, 64, 56, "instance") { Groups = 64 }),
        .. Both(new NormRow("8×64×28², layerNorm", 8, 64, 28, "layer")),
        .. Both(new NormRow("8×96×28², channelNorm", 8, 96, 28, "channel")),
        .. Both(new NormRow("8×64×56², prelu per channel", 8, 64, 56, "prelu")),
        .. new[] { 32, 64, 128 }.Select(n => new StepRow(n)),
        new LargeStepRow(256),
        .. new[] { 1, 64, 256 }.Select(n => new InferenceRow(n)),
        .. new[] { 512, 1024, 2048 }.Select(n => new ProductRow(n)),
    ];

    private static IEnumerable<Row> Both(LayerRow row) => [row, row with { Backward = true, Name = row.Name + ", forward + backward" }];

    private static ConvolutionRow Of(int n, int c, int size, int k, int kernel, int stride, int? pad = null) =>
        new($"{n}×{c}×{size}² → {k}, {kernel}×{kernel}{(stride == 1 ? "" : $" stride {stride}")}", n, c, size, k, kernel, stride, pad ?? kernel / 2);
}

/// <summary>A convolution with plain images in and out, its weights packed in every run.</summary>
internal sealed record ConvolutionRow(string Name, int N, int C, int Size, int K, int Kernel, int Stride, int Pad) : Row(Name)
{
    public int Groups { get; init; } = 1;

    public bool Backward { get; init; }

    public override IRun Prepare(int threads)
    {
        if (!Backward)
        {
            Window window = new(Kernel, Stride, 1, Pad, Pad);
            return new ConvolutionRun(new ConvShape(N, C, Size, Size, K, window, window, Groups), threads);
        }

        Conv2d layer = new(K, Kernel) { Stride = Stride, Vertical = Padding.Of(Pad), Horizontal = Padding.Of(Pad), Groups = Groups };
        Graph graph = Networks.Of(new Shape(C, Size, Size), layer);
        return new SessionRun(graph, new PlanOptions(N, RunMode.Training, ParameterGradients: true, InputGradient: true), N, threads, backward: true);
    }

    public override JsonObject Describe() => new()
    {
        ["kind"] = "convolution",
        ["n"] = N,
        ["c"] = C,
        ["h"] = Size,
        ["w"] = Size,
        ["k"] = K,
        ["r"] = Kernel,
        ["s"] = Kernel,
        ["stride"] = Stride,
        ["pad"] = Pad,
        ["groups"] = Groups,
        ["backward"] = Backward,
    };
}

/// <summary>Any other layer, with plain images in and out.</summary>
internal abstract record LayerRow(string Name, int N, int C, int Size) : Row(Name)
{
    public bool Backward { get; init; }

    protected abstract Layer Layer { get; }

    public override IRun Prepare(int threads) =>
        new SessionRun(Networks.Of(new Shape(C, Size, Size), Layer), new PlanOptions(N, RunMode.Training, ParameterGradients: true, InputGradient: Backward), N, threads, Backward);
}

/// <summary>A transposed convolution.</summary>
internal sealed record TransposedRow(string Name, int N, int C, int Size, int K, int Kernel, int Stride) : LayerRow(Name, N, C, Size)
{
    public int Pad { get; init; }

    protected override Layer Layer => new ConvTranspose2d(K, Kernel) { Stride = Stride, Vertical = Padding.Of(Pad), Horizontal = Padding.Of(Pad) };

    public override JsonObject Describe() => new()
    {
        ["kind"] = "transposed",
        ["n"] = N,
        ["c"] = C,
        ["size"] = Size,
        ["k"] = K,
        ["kernel"] = Kernel,
        ["stride"] = Stride,
        ["pad"] = Pad,
        ["backward"] = Backward,
    };
}

/// <summary>Enlarging to twice the height and width.</summary>
internal sealed record EnlargingRow(string Name, int N, int C, int Size, bool Bilinear) : LayerRow(Name, N, C, Size)
{
    protected override Layer Layer => new Upsample(2) { Bilinear = Bilinear };

    public override JsonObject Describe() => new()
    {
        ["kind"] = "enlarging",
        ["n"] = N,
        ["c"] = C,
        ["size"] = Size,
        ["mode"] = Bilinear ? "bilinear" : "nearest",
        ["backward"] = Backward,
    };
}

/// <summary>A normalisation in training, or a PReLU: layers of few sums and products, and of all of the memory.</summary>
internal sealed record NormRow(string Name, int N, int C, int Size, string Of) : LayerRow(Name, N, C, Size)
{
    public int Groups { get; init; } = 1;

    protected override Layer Layer =>
        Of switch
        {
            "batch" => new BatchNorm(),
            "group" => new GroupNorm(Groups),
            "instance" => new InstanceNorm { Affine = true },
            "layer" => new LayerNorm(),
            "channel" => new LayerNorm { OfChannels = true },
            _ => new Prelu { PerChannel = true },
        };

    public override JsonObject Describe() => new()
    {
        ["kind"] = "norm",
        ["of"] = Of,
        ["n"] = N,
        ["c"] = C,
        ["size"] = Size,
        ["groups"] = Groups,
        ["backward"] = Backward,
    };
}

/// <summary>The training step of the two-block CNN: forward, loss, backward, SGD with Nesterov momentum and weight decay.</summary>
internal sealed record StepRow(int N) : Row($"two-block CNN, training step of {N}")
{
    public override IRun Prepare(int threads) => new StepRun(Networks.TwoBlocks(), N, threads);

    public override JsonObject Describe() => new() { ["kind"] = "twoBlocks", ["n"] = N, ["backward"] = true };
}

/// <summary>The same step of the network that reaches 94 % on CIFAR-10.</summary>
internal sealed record LargeStepRow(int N) : Row($"airbench, training step of {N}")
{
    public override IRun Prepare(int threads) => new StepRun(Networks.Airbench(), N, threads);

    public override JsonObject Describe() => new() { ["kind"] = "airbench", ["n"] = N, ["backward"] = true };
}

/// <summary>The two-block CNN in use.</summary>
internal sealed record InferenceRow(int N) : Row($"two-block CNN, inference of {N}")
{
    public override IRun Prepare(int threads) => new UseRun(Networks.TwoBlocks(), N, threads);

    public override JsonObject Describe() => new() { ["kind"] = "twoBlocks", ["n"] = N, ["backward"] = false };
}

/// <summary>A product of square matrices, the right one packed in every run.</summary>
internal sealed record ProductRow(int Size) : Row($"matrix product {Size}×{Size}×{Size}")
{
    public override IRun Prepare(int threads) => new ProductRun(Size, threads);

    public override JsonObject Describe() => new() { ["kind"] = "product", ["rows"] = Size, ["inner"] = Size, ["columns"] = Size };
}

internal sealed class SessionRun : IRun
{
    private const int Copies = 3;
    private readonly Workers workers;
    private readonly Session[] sessions;
    private readonly int batch;
    private readonly bool backward;

    public SessionRun(Graph graph, PlanOptions options, int batch, int threads, bool backward)
    {
        workers = new Workers(threads);
        this.batch = batch;
        this.backward = backward;
        Plan plan = Plan.Create(graph, options, threads);
        IReadOnlyList<Tensor> parameters = [.. Networks.Parameters(graph).Select(p => p.Value)];
        sessions = [.. Enumerable.Range(0, Copies).Select(_ => new Session(plan, parameters, workers))];
        Random random = new(1);
        foreach (Session session in sessions)
        {
            Fill(session.Input(batch), random);
            if (options.HasBackward)
            {
                Fill(session.OutputGradient, random);
            }
        }

        Algorithm = string.Join(" | ", plan.Steps.Where(s => s.Parameters.Length > 0).Select(s => s.Step.Algorithm).Distinct().Take(1));
    }

    public string Algorithm { get; }

    public void Once(int turn)
    {
        Session session = sessions[turn % Copies];
        session.Forward(batch);
        if (backward)
        {
            session.Backward();
        }
    }

    public void Dispose()
    {
        foreach (Session session in sessions)
        {
            session.Dispose();
        }

        workers.Dispose();
    }

    private static void Fill(Span<float> values, Random random)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }
    }
}

internal sealed class StepRun : IRun
{
    private readonly TrainingRun run;
    private readonly Batch[] batches;
    private int step;

    public StepRun(Graph graph, int n, int threads)
    {
        Workers.SetShared(threads);
        run = new TrainingRun(graph, Networks.Parameters(graph), new CrossEntropy(), new Sgd(0.01, momentum: 0.9, weightDecay: 5e-4, nesterov: true), n, seed: 0);
        (ImageDataset train, _) = GeneratedImages.Create(3 * n, 1, 0);
        batches = [.. Enumerable.Range(0, 3).Select(_ => new Batches(train, n, 0).NewBatch())];
        BatchStream stream = new(new Batches(train, n, 0));
        foreach (Batch batch in batches)
        {
            stream.Next(batch);
        }
    }

    public string Algorithm => "";

    public void Once(int turn) => run.Step(batches[turn % batches.Length], step++, default);

    public void Dispose() => run.Dispose();
}

internal sealed unsafe class ProductRun : IRun
{
    private readonly Workers workers;
    private readonly ProductShape shape;
    private readonly Core.Memory.AlignedMemory memory;
    private readonly int size;

    public ProductRun(int size, int threads)
    {
        this.size = size;
        workers = new Workers(threads);
        shape = new ProductShape(size, size, size);
        memory = new Core.Memory.AlignedMemory((5L * size * size) + MatrixProduct.PackedFloats(shape) + (threads * MatrixProduct.ScratchFloats(shape)) + 1024);
        Random random = new(1);
        for (long i = 0; i < 4L * size * size; i++)
        {
            memory.Start[i] = random.NextSingle();
        }
    }

    public string Algorithm => "";

    public void Once(int turn)
    {
        long square = (long)size * size;
        float* b = memory.Start + (3 * square), c = b + square, packed = c + square, scratch = packed + ((MatrixProduct.PackedFloats(shape) + 15) / 16 * 16);
        MatrixProduct.Pack(shape, b, packed, workers);
        MatrixProduct.Run(shape, memory.Start + (turn % 3 * square), packed, default, c, scratch, workers);
    }

    public void Dispose()
    {
        memory.Dispose();
        workers.Dispose();
    }
}
