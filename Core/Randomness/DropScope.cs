namespace Fovea.Core.Randomness;

/// <summary>What is dropped or kept together.</summary>
public enum DropScope
{
    /// <summary>Each element by itself.</summary>
    Element,

    /// <summary>The channels of an image.</summary>
    Channel,

    /// <summary>The image.</summary>
    Image,

    /// <summary>The whole batch.</summary>
    Batch,
}
