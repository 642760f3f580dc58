namespace Fovea.Core.Layers;

/// <summary>Which way a layer's signal is to keep its size.</summary>
public enum Fan
{
    /// <summary>Forward: by the number of inputs that an output sums, C·R·S for filters K×C×R×S.</summary>
    In,

    /// <summary>Backward: by the number of outputs that an input goes into, K·R·S.</summary>
    Out,
}
