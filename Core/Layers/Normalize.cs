using System.Collections.Immutable;
using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// (x − mean) / std by known statistics of each channel. As a layer, so that a saved, served or exported model takes raw
/// images.
/// </summary>
public sealed record Normalize : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a deviation is not positive.</exception>
    public Normalize(IEnumerable<double> mean, IEnumerable<double> std)
    {
        Mean = [.. mean];
        Std = [.. std];
        if (Mean.Length != Std.Length || Std.Any(s => !(s > 0)))
        {
            throw new ArgumentException($"normalize: expected a positive deviation for each mean, got {Mean.Length} means and deviations {string.Join(", ", Std)}");
        }
    }

    /// <summary>Each channel's mean.</summary>
    public ImmutableArray<double> Mean { get; }

    /// <summary>Each channel's standard deviation.</summary>
    public ImmutableArray<double> Std { get; }

    /// <inheritdoc/>
    public override string Kind => "normalize";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Rank > 0 && input[0] == Mean.Length
            ? new AffineNode(input, [.. Std.Select(s => 1 / s)], [.. Mean.Zip(Std, (m, s) => -m / s)])
            : throw new ShapeException(ToString(), $"expected {Mean.Length} channels, got {input}", "give a mean and a deviation for each channel");
    }

    /// <inheritdoc/>
    protected override string Describe() =>
        Mean.Length > 4 ? $"normalize {Mean.Length} channels" : $"normalize {string.Join(", ", Mean.Select(m => m.ToString("0.###", CultureInfo.InvariantCulture)))}";

    /// <inheritdoc/>
    public bool Equals(Normalize? other) => other is not null && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean.Length, Mean.FirstOrDefault(), Std.FirstOrDefault());
}
