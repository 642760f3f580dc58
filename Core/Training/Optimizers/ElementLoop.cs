using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>
/// Runs an update over spans, sixteen elements at a time. What is left over goes through the same vectors, so that results
/// do not depend on how a parameter is cut into chunks.
/// </summary>
internal static class ElementLoop
{
    private const int Lanes = 16;

    /// <param name="rule">The update, its step prepared.</param>
    /// <param name="clipping">What becomes of the gradient first.</param>
    /// <param name="w">The weights.</param>
    /// <param name="g">Their gradients.</param>
    /// <param name="a">State, as long as the weights, or empty.</param>
    /// <param name="b">State, as long as the weights, or empty.</param>
    /// <param name="c">State, as long as the weights, or empty.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TRule>(TRule rule, Clipping clipping, Span<float> w, ReadOnlySpan<float> g, Span<float> a, Span<float> b, Span<float> c)
        where TRule : struct, IElementRule
    {
        Span<Vector512<float>> w16 = Vectors(w), a16 = Vectors(a), b16 = Vectors(b), c16 = Vectors(c);
        ReadOnlySpan<Vector512<float>> g16 = MemoryMarshal.Cast<float, Vector512<float>>(g);
        Vector512<float> none = default;
        for (int i = 0; i < w16.Length; i++)
        {
            rule.Update(
                ref w16[i],
                clipping.Of(g16[i]),
                ref a16.IsEmpty ? ref none : ref a16[i],
                ref b16.IsEmpty ? ref none : ref b16[i],
                ref c16.IsEmpty ? ref none : ref c16[i]);
        }

        int rest = w16.Length * Lanes;
        if (rest < w.Length)
        {
            Span<float> left = stackalloc float[5 * Lanes];
            left.Clear();
            Fill(left, 0, w, rest);
            Fill(left, 1, g, rest);
            Fill(left, 2, a, rest);
            Fill(left, 3, b, rest);
            Fill(left, 4, c, rest);
            Span<Vector512<float>> v = Vectors(left);
            rule.Update(ref v[0], clipping.Of(v[1]), ref v[2], ref v[3], ref v[4]);
            Take(left, 0, w, rest);
            Take(left, 2, a, rest);
            Take(left, 3, b, rest);
            Take(left, 4, c, rest);
        }
    }

    private static Span<Vector512<float>> Vectors(Span<float> span) => MemoryMarshal.Cast<float, Vector512<float>>(span);

    private static void Fill(Span<float> left, int slot, ReadOnlySpan<float> from, int rest)
    {
        if (!from.IsEmpty)
        {
            from[rest..].CopyTo(left[(slot * Lanes)..]);
        }
    }

    private static void Take(Span<float> left, int slot, Span<float> to, int rest)
    {
        if (!to.IsEmpty)
        {
            left.Slice(slot * Lanes, to.Length - rest).CopyTo(to[rest..]);
        }
    }
}
