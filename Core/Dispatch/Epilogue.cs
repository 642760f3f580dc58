namespace Fovea.Core.Dispatch;

/// <summary>What a product adds to its outputs while they are still in registers.</summary>
public readonly unsafe struct Epilogue
{
    /// <summary>Creates an epilogue.</summary>
    /// <param name="bias">One float a filter, or null for none; not padded to whole blocks.</param>
    /// <param name="relu">Whether max(0, ·) follows the bias. NaN stays NaN.</param>
    public Epilogue(float* bias, bool relu)
    {
        Bias = bias;
        Relu = relu;
    }

    /// <summary>One float a filter, or null.</summary>
    public float* Bias { get; }

    /// <summary>Whether max(0, ·) follows.</summary>
    public bool Relu { get; }
}
