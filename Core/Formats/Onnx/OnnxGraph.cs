using Google.Protobuf.Collections;

namespace Fovea.Core.Formats;

/// <summary>A network (GraphProto): operators in the order of their running, which meet at values by name.</summary>
public sealed class OnnxGraph : OnnxMessage
{
    private string name = "";

    /// <summary>Its name.</summary>
    public string Name { get => name; set => name = value; }

    /// <summary>The operators.</summary>
    public IList<OnnxNode> Nodes { get; } = [];

    /// <summary>Constants by name: weights.</summary>
    public IList<OnnxTensor> Initializers { get; } = [];

    /// <summary>Constants that are written sparsely, which are not read.</summary>
    public IList<OnnxSparseTensor> SparseInitializers { get; } = [];

    /// <summary>What is fed to it. In files of old versions the constants are named here too.</summary>
    public IList<OnnxValue> Inputs { get; } = [];

    /// <summary>What it gives.</summary>
    public IList<OnnxValue> Outputs { get; } = [];

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Messages(1, Nodes);
        fields.Text(2, ref name);
        fields.Messages(5, Initializers);
        fields.Messages(11, Inputs);
        fields.Messages(12, Outputs);
        fields.Messages(15, SparseInitializers);
    }
}

/// <summary>A constant that is written sparsely (SparseTensorProto), of which nothing is read.</summary>
public sealed class OnnxSparseTensor : OnnxMessage
{
    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
    }
}

/// <summary>An operator in its place (NodeProto).</summary>
public sealed class OnnxNode : OnnxMessage
{
    private string name = "";
    private string operation = "";
    private string domain = "";

    /// <summary>Its name.</summary>
    public string Name { get => name; set => name = value; }

    /// <summary>Which operator: <c>Conv</c>.</summary>
    public string Operator { get => operation; set => operation = value; }

    /// <summary>Whose operator; empty for ONNX's own.</summary>
    public string Domain { get => domain; set => domain = value; }

    /// <summary>The values that it reads; empty names stand for what is left out.</summary>
    public RepeatedField<string> Inputs { get; } = [];

    /// <summary>The values that it makes.</summary>
    public RepeatedField<string> Outputs { get; } = [];

    /// <summary>What it is told.</summary>
    public IList<OnnxAttribute> Attributes { get; } = [];

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Texts(1, Inputs);
        fields.Texts(2, Outputs);
        fields.Text(3, ref name);
        fields.Text(4, ref operation);
        fields.Messages(5, Attributes);
        fields.Text(7, ref domain);
    }
}
