namespace Fovea.Core.Dispatch;

/// <summary>The activations that the library has.</summary>
public enum ActivationKind
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>1 / (1 + exp(−x)).</summary>
    Sigmoid,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>min(max(0, x), 6).</summary>
    Relu6,

    /// <summary>x above 0, a slope times x below.</summary>
    LeakyRelu,

    /// <summary>x above 0, α·(exp(x) − 1) below.</summary>
    Elu,

    /// <summary>x above 0, α·(exp(x/α) − 1) below.</summary>
    Celu,

    /// <summary>ELU with the α and the factor that keep mean 0 and variance 1.</summary>
    Selu,

    /// <summary>x·Φ(x), Φ the normal distribution.</summary>
    Gelu,

    /// <summary>GELU's approximation by a hyperbolic tangent.</summary>
    GeluTanh,

    /// <summary>x·σ(x).</summary>
    Silu,

    /// <summary>x·tanh(ln(1 + exp(x))).</summary>
    Mish,

    /// <summary>min(max(0, x + 3), 6) / 6.</summary>
    HardSigmoid,

    /// <summary>x·min(max(0, x + 3), 6) / 6.</summary>
    HardSwish,

    /// <summary>min(max(−1, x), 1).</summary>
    HardTanh,

    /// <summary>ln(1 + exp(x)).</summary>
    Softplus,

    /// <summary>x / (1 + |x|).</summary>
    Softsign,

    /// <summary>−ln(1 + exp(−x)).</summary>
    LogSigmoid,
}
