using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>
/// What a user's layer computes, on tensors of a whole batch: y from x and the parameters; and, from x, the parameters,
/// y and dy, the gradients dx and those of the parameters.
/// </summary>
/// <param name="Forward">y from x and the parameters.</param>
/// <param name="Backward">dx, and a gradient for each parameter, from x, the parameters, y and dy.</param>
public sealed record CustomFunctions(
    Func<Tensor, IReadOnlyList<Tensor>, Tensor> Forward,
    Func<Tensor, IReadOnlyList<Tensor>, Tensor, Tensor, (Tensor Dx, IReadOnlyList<Tensor> Parameters)> Backward);

/// <summary>A user's own operation. It runs on copies of the batch as tensors, in float32 also under the witness.</summary>
public sealed class CustomNode : Node
{
    private readonly Shape input;
    private readonly CustomFunctions functions;

    /// <summary>Creates the node.</summary>
    /// <param name="name">The operation's name.</param>
    /// <param name="input">The shape of one image.</param>
    /// <param name="output">The shape of one image's output.</param>
    /// <param name="parameters">The parameters that it wants.</param>
    /// <param name="functions">What it computes.</param>
    public CustomNode(string name, Shape input, Shape output, IReadOnlyList<ParameterSpec> parameters, CustomFunctions functions)
    {
        Name = name;
        this.input = input;
        Output = output;
        Parameters = parameters;
        this.functions = functions;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        Tensor y = Apply(In(frame.X[0], input.Prepend(frame.Images)), Values(frame));
        Out(y, frame.Y);
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        Shape batch = Output.Prepend(frame.Images);
        (Tensor dx, IReadOnlyList<Tensor> gradients) = Gradients(In(frame.X[0], input.Prepend(frame.Images)), Values(frame), In(frame.Y, batch), In(frame.Dy, batch));
        Out(dx, frame.Dx[0]);
        for (int p = 0; p < gradients.Count; p++)
        {
            Out(gradients[p], frame.ParameterGradients[p]);
        }
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new CustomStep(this);

    private Tensor Apply(Tensor x, IReadOnlyList<Tensor> parameters)
    {
        Tensor y = functions.Forward(x, parameters);
        Shape expected = Output.Prepend(x.Shape[0]);
        return y.Shape == expected ? y : throw new ShapeException(Name, $"the forward function promised {expected} for {x.Shape} and gave {y.Shape}", "make its shape function agree");
    }

    private (Tensor Dx, IReadOnlyList<Tensor> Parameters) Gradients(Tensor x, IReadOnlyList<Tensor> parameters, Tensor y, Tensor dy)
    {
        (Tensor dx, IReadOnlyList<Tensor> gradients) = functions.Backward(x, parameters, y, dy);
        if (dx.Shape != x.Shape)
        {
            throw new ShapeException(Name, $"the backward function gave a gradient {dx.Shape} for an input {x.Shape}", "give one of the input's shape");
        }

        return gradients.Count == parameters.Count && gradients.Zip(parameters).All(pair => pair.First.Shape == pair.Second.Shape)
            ? (dx, gradients)
            : throw new ShapeException(Name, $"the backward function gave gradients {string.Join(", ", gradients.Select(g => g.Shape))} for parameters {string.Join(", ", parameters.Select(p => p.Shape))}", "give one of each parameter's shape");
    }

    private Tensor[] Values<T>(WitnessFrame<T> frame)
        where T : System.Numerics.IFloatingPointIeee754<T> => [.. frame.Parameters.Select((p, i) => In(p, Parameters[i].Shape))];

    private static Tensor In<T>(T[] values, Shape shape)
        where T : System.Numerics.IFloatingPointIeee754<T> => Tensor.Wrap(shape, [.. values.Select(float.CreateChecked)]);

    private static void Out<T>(Tensor tensor, T[] values)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = T.CreateChecked(tensor.Values[i]);
        }
    }

    private sealed unsafe class CustomStep(CustomNode node) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override bool KeepsInput => true;

        public override bool KeepsOutput => true;

        public override void Forward(StepFrame frame)
        {
            Tensor y = node.Apply(Copy(frame.X[0], node.input.Prepend(frame.Images)), Values(frame));
            y.Values.CopyTo(new Span<float>(frame.Y, y.Count));
        }

        public override void Backward(StepFrame frame)
        {
            Shape batch = node.Output.Prepend(frame.Images);
            (Tensor dx, IReadOnlyList<Tensor> gradients) = node.Gradients(
                Copy(frame.X[0], node.input.Prepend(frame.Images)), Values(frame), Copy(frame.Y, batch), Copy(frame.Dy, batch));
            if (frame.Dx[0] != null)
            {
                dx.Values.CopyTo(new Span<float>(frame.Dx[0], dx.Count));
            }

            for (int p = 0; p < gradients.Count; p++)
            {
                if (frame.ParameterGradients[p] != null)
                {
                    gradients[p].Values.CopyTo(new Span<float>(frame.ParameterGradients[p], gradients[p].Count));
                }
            }
        }

        private static Tensor Copy(float* data, Shape shape) => Tensor.Wrap(shape, new ReadOnlySpan<float>(data, shape.Count).ToArray());

        private Tensor[] Values(StepFrame frame)
        {
            Tensor[] values = new Tensor[node.Parameters.Count];
            for (int p = 0; p < values.Length; p++)
            {
                values[p] = Copy(frame.Parameters[p], node.Parameters[p].Shape);
            }

            return values;
        }
    }
}
