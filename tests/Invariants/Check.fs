namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Shapes

/// Checks, each of which answers with a sentence: `Check.gradient model` in the REPL, `Check.gradient pipeline |>
/// Outcome.require` in a property. What is said of networks takes pipelines (with parameters drawn for the purpose) and
/// models (with their own).
module Check =

    // ---- Networks ----

    /// The gradients of a loss on the outputs, with respect to the input and every parameter, against central differences
    /// in double precision, to 1e-6. Stages of one's own compute in float32 and are held to a few percent.
    let inline gradient network = Networks.gradient (NetworkOf $ network)

    /// What sessions compute with fast kernels, forward and backward, against the definitions in double precision.
    let inline agreement network = Networks.agreement (NetworkOf $ network)

    /// The same bits, forward and backward, with 1, 2 and 4 workers.
    let inline sameBits network = Networks.sameBits (NetworkOf $ network)

    /// An image that moves by the stages' total stride moves their output by one place, away from the border: of the
    /// stages before the first that mixes places (flatten, dense, globalAvgPool).
    let inline translationEquivariance network = Networks.translationEquivariance (NetworkOf $ network)

    /// All that can be said of a network: gradient, agreement, same bits, translation.
    let inline all network = Networks.all (NetworkOf $ network)

    // ---- Kernels ----

    /// Every entry of the convolution tables that runs these sizes against its naive twin, forward and backward.
    let convolution (sizes: ConvShape) seed = Sizes.convolution sizes seed

    /// Every entry of the tables of max and average pools that runs these sizes against its naive twin.
    let pool (sizes: PoolShape) seed = Sizes.pool sizes seed

    // ---- Functions of tensors ----

    /// f (2x - 3y) = 2 f x - 3 f y, for inputs of these extents: `Check.linearity (fun x -> Ops.convolve2d (x, w)) [ 1; 3; 8; 8 ]`.
    let linearity (f: Tensor -> Tensor) (extents: int list) = Functions.linearity f extents

    /// ⟨f x, y⟩ = ⟨x, g y⟩, for inputs of these extents: that g is the adjoint (the transpose) of the linear function f, as
    /// a gradient is of its operation.
    let adjoint (f: Tensor -> Tensor) (g: Tensor -> Tensor) (extents: int list) = Functions.adjoint f g extents

    /// f moved = moved f, for images of these extents, (H, W) last: moving the input by `step` pixels along both axes moves
    /// the output by one. Looked at away from the border, on an image that is empty there.
    let equivariance (f: Tensor -> Tensor) (step: int) (extents: int list) = Functions.equivariance f step extents
