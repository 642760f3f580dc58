using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The dense layer as a matrix product, y = x·wᵀ + b.</summary>
public sealed unsafe class DenseForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "product";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => DenseSizes.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DenseSizes.Cost(s);

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => MatrixProduct.PackedFloats(Sizes(s));

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => MatrixProduct.ScratchFloats(Sizes(s));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        MatrixProduct.Pack(Sizes(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        MatrixProduct.Run(Sizes(s), x, packed, epilogue, y, scratch, workers);

    private static ProductShape Sizes(in ConvShape s) => ProductShape.DenseForward(s.N, s.C, s.K);
}
