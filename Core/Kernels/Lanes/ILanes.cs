namespace Fovea.Core.Kernels;

/// <summary>
/// Some channels of a block, or pixels of a row, side by side in one register: what lets a kernel be written once and
/// compiled for every width of vector. A block of sixteen takes 16 / <see cref="Count"/> of them.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Lanes in a register.</summary>
    static abstract int Count { get; }

    /// <summary>Zero in every lane.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>Reads lanes from memory.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>Which lanes of two neighbouring vectors <see cref="Between"/> takes: those from this one on, as many as there are or fewer.</summary>
    static abstract TSelf From(int lane);

    /// <summary>
    /// The lanes at <paramref name="source"/>, which lie in two neighbouring vectors that are already there: taken from them
    /// where a vector is a whole cache line, of which every load but one in sixteen would touch two; otherwise loaded.
    /// </summary>
    static abstract TSelf Between(TSelf low, TSelf high, TSelf lanes, float* source);

    /// <summary>The same with zeros in the lanes before this one.</summary>
    static abstract TSelf Since(TSelf a, int lane);

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Broadcast(float value);

    /// <summary>a·b + c, in one rounding where the machine has that.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>sum = a·b + sum: <see cref="MultiplyAdd"/> without a copy between registers, which the compiler makes where another operand ends there.</summary>
    static abstract void Accumulate(ref TSelf sum, TSelf a, TSelf b);

    /// <summary>The sum of all lanes.</summary>
    static abstract float Sum(TSelf a);

    /// <summary>max(0, a); NaN stays NaN.</summary>
    static abstract TSelf Relu(TSelf a);

    /// <summary>Turns four vectors over: side by side they hold the first lanes of all four, then the second ones, and so on.</summary>
    static abstract void Interleave(ref TSelf a, ref TSelf b, ref TSelf c, ref TSelf d);

    /// <summary>Lane by lane.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>Lane by lane.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>Lane by lane.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>Writes the lanes to memory.</summary>
    void Store(float* target);

    /// <summary>Writes the lanes to memory past the caches, where they are a whole line of them: see <see cref="FarStores"/>.</summary>
    void StoreFar(float* target);
}
