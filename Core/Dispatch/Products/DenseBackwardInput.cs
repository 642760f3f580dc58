using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The dense layer's gradient with respect to its input as a matrix product, dx = dy·w.</summary>
public sealed unsafe class DenseBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "product";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => DenseSizes.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DenseSizes.Cost(s);

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => MatrixProduct.PackedFloats(Sizes(s));

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => MatrixProduct.ScratchFloats(Sizes(s));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        MatrixProduct.Pack(Sizes(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        MatrixProduct.Run(Sizes(s), dy, packed, default, dx, scratch, workers);

    private static ProductShape Sizes(in ConvShape s) => ProductShape.DenseBackwardInput(s.N, s.C, s.K);
}
