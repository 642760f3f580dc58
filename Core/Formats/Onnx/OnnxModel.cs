namespace Fovea.Core.Formats;

/// <summary>A model (ModelProto): a graph, the operators' versions, and texts about it.</summary>
public sealed class OnnxModel : OnnxMessage
{
    private long irVersion;
    private string producer = "";
    private string producerVersion = "";
    private OnnxGraph? graph;

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get => irVersion; set => irVersion = value; }

    /// <summary>The program that wrote it.</summary>
    public string Producer { get => producer; set => producer = value; }

    /// <summary>That program's version.</summary>
    public string ProducerVersion { get => producerVersion; set => producerVersion = value; }

    /// <summary>The network; null where the file has none.</summary>
    public OnnxGraph? Graph { get => graph; set => graph = value; }

    /// <summary>Which version of which set of operators is meant.</summary>
    public IList<OnnxOperatorSet> OperatorSets { get; } = [];

    /// <summary>Texts by name.</summary>
    public IList<OnnxText> Metadata { get; } = [];

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Whole(1, ref irVersion);
        fields.Text(2, ref producer);
        fields.Text(3, ref producerVersion);
        fields.Message(7, ref graph);
        fields.Messages(8, OperatorSets);
        fields.Messages(14, Metadata);
    }
}

/// <summary>A set of operators (OperatorSetIdProto).</summary>
public sealed class OnnxOperatorSet : OnnxMessage
{
    private string domain = "";
    private long version;

    /// <summary>Whose; empty for ONNX's own.</summary>
    public string Domain { get => domain; set => domain = value; }

    /// <summary>Which version.</summary>
    public long Version { get => version; set => version = value; }

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text(1, ref domain);
        fields.Whole(2, ref version);
    }
}

/// <summary>A text by its name (StringStringEntryProto).</summary>
public sealed class OnnxText : OnnxMessage
{
    private string key = "";
    private string value = "";

    /// <summary>The name.</summary>
    public string Key { get => key; set => key = value; }

    /// <summary>The text.</summary>
    public string Value { get => value; set => this.value = value; }

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text(1, ref key);
        fields.Text(2, ref value);
    }
}
