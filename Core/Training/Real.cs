using System.Globalization;

namespace Fovea.Core.Training;

/// <summary>
/// A setting, given as a float32, a float64 or an integer, or not given at all. A float32 stands for the shortest decimal
/// that rounds to it: <c>0.999f</c> is 0.999, not 0.99900001287…, so that 1 − 0.999f is 0.001 as it is in PyTorch.
/// </summary>
public readonly struct Real : IEquatable<Real>
{
    private readonly double value;
    private readonly bool given;

    private Real(double value)
    {
        this.value = value;
        given = true;
    }

    /// <summary>The number as it is.</summary>
    public static implicit operator Real(double number) => new(number);

    /// <summary>The shortest decimal that rounds to the number.</summary>
    public static implicit operator Real(float number) =>
        new(double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>The number as it is.</summary>
    public static implicit operator Real(int number) => new(number);

    /// <summary>Whether two settings are the same number, or both not given.</summary>
    public static bool operator ==(Real left, Real right) => left.Equals(right);

    /// <summary>Whether two settings differ.</summary>
    public static bool operator !=(Real left, Real right) => !left.Equals(right);

    /// <summary>The number, or null where none was given.</summary>
    public double? Given => given ? value : null;

    /// <summary>The number, or <paramref name="otherwise"/> where none was given.</summary>
    public double Or(double otherwise) => given ? value : otherwise;

    /// <inheritdoc/>
    public bool Equals(Real other) => given == other.given && value.Equals(other.value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Real other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(given, value);

    /// <summary>The number as it is written.</summary>
    public override string ToString() => given ? Description.Written(value) : "(not given)";
}
