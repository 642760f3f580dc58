namespace Fovea.Invariants

open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// The kernels of the dispatch tables: one that is listed there is listed here.
module Kernels =

    /// Every entry of the convolution tables, in every layout that it reads or writes.
    let convolutions: Kernel<ConvShape> list = ConvolutionKernels.convolutions

    /// The convolutions that give images the same bits in any layout: in their own, and in every one.
    let convolutionsOfAnyLayout: (Kernel<ConvShape> * Kernel<ConvShape> list) list =
        ConvolutionKernels.ofAnyLayout |> List.filter (fun (_, others) -> not others.IsEmpty)

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

    /// Every entry of the table of gates, forward and backward, in the layouts that it takes.
    let gates: Kernel<ImageBatch> list = ChannelKernels.gates

    /// Every entry of the table of leaky ReLUs with learned slopes, forward and backward, in the layouts that it takes.
    let bendings: Kernel<ImageBatch> list = ChannelKernels.bendings
