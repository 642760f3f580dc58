using System.Globalization;

namespace Fovea.Core.Training;

/// <summary>A value as it is typed: <c>Sgd (0.05, momentum = 0.9)</c>. What has its default is left out.</summary>
internal sealed class Description(string name)
{
    private readonly List<string> arguments = [];

    public static string Written(double number) => number.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();

    public static string Written(IEnumerable<float> numbers) =>
        $"[ {string.Join("; ", numbers.Select(number => Written(((Real)number).Or(0)) + "f"))} ]";

    public static string Written(bool value) => value ? "true" : "false";

    public Description Add(double number)
    {
        arguments.Add(Written(number));
        return this;
    }

    public Description Add(string written)
    {
        arguments.Add(written);
        return this;
    }

    public Description Add(string argument, double number, double usual) =>
        number.Equals(usual) ? this : Add($"{argument} = {Written(number)}");

    public Description Add(string argument, bool value, bool usual) =>
        value == usual ? this : Add($"{argument} = {Written(value)}");

    public Description Add<TEnum>(string argument, TEnum value, TEnum usual)
        where TEnum : struct, Enum => EqualityComparer<TEnum>.Default.Equals(value, usual) ? this : Add($"{argument} = {typeof(TEnum).Name}.{value}");

    public override string ToString() => $"{name} ({string.Join(", ", arguments)})";
}
