using System.Numerics;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// How far a batch's outputs are from its targets, and the gradient of that with respect to the outputs. Outputs are a
/// network's last values N×K or N×K×…, logits where a loss is about classes. Losses are computed and summed in double
/// precision, whether outputs come in float32 or, for the witness, in float64. Reductions are PyTorch's.
/// </summary>
public abstract class Loss
{
    private protected Loss(string name) => Name = name;

    /// <summary>The loss's name, as errors and progress tell it.</summary>
    public string Name { get; }

    /// <summary>A loss that a script defines.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="compute">
    /// From outputs and targets to the loss and its gradient with respect to the outputs, in their shape and already
    /// divided by the batch if the loss is a mean.
    /// </param>
    public static Loss Custom(string name, Func<Tensor, Targets, Tuple<double, Tensor>> compute) => new CustomLoss(name, compute);

    /// <summary>A loss that a script defines in double precision, so that gradient checks see all its digits.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="compute">
    /// From outputs in row-major order, their shape and targets to the loss and its gradient with respect to the outputs, in
    /// their order and already divided by the batch if the loss is a mean.
    /// </param>
    public static Loss CustomWide(string name, Func<double[], Shape, Targets, Tuple<double, double[]>> compute) => new CustomWideLoss(name, compute);

    /// <summary>The loss of a batch, and its gradient.</summary>
    /// <param name="outputs">The outputs, plain.</param>
    /// <param name="shape">Their shape, the batch first.</param>
    /// <param name="targets">What they should have been.</param>
    /// <param name="gradient">Receives dL/d(outputs), every element written; empty where none is wanted.</param>
    /// <returns>The loss: NaN for an empty batch (0/0), and wherever the outputs hold NaN.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not one of the classes.</exception>
    public double Value(ReadOnlySpan<float> outputs, Shape shape, Targets targets, Span<float> gradient = default)
    {
        CheckLengths(outputs.Length, shape, gradient.Length);
        return Compute(outputs, shape, targets, gradient);
    }

    /// <inheritdoc cref="Value(ReadOnlySpan{float}, Shape, Targets, Span{float})"/>
    public double Value(ReadOnlySpan<double> outputs, Shape shape, Targets targets, Span<double> gradient = default)
    {
        CheckLengths(outputs.Length, shape, gradient.Length);
        return Compute(outputs, shape, targets, gradient);
    }

    /// <summary>The loss of a batch.</summary>
    /// <inheritdoc cref="Value(ReadOnlySpan{float}, Shape, Targets, Span{float})"/>
    public double Value(Tensor outputs, Targets targets)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        return Value(outputs.Values, outputs.Shape, targets);
    }

    /// <summary>The gradient of the loss with respect to the outputs, in their shape.</summary>
    /// <inheritdoc cref="Value(ReadOnlySpan{float}, Shape, Targets, Span{float})"/>
    public Tensor Gradient(Tensor outputs, Targets targets)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        Tensor gradient = Tensor.Zeros(outputs.Shape);
        Value(outputs.Values, outputs.Shape, targets, gradient.Values);
        return gradient;
    }

    private protected abstract double Compute<T>(ReadOnlySpan<T> outputs, Shape shape, Targets targets, Span<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>N, K and the number of places behind them, of N×K×….</summary>
    private protected (int Images, int Classes, int Places) Axes(Shape shape)
    {
        if (shape.Rank < 2)
        {
            throw new ShapeException(Name, $"expected outputs (batch, classes) or (batch, classes, …), got {shape}", "give the batch and the class axis");
        }

        int places = 1;
        for (int axis = 2; axis < shape.Rank; axis++)
        {
            places *= shape[axis];
        }

        return (shape[0], shape[1], places);
    }

    /// <summary>The values of targets that must be shaped like the outputs.</summary>
    private protected float[] ValuesLike(Shape shape, Targets targets)
    {
        if (!targets.AreValues)
        {
            throw new ShapeException(Name, $"expected values shaped like the outputs {shape}, got {targets}", "give a tensor, or Targets.OneHot of the labels");
        }

        return targets.Values.Shape == shape
            ? targets.Values.Values
            : throw new ShapeException(Name, $"expected values shaped like the outputs {shape}, got {targets.Values.Shape}", "reshape one of them; nothing is broadcast");
    }

    private void CheckLengths(int outputs, Shape shape, int gradient)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (outputs != shape.Count)
        {
            throw new ShapeException(Name, $"{shape} has {shape.Count:N0} elements, got {outputs:N0} outputs", "give the shape of the whole batch");
        }

        if (gradient != 0 && gradient != outputs)
        {
            throw new ShapeException(Name, $"expected room for a gradient of {outputs:N0} elements, got {gradient:N0}", "give a span as long as the outputs, or none");
        }
    }
}
