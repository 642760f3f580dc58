using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>All that a safetensors file holds.</summary>
/// <param name="Tensors">Its tensors by name.</param>
/// <param name="Metadata">Its texts by name; empty where it has none.</param>
public sealed record SafeTensorsContent(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata);
