using System.Globalization;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// The p-norm of each window of a signal, (Σ xᵖ)^(1/p): C×L to C×L′, as PyTorch's LPPool1d and as <see cref="LpPool2d"/> over
/// images of height 1.
/// </summary>
/// <param name="Norm">p, positive and finite.</param>
/// <param name="Kernel">S.</param>
public sealed record LpPool1d(double Norm, int Kernel) : SignalLayer
{
    /// <summary>The step between windows; as large as the window unless it is said.</summary>
    public int Stride { get; init; } = Kernel;

    /// <summary>Whether a last, partial window counts.</summary>
    public bool Ceil { get; init; }

    /// <inheritdoc/>
    public override Layer Image => new LpPool2d(Norm, (1, Kernel)) { Stride = (1, Stride), Ceil = Ceil };

    /// <inheritdoc/>
    protected override string Describe() =>
        Pools.Describe(string.Create(CultureInfo.InvariantCulture, $"lpPool1d {Norm} {Kernel}"), Kernel, Stride, 1, Padding.Valid, Padding.Valid, Ceil);
}
