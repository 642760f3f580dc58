namespace Fovea

open System
open System.Collections
open Fovea.Core.Shapes
open Fovea.Core.Tensors

/// An array of float32 with a shape, row-major: (batch, channels, height, width) for images.
type Tensor = Fovea.Core.Tensors.Tensor

/// Tensors typed into the REPL: `tensor [ [ 1; 2 ]; [ 3; 4 ] ]`, `zeros [ 3; 32; 32 ]`, `normal 42 [ 8; 3; 5; 5 ]`.
[<AutoOpen>]
module TensorCreation =
    let private shape (extents: int seq) = Shape.Of (Array.ofSeq extents)

    /// A tensor from numbers in lists, sequences or arrays, nested as deep as it has axes; of any number type.
    let tensor (values: #IEnumerable) =
        match box values with
        | :? Array as array when array.Rank > 1 -> Tensor.FromArray array
        | _ -> Tensor.FromNested values

    /// A tensor of zeros with these extents.
    let zeros extents = Tensor.Zeros (shape extents)

    /// A tensor of ones with these extents.
    let ones extents = Tensor.Ones (shape extents)

    /// A tensor of one value with these extents.
    let full (value: float32) extents = Tensor.Full (shape extents, value)

    /// Draws from the uniform distribution over [0, 1); the same seed gives the same draws.
    let uniform (seed: int) extents = Tensor.Uniform (shape extents, seed)

    /// Draws from the normal distribution with mean 0 and standard deviation 1; the same seed gives the same draws.
    let normal (seed: int) extents = Tensor.Normal (shape extents, seed)

    /// The vector 0, 1, ..., stop - 1.
    let arange (stop: int) = Tensor.Arange stop

    /// The vector of `count` numbers evenly spaced from `start` to `stop`, both included.
    let linspace (start: float32) stop count = Tensor.Linspace (start, stop, count)

    /// The square matrix with ones on its diagonal.
    let identity size = Tensor.Identity size

    /// A row for each label: one at the label's column, zeros elsewhere.
    let oneHot classes (labels: int seq) = Tensor.OneHot (Array.ofSeq labels, classes)

/// Tensors in pipes: what their methods do, the tensor last.
module Tensor =
    /// The extents, as a list.
    let shape (tensor: Tensor) = List.ofSeq tensor.Shape

    /// The same numbers under other extents; one of them may be -1 and is then worked out.
    let reshape (extents: int seq) (tensor: Tensor) = tensor.Reshape (Array.ofSeq extents)

    /// All axes made one.
    let flatten (tensor: Tensor) = tensor.Flatten ()

    /// The axes in another order: `permute [ 1; 2; 0 ]` makes (C, H, W) into (H, W, C).
    let permute (axes: int seq) (tensor: Tensor) = tensor.Transpose (Array.ofSeq axes)

    /// Positions of `value` before and after along each axis: `pad 0f [ 0, 0; 1, 1; 1, 1 ]` frames an image.
    let pad value (widths: (int * int) seq) (tensor: Tensor) =
        tensor.Pad ([| for before, after in widths -> struct (before, after) |], value)

    /// The function's value at every element.
    let map (f: float32 -> float32) (tensor: Tensor) = tensor.Map f

    /// The function's value at every pair of elements, shapes broadcast.
    let map2 (f: float32 -> float32 -> float32) (first: Tensor) second = first.Map2 (second, f)

    /// Position `index` of the first axis, which goes: one image of a batch.
    let take index (tensor: Tensor) = tensor.Take index

    /// Tensors of one shape along a new first axis: images become a batch.
    let stack (tensors: Tensor seq) = Tensor.Stack tensors

    /// Tensors one after another along an axis that they have.
    let concat axis (tensors: Tensor seq) = Tensor.Concat (tensors, axis)

    /// The numbers, row-major, copied.
    let toArray (tensor: Tensor) = tensor.ToArray ()

    /// What the REPL shows.
    let display (tensor: Tensor) = string tensor
