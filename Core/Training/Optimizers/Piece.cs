namespace Fovea.Core.Training;

/// <summary>A chunk of a parameter: the unit of work of a step.</summary>
internal readonly record struct Piece(int Slot, int From, int Count)
{
    private const int Elements = 16 * 1024;

    /// <summary>Parameters of these lengths in chunks. The cut depends on the lengths alone.</summary>
    public static Piece[] Cut(IEnumerable<int> lengths)
    {
        List<Piece> pieces = [];
        int slot = 0;
        foreach (int length in lengths)
        {
            for (int from = 0; from < length; from += Elements)
            {
                pieces.Add(new(slot, from, Math.Min(Elements, length - from)));
            }

            slot++;
        }

        return [.. pieces];
    }
}
