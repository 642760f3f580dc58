using Fovea.Core.Layers;
using Fovea.Core.Plans;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Benchmarks;

/// <summary>The networks that are timed.</summary>
internal static class Networks
{
    /// <summary>The two-block CIFAR CNN: 545,098 parameters, 6,128,896 multiply-accumulates an image.</summary>
    public static Graph TwoBlocks() =>
        Of(
            new Shape(3, 32, 32),
            new Normalize([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
            Conv(32),
            ActivationLayer.Relu,
            new MaxPool2d(2),
            Conv(64),
            ActivationLayer.Relu,
            new MaxPool2d(2),
            new Flatten(),
            new Dense(128),
            ActivationLayer.Relu,
            new Dense(10));

    /// <summary>
    /// The network of the published recipe for 94 % on CIFAR-10: a first layer of 24 filters of 2×2, then three groups of
    /// convolution, pooling, normalisation, GELU, convolution, normalisation, GELU of 64, 256 and 256 filters. The first layer
    /// and the normalisations train biases only.
    /// </summary>
    public static Graph Airbench() =>
        Of(
            new Shape(3, 32, 32),
            layer => layer is BatchNorm or Conv2d { Filters: 24 } ? Trained.Biases : Trained.Everything,
            [
                new Normalize([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
                new Conv2d(24, 2),
                ActivationLayer.Gelu,
                .. Group(64),
                .. Group(256),
                .. Group(256),
                new MaxPool2d(3),
                new Flatten(),
                new Dense(10),
            ]);

    /// <summary>The graph of layers one after the other.</summary>
    public static Graph Of(Shape input, params Layer[] layers) => Of(input, _ => Trained.Everything, layers);

    private static Graph Of(Shape input, Func<Layer, Trained> trained, params Layer[] layers)
    {
        GraphBuilder builder = new(input);
        int value = Graph.InputValue;
        for (int i = 0; i < layers.Length; i++)
        {
            value = builder.Add($"{i + 1} {layers[i]}", layers[i].Resolve(builder.ShapeOf(value)), trained(layers[i]), value);
        }

        return builder.Build(value);
    }

    /// <summary>Initial parameters.</summary>
    public static IReadOnlyList<Parameter> Parameters(Graph graph) =>
        [.. graph.Parameters.Select(p => p.Spec.Create(p.Name, RandomKey.Of(0).Child(p.Name), p.Trains))];

    private static Layer[] Group(int filters) =>
    [
        Conv(filters) with { Bias = false },
        new MaxPool2d(2),
        new BatchNorm(),
        ActivationLayer.Gelu,
        Conv(filters) with { Bias = false },
        new BatchNorm(),
        ActivationLayer.Gelu,
    ];

    private static Conv2d Conv(int filters) => new(filters, 3) { Vertical = Padding.Same, Horizontal = Padding.Same };
}
