namespace Fovea.Core.Formats;

/// <summary>An input or output of a graph: its name, type and shape (ValueInfoProto).</summary>
public sealed class OnnxValue : OnnxMessage
{
    private string name = "";
    private OnnxType? type;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Whether it is a tensor whose shape is told.</summary>
    public bool HasShape => type?.Tensor?.Shape is not null;

    /// <summary>The type of its elements, as <see cref="OnnxTensor.Type"/>; 0 where it is not told.</summary>
    public long ElementType => type?.Tensor?.Element ?? 0;

    /// <summary>Its extents; 0 for one that is not fixed, such as the batch.</summary>
    public IReadOnlyList<long> Extents => [.. type?.Tensor?.Shape?.Extents.Select(extent => extent.Value) ?? []];

    /// <summary>A float32 tensor of batches of values of a shape: the batch, under the name <c>N</c>, is not fixed.</summary>
    public static OnnxValue Batch(string name, IEnumerable<int> shape)
    {
        OnnxShape extents = new();
        extents.Extents.Add(new OnnxExtent { Name = "N" });
        foreach (int extent in shape)
        {
            extents.Extents.Add(new OnnxExtent { Value = extent });
        }

        return new OnnxValue { name = name, type = new OnnxType { Tensor = new OnnxTensorType { Element = OnnxTensor.Float, Shape = extents } } };
    }

    /// <inheritdoc/>
    protected override void Describe(OnnxFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        fields.Text(1, ref name);
        fields.Message(2, ref type);
    }

    // TypeProto: of its kinds, only tensors are read.
    private sealed class OnnxType : OnnxMessage
    {
        private OnnxTensorType? tensor;

        public OnnxTensorType? Tensor { get => tensor; init => tensor = value; }

        protected override void Describe(OnnxFields fields) => fields.Message(1, ref tensor);
    }

    // TypeProto.Tensor.
    private sealed class OnnxTensorType : OnnxMessage
    {
        private long element;
        private OnnxShape? shape;

        public long Element { get => element; init => element = value; }

        public OnnxShape? Shape { get => shape; init => shape = value; }

        protected override void Describe(OnnxFields fields)
        {
            fields.Whole(1, ref element);
            fields.Message(2, ref shape);
        }
    }

    // TensorShapeProto.
    private sealed class OnnxShape : OnnxMessage
    {
        public IList<OnnxExtent> Extents { get; } = [];

        protected override void Describe(OnnxFields fields) => fields.Messages(1, Extents);
    }

    // TensorShapeProto.Dimension: a number or a name.
    private sealed class OnnxExtent : OnnxMessage
    {
        private long value;
        private string name = "";

        public long Value { get => value; init => this.value = value; }

        public string Name { get => name; init => name = value; }

        protected override void Describe(OnnxFields fields)
        {
            fields.Whole(1, ref value);
            fields.Text(2, ref name);
        }
    }
}
