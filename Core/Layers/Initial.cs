using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Fovea.Core.Layers;

/// <summary>
/// How parameters begin: functions of their shape and a random key. Fans are PyTorch's: weights K×C×R×S have C·R·S inputs
/// and K·R·S outputs.
/// </summary>
public static class Initial
{
    /// <summary>He's normal distribution by the fan-in, for ReLUs: what convolutions and dense layers begin with.</summary>
    public static Func<Shape, RandomKey, Tensor> He { get; } = HeNormal();

    /// <summary>Every element the same.</summary>
    public static Func<Shape, RandomKey, Tensor> Constant(float value) =>
        (shape, _) =>
        {
            Tensor tensor = Tensor.Zeros(shape);
            Array.Fill(tensor.Values, value);
            return tensor;
        };

    /// <summary>Normally distributed.</summary>
    public static Func<Shape, RandomKey, Tensor> Normal(double mean = 0, double deviation = 1) =>
        (shape, key) => Tensor.Normal(shape, key, (float)mean, (float)deviation);

    /// <summary>Uniformly distributed between two bounds.</summary>
    public static Func<Shape, RandomKey, Tensor> Uniform(double low, double high) =>
        (shape, key) => Tensor.Uniform(shape, key, (float)low, (float)high);

    /// <summary>
    /// Normal with mean 0 and deviation √(2 / (1 + slope²) / fan), which keeps a signal's size through leaky ReLUs of that slope
    /// (He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015).
    /// </summary>
    public static Func<Shape, RandomKey, Tensor> HeNormal(Fan fan = Fan.In, double slope = 0) =>
        (shape, key) => Sampled(shape, key, Math.Sqrt(2 / (1 + (slope * slope)) / FanOf(shape, fan)));

    /// <summary>Uniform with the deviation of <see cref="HeNormal"/>, between ±√3 times it.</summary>
    public static Func<Shape, RandomKey, Tensor> HeUniform(Fan fan = Fan.In, double slope = 0) =>
        (shape, key) => Bounded(shape, key, Math.Sqrt(6 / (1 + (slope * slope)) / FanOf(shape, fan)));

    /// <summary>
    /// Normal with mean 0 and deviation gain·√(2 / (fan-in + fan-out)), a compromise between both ways for functions that are
    /// straight around 0 (Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010).
    /// </summary>
    public static Func<Shape, RandomKey, Tensor> XavierNormal(double gain = 1) =>
        (shape, key) => Sampled(shape, key, gain * Math.Sqrt(2 / (FanOf(shape, Fan.In) + FanOf(shape, Fan.Out))));

    /// <summary>Uniform with the deviation of <see cref="XavierNormal"/>, between ±√3 times it.</summary>
    public static Func<Shape, RandomKey, Tensor> XavierUniform(double gain = 1) =>
        (shape, key) => Bounded(shape, key, gain * Math.Sqrt(6 / (FanOf(shape, Fan.In) + FanOf(shape, Fan.Out))));

    /// <summary>
    /// The weights as a matrix K×(C·R·S) with orthogonal rows, or columns where there are fewer of those, each of length gain:
    /// the Q of a normally distributed matrix, its signs made such that every rotation is as likely (Saxe, McClelland and
    /// Ganguli, "Exact solutions to the nonlinear dynamics of learning", 2014). MathNet's QR, in double precision.
    /// </summary>
    public static Func<Shape, RandomKey, Tensor> Orthogonal(double gain = 1) =>
        (shape, key) =>
        {
            RequireMatrix("orthogonal", shape);
            int rows = shape[0], columns = rows == 0 ? 0 : shape.Count / rows;
            Tensor tensor = Tensor.Zeros(shape);
            if (shape.Count == 0)
            {
                return tensor;
            }

            (int tall, int thin) = (Math.Max(rows, columns), Math.Min(rows, columns));
            double[] samples = new double[shape.Count];
            MathNet.Numerics.Distributions.Normal.Samples(new CounterRandom(key), samples, 0, 1);
            QR<double> factors = new DenseMatrix(tall, thin, samples).QR(QRMethod.Thin);
            for (int i = 0; i < tall; i++)
            {
                for (int j = 0; j < thin; j++)
                {
                    double value = gain * factors.Q[i, j] * (factors.R[j, j] < 0 ? -1 : 1);
                    tensor.Values[rows < columns ? (j * columns) + i : (i * columns) + j] = (float)value;
                }
            }

            return tensor;
        };

    /// <summary>
    /// Filters that pass their channels on as they are: 1 in the middle of filter k's channel k, in every group, 0 elsewhere
    /// (Zagoruyko and Komodakis, "DiracNets", 2017).
    /// </summary>
    /// <param name="groups">The convolution's groups: filters of each begin again with its first channel.</param>
    /// <param name="rest">How filters begin that are more than the channels; unless given they are 0.</param>
    public static Func<Shape, RandomKey, Tensor> Dirac(int groups = 1, Func<Shape, RandomKey, Tensor>? rest = null) =>
        (shape, key) =>
        {
            if (shape.Rank is not (3 or 4))
            {
                throw new ShapeException("dirac", $"expected filters (filters, channels, height, width), got {shape}", "use it for convolutions");
            }

            if (groups < 1 || shape[0] % groups != 0)
            {
                throw new ShapeException("dirac", $"{groups} groups do not divide {shape[0]} filters", "give the convolution's own groups");
            }

            Tensor tensor = rest is null ? Tensor.Zeros(shape) : rest(shape, key);
            int each = shape[0] / groups, plane = shape.Tail.Tail.Count;
            int middle = shape.Rank == 4 ? (shape[2] / 2 * shape[3]) + (shape[3] / 2) : shape[2] / 2;
            for (int k = 0; k < shape[0]; k++)
            {
                if (k % each < shape[1])
                {
                    tensor.Values.AsSpan(k * shape[1] * plane, shape[1] * plane).Clear();
                    tensor.Values[(((k * shape[1]) + (k % each)) * plane) + middle] = 1;
                }
            }

            return tensor;
        };

    private static Tensor Sampled(Shape shape, RandomKey key, double deviation)
    {
        Tensor tensor = Tensor.Zeros(shape);
        double[] samples = new double[shape.Count];
        MathNet.Numerics.Distributions.Normal.Samples(new CounterRandom(key), samples, 0, deviation);
        for (int i = 0; i < samples.Length; i++)
        {
            tensor.Values[i] = (float)samples[i];
        }

        return tensor;
    }

    private static Tensor Bounded(Shape shape, RandomKey key, double bound) => Tensor.Uniform(shape, key, (float)-bound, (float)bound);

    private static double FanOf(Shape shape, Fan fan)
    {
        RequireMatrix("fan", shape);
        int axis = fan == Fan.In ? 0 : 1;
        return (double)shape.Count / Math.Max(1, shape[axis]);
    }

    private static void RequireMatrix(string where, Shape shape)
    {
        if (shape.Rank < 2)
        {
            throw new ShapeException(where, $"expected weights with two axes or more, got {shape}", "give vectors, such as biases, a constant, or a normal or uniform distribution");
        }
    }
}
