using Fovea.Core.Randomness;

namespace Fovea.Core.Data;

/// <summary>Orders drawn at random, every one equally likely (Fisher and Yates).</summary>
internal static class Permutation
{
    /// <summary>0 to <paramref name="count"/> − 1 in an order drawn from a key.</summary>
    public static int[] Of(int count, RandomKey key)
    {
        int[] order = new int[count];
        Fill(order, key);
        return order;
    }

    /// <summary>Fills a span with 0 to its length − 1 in an order drawn from a key.</summary>
    public static void Fill(Span<int> order, RandomKey key)
    {
        InOrder(order);
        CounterRandom random = new(key);
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    /// <summary>Fills a span with 0 to its length − 1 as they are counted.</summary>
    public static void InOrder(Span<int> order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
    }
}
