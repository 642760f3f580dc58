using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The dense layer's gradient with respect to its weights as a matrix product, dw = dyᵀ·x.</summary>
public sealed unsafe class DenseBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "product";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => DenseSizes.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DenseSizes.CostOfWeights(s);

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => MatrixProduct.ScratchFloats(Sizes(s));

    /// <summary>Floats for the packed input.</summary>
    public override long SharedFloats(in ConvShape s) => MatrixProduct.PackedFloats(Sizes(s));

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers)
    {
        MatrixProduct.Pack(Sizes(s), x, shared, workers);
        MatrixProduct.Run(Sizes(s), dy, shared, default, dw, scratch, workers);
    }

    private static ProductShape Sizes(in ConvShape s) => ProductShape.DenseBackwardWeights(s.N, s.C, s.K);
}
