namespace Fovea.Core.Dispatch;

/// <summary>An activation with its number: the slope of a leaky ReLU, the α of an ELU or a CELU. The others have none.</summary>
/// <param name="Kind">Which function.</param>
/// <param name="Number">Its number; 0 where it has none.</param>
public readonly record struct ActivationFunction(ActivationKind Kind, double Number = 0)
{
    /// <summary>A function without a number.</summary>
    public static implicit operator ActivationFunction(ActivationKind kind) => new(kind);

    /// <summary>Whether the functions of a kind have a number.</summary>
    public static bool HasNumber(ActivationKind kind) => kind is ActivationKind.LeakyRelu or ActivationKind.Elu or ActivationKind.Celu;

    /// <summary>The function of a name, with its number where it has one.</summary>
    /// <exception cref="ArgumentException">There is no function of that name.</exception>
    public static ActivationFunction Named(string name, double? number)
    {
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            if (new ActivationFunction(kind).Name == name)
            {
                return new(kind, number ?? 0);
            }
        }

        throw new ArgumentException($"there is no activation \"{name}\"; there are {string.Join(", ", Enum.GetValues<ActivationKind>().Select(kind => new ActivationFunction(kind).Name))}");
    }

    /// <summary>The name, as stages are called: <c>leakyRelu</c>.</summary>
    public string Name => char.ToLowerInvariant(Kind.ToString()[0]) + Kind.ToString()[1..];
}
