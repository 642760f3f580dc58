using Fovea.Core.Dispatch;
using Fovea.Core.Operations;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Benchmarks;

/// <summary>
/// The numerical error of each convolution algorithm against the definition in double precision, over standard normal
/// images and He-initialised filters: the largest difference divided by the largest value, and the root of the mean square
/// of both.
/// </summary>
internal static class Errors
{
    private static readonly (string Name, Shape X, Shape W, int Stride, int Groups)[] Cases =
    [
        ("2×3×32² → 32, 3×3", new(2, 3, 32, 32), new(32, 3, 3, 3), 1, 1),
        ("2×3×64² → 32, 7×7 stride 2", new(2, 3, 64, 64), new(32, 3, 7, 7), 2, 1),
        ("2×64×28² → 64, 3×3", new(2, 64, 28, 28), new(64, 64, 3, 3), 1, 1),
        ("2×256×14² → 256, 3×3", new(2, 256, 14, 14), new(256, 256, 3, 3), 1, 1),
        ("2×64×28² → 64, 3×3 stride 2", new(2, 64, 28, 28), new(64, 64, 3, 3), 2, 1),
        ("2×32×28² → 32, 5×5", new(2, 32, 28, 28), new(32, 32, 5, 5), 1, 1),
        ("2×32×28² → 32, 11×11", new(2, 32, 28, 28), new(32, 32, 11, 11), 1, 1),
        ("2×64×28² → 64, 1×1", new(2, 64, 28, 28), new(64, 64, 1, 1), 1, 1),
        ("2×64×28² → 64, depthwise 3×3", new(2, 64, 28, 28), new(64, 1, 3, 3), 1, 64),
    ];

    public static void Print()
    {
        Console.WriteLine($"{"convolution",-32} {"pass",-18} {"algorithm",-16} {"largest",10} {"root mean square",18}");
        foreach ((string name, Shape x, Shape w, int stride, int groups) in Cases)
        {
            Tensor images = Tensor.Normal(x, 1);
            Tensor filters = Tensor.Normal(w, 2) * (float)Math.Sqrt(2.0 / w.Tail.Count);
            ConvolutionOptions options = new() { Stride = stride, Groups = groups, Vertical = Padding.Of(w[2] / 2), Horizontal = Padding.Of(w[3] / 2) };
            ConvShape sizes = Convolution.Sizes(x, w, options);
            Tensor dy = Tensor.Normal(sizes.Output, 3);
            foreach (ConvolutionAlgorithm algorithm in Convolution.Algorithms(x, w, options))
            {
                ConvolutionOptions pinned = options with { Algorithm = algorithm.Name };
                (Tensor actual, double[] expected) = algorithm.Pass switch
                {
                    "Forward" => (Convolution.Forward(images, filters, null, pinned), Forward(sizes, images, filters)),
                    "BackwardInput" => (Convolution.BackwardInput(x, filters, dy, pinned), BackwardInput(sizes, filters, dy)),
                    _ => (Convolution.BackwardWeights(images, w, dy, pinned), BackwardWeights(sizes, images, dy)),
                };
                double largest = actual.Values.Zip(expected, (a, e) => Math.Abs(a - e)).Max() / expected.Max(Math.Abs);
                double mean = Math.Sqrt(actual.Values.Zip(expected, (a, e) => (a - e) * (a - e)).Sum() / expected.Sum(e => e * e));
                Console.WriteLine(FormattableString.Invariant($"{name,-32} {algorithm.Pass,-18} {algorithm.Name,-16} {largest,10:E1} {mean,18:E1}"));
            }
        }
    }

    private static double[] Wide(Tensor tensor) => [.. tensor.Values.Select(v => (double)v)];

    private static double[] Forward(ConvShape s, Tensor x, Tensor w)
    {
        double[] y = new double[s.Output.Count];
        Reference.ConvolutionForward<double>(s, Wide(x), Wide(w), [], y);
        return y;
    }

    private static double[] BackwardInput(ConvShape s, Tensor w, Tensor dy)
    {
        double[] dx = new double[s.Input.Count];
        Reference.ConvolutionBackwardInput<double>(s, Wide(dy), Wide(w), dx);
        return dx;
    }

    private static double[] BackwardWeights(ConvShape s, Tensor x, Tensor dy)
    {
        double[] dw = new double[s.WeightCount];
        Reference.ConvolutionBackwardWeights<double>(s, Wide(x), Wide(dy), dw);
        return dw;
    }
}
