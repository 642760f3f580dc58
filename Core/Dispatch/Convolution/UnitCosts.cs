using System.Globalization;
using Fovea.Core.Kernels;

namespace Fovea.Core.Dispatch;

/// <summary>
/// The cycles of one core that each <see cref="Unit"/> of work takes with an instruction set: the checked-in table costs.csv,
/// which `build.fsx tune` measures and writes. Nothing is measured when a program runs: the choice of an algorithm, and with
/// it the bits of a result, is the same on every machine of an instruction set.
/// </summary>
internal static class UnitCosts
{
    /// <summary>The column of this machine's instruction set.</summary>
    public static string Column => InstructionSet.Is512 ? "512" : InstructionSet.Is256 ? "256" : "128";

    /// <summary>The costs in the order of the units. The tuner alone puts others in their place, to see what each is worth.</summary>
    public static double[] Current { get; set; } = Read(Column);

    /// <summary>The cost of a unit.</summary>
    public static double Of(Unit unit) => Current[(int)unit];

    /// <summary>A column of the table.</summary>
    public static double[] Read(string column)
    {
        using Stream table = typeof(UnitCosts).Assembly.GetManifestResourceStream("costs.csv")!;
        using StreamReader reader = new(table);
        int place = Array.IndexOf(reader.ReadLine()!.Split(','), column);
        double[] costs = new double[Enum.GetValues<Unit>().Length];
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            string[] fields = line.Split(',');
            costs[(int)Enum.Parse<Unit>(fields[0])] = double.Parse(fields[place], CultureInfo.InvariantCulture);
        }

        return costs;
    }
}
