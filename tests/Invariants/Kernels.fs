namespace Fovea.Invariants

open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// The kernels of the dispatch tables: one that is listed there is listed here.
module Kernels =

    /// Every entry of the convolution tables, in the layouts that it takes.
    let convolutions: Kernel<ConvShape> list = ConvolutionKernels.convolutions

    /// The convolutions, forward and for inputs, that take several layouts: each in all of them.
    let convolutionsInLayouts: Kernel<ConvShape> list list = ConvolutionKernels.layouts

    /// Every entry of the table of convolutions without shared weights, forward and backward, with biases and without.
    let localConvolutions: Kernel<ConvShape> list = LocalKernels.localConvolutions

    /// Every entry of the table of poolings by the p-norm, forward and backward, for several p.
    let lpPoolings: Kernel<PoolShape> list = PoolingKernels.lpPoolings

    /// Every entry of the table of max-unpoolings, forward and backward.
    let maxUnpoolings: Kernel<PoolShape> list = PoolingKernels.maxUnpoolings

    /// Every entry of the table of max poolings, forward and backward.
    let maxPoolings: Kernel<PoolShape> list = PoolingKernels.maxPoolings

    /// Every entry of the table of average poolings, forward and backward, counting padding and not.
    let averagePoolings: Kernel<PoolShape> list = PoolingKernels.averagePoolings

    /// Every entry of the table of resamplings, forward and backward, in the layouts that it takes.
    let resamplings: Kernel<ResampleShape> list = ResamplingKernels.resamplings

    /// Every entry of the table of batch norms, forward and backward, by the batch's statistics and by given ones.
    let batchNorms: Kernel<ImageBatch> list = NormalizationKernels.batchNorms

    /// Every entry of the table of group, layer and instance norms, forward and backward, in the layouts that it takes.
    let imageNorms: Kernel<ImageNormShape> list = NormalizationKernels.imageNorms
