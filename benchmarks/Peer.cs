using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fovea.Benchmarks;

/// <summary>
/// Another library in a process of its own, with the settings that are fair to it: it is written a row as a line of JSON and
/// answers with the seconds of its runs, layout by layout.
/// </summary>
internal abstract class Peer : IDisposable
{
    private readonly Process process;

    private Peer(Process process, string greeting)
    {
        this.process = process;
        Version = (string)JsonNode.Parse(greeting)!["name"]!;
    }

    /// <summary>The library.</summary>
    public abstract string Name { get; }

    /// <summary>The library and its version.</summary>
    public string Version { get; }

    /// <summary>Those that are there; of those that are not, it says how they would be.</summary>
    public static IEnumerable<Peer> StartAll(int threads)
    {
        (Peer? Peer, string Otherwise)[] found =
        [
            (PyTorch.Start(threads), "PyTorch is not to be found (python3 with torch)."),
            (OnnxRuntime.Start(threads), "ONNX Runtime is not to be found (FOVEA_ONNXRUNTIME, a folder in which `npm install --ignore-scripts onnxruntime-node` was run, and node)."),
        ];
        foreach ((Peer? peer, string otherwise) in found)
        {
            Console.WriteLine(peer?.Version ?? otherwise);
        }

        return found.Select(f => f.Peer).OfType<Peer>();
    }

    /// <summary>Whether it takes part in a row.</summary>
    public abstract bool Runs(Row row);

    /// <summary>The seconds of its runs of a row, in each of its layouts.</summary>
    public IEnumerable<List<double>> Times(Row row, int threads, double seconds)
    {
        JsonObject request = Describe(row);
        request["threads"] = threads;
        request["seconds"] = seconds;
        return JsonSerializer.Deserialize<Dictionary<string, List<double>>>(Ask(request))!.Values;
    }

    /// <summary>The line that it answers to a line.</summary>
    protected string Ask(JsonObject request)
    {
        process.StandardInput.WriteLine(request.ToJsonString());
        process.StandardInput.Flush();
        return process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} stopped: {process.StandardError.ReadToEnd()}");
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit(5000);
        process.Dispose();
    }

    /// <summary>What it is asked about a row.</summary>
    protected abstract JsonObject Describe(Row row);

    // The process and its first line; nothing where there is no such program or it has nothing to say.
    private static (Process Process, string Greeting)? Start(string program, string[] arguments, int threads)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        start.Environment["OPENBLAS_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        try
        {
            Process process = Process.Start(start)!;
            return process.StandardOutput.ReadLine() is { } greeting ? (process, greeting) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "peers", name);

    /// <summary>PyTorch, in both of its layouts.</summary>
    internal sealed class PyTorch : Peer
    {
        private PyTorch(Process process, string greeting)
            : base(process, greeting) { }

        public override string Name => "PyTorch";

        // Debian's python3-torch belongs to /usr/bin/python3, which need not be the first on the path.
        public static PyTorch? Start(int threads) =>
            new[] { "python3", "/usr/bin/python3" }
                .Select(python => Peer.Start(python, [Script("pytorch.py")], threads))
                .Select(started => started is { } s ? new PyTorch(s.Process, s.Greeting) : null)
                .FirstOrDefault(peer => peer is not null);

        public override bool Runs(Row row) => true;

        /// <summary>By how many bytes the training step of the two-block CNN raises the process, in the layout that takes less.</summary>
        public long PeakBytes(int batch, int threads, string layout) =>
            (long)JsonNode.Parse(Ask(new JsonObject { ["kind"] = "memory", ["n"] = batch, ["threads"] = threads, ["layout"] = layout }))!["bytes"]!;

        protected override JsonObject Describe(Row row) => row.Describe();
    }

    /// <summary>ONNX Runtime, which runs the networks in use that Fovea has exported.</summary>
    internal sealed class OnnxRuntime : Peer
    {
        private readonly string model = Path.Combine(Path.GetTempPath(), $"fovea-{Guid.NewGuid():N}.onnx");

        private OnnxRuntime(Process process, string greeting)
            : base(process, greeting) => ModelModule.exportOnnx(model, ModelModule.init(0, Zoo.twoBlocks(3, 32, 32, 10)));

        public override string Name => "ONNX Runtime";

        public static OnnxRuntime? Start(int threads) =>
            Environment.GetEnvironmentVariable("FOVEA_ONNXRUNTIME") is { Length: > 0 } folder
            && Peer.Start("node", [Script("onnxruntime.js"), folder, threads.ToString(CultureInfo.InvariantCulture)], threads) is { } started
                ? new OnnxRuntime(started.Process, started.Greeting)
                : null;

        public override bool Runs(Row row) => row is InferenceRow;

        public override void Dispose()
        {
            base.Dispose();
            File.Delete(model);
        }

        protected override JsonObject Describe(Row row) => new() { ["model"] = model, ["extents"] = new JsonArray(((InferenceRow)row).N, 3, 32, 32) };
    }
}
