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

    /// <summary>The graph of layers one after the other.</summary>
    public static Graph Of(Shape input, params Layer[] layers)
    {
        GraphBuilder builder = new(input);
        int value = Graph.InputValue;
        for (int i = 0; i < layers.Length; i++)
        {
            value = builder.Add($"{i + 1} {layers[i]}", layers[i].Resolve(builder.ShapeOf(value)), trains: true, value);
        }

        return builder.Build(value);
    }

    /// <summary>Initial parameters.</summary>
    public static IReadOnlyList<Parameter> Parameters(Graph graph) =>
        [.. graph.Parameters.Select(p => p.Spec.Create(p.Name, RandomKey.Of(0).Child(p.Name), p.Trains))];

    private static Conv2d Conv(int filters) => new(filters, 3) { Vertical = Padding.Same, Horizontal = Padding.Same };
}
