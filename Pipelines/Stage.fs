namespace Fovea

open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Core.Shapes

/// The extents of a tensor, outermost first: (N, C, H, W) for a batch of images.
type Shape = Fovea.Core.Shapes.Shape

/// A height and a width; a single number stands for both: `3` or `(3, 5)`.
type Size = Fovea.Core.Shapes.Size

/// What is put around an image before a window slides over it: Valid (nothing), Same, SameSymmetric, or a number of
/// pixels: `pad = 1`, `pad = (1, 2)` for rows and columns.
[<Struct; RequireQualifiedAccess>]
type Pad = {
    /// Above and below.
    Vertical: Padding
    /// Left and right.
    Horizontal: Padding
} with

    /// The same on all four sides.
    static member op_Implicit (pixels: int) : Pad = {
        Pad.Vertical = Padding.Of pixels
        Pad.Horizontal = Padding.Of pixels
    }

    /// Above and below, left and right.
    static member op_Implicit ((vertical, horizontal): int * int) : Pad = {
        Pad.Vertical = Padding.Of vertical
        Pad.Horizontal = Padding.Of horizontal
    }

/// The padding rules by name.
[<AutoOpen>]
module Pads =

    /// No padding: only windows that lie wholly inside the image.
    let Valid = { Pad.Vertical = Padding.Valid; Pad.Horizontal = Padding.Valid }

    /// Output size = input size / stride, rounded up; an odd pixel of padding goes below and to the right (TensorFlow's
    /// SAME; PyTorch's 'same' for stride 1).
    let Same = { Pad.Vertical = Padding.Same; Pad.Horizontal = Padding.Same }

    /// dilation * (kernel - 1) pixels in all, whatever the stride: what PyTorch networks write as padding = kernel / 2.
    let SameSymmetric = { Pad.Vertical = Padding.SameSymmetric; Pad.Horizontal = Padding.SameSymmetric }

    /// So many pixels above, below, left and right.
    let pads (top, bottom, left, right) = {
        Pad.Vertical = Padding.Of (top, bottom)
        Pad.Horizontal = Padding.Of (left, right)
    }

    /// What one pad says for above and below, and another for left and right: `pad = padsOf (Same, Valid)`.
    let padsOf (vertical: Pad, horizontal: Pad) = {
        Pad.Vertical = vertical.Vertical
        Pad.Horizontal = horizontal.Horizontal
    }

/// What stands beyond the border of an image that is padded or shifted. Of a b c d stands ...
type Border =
    /// Zeros: 0 0 | a b c d | 0 0.
    | Zeros
    /// The image mirrored at its outermost pixels, which are not repeated: c b | a b c d | c b.
    | Reflect
    /// The outermost pixels, repeated: a a | a b c d | d d.
    | Replicate
    /// The image once more, from its other side: c d | a b c d | a b.
    | Circular

module internal Border =

    let toCore border =
        match border with
        | Zeros -> Fovea.Core.Shapes.Border.Zeros
        | Reflect -> Fovea.Core.Shapes.Border.Reflect
        | Replicate -> Fovea.Core.Shapes.Border.Replicate
        | Circular -> Fovea.Core.Shapes.Border.Circular

    let ofCore border = [ Zeros; Reflect; Replicate; Circular ] |> List.find (fun own -> toCore own = border)

    /// Zeros unless said.
    let orZeros border = border |> Option.defaultValue Zeros |> toCore

/// How the pixels of an enlarged image are made.
type Interpolation =
    /// Each is a copy of the nearest.
    | Nearest
    /// Each is interpolated between the four around it.
    | Bilinear

/// How parallel branches meet.
[<RequireQualifiedAccess>]
type Join =
    /// Side by side along their channels.
    | Concat
    /// Added up.
    | Sum

/// One stage of a pipeline: a layer, or stages put together.
type Stage =
    /// A layer.
    | Layer of Layer
    /// What the body makes of its input, added to what the shortcut makes of it (nothing: the input itself).
    | Residual of body: Stage list * shortcut: Stage list
    /// What each branch makes of the same input, joined. An empty branch is the input itself.
    | Parallel of branches: Stage list list * join: Join
    /// The input, each channel times the factor that the body makes for it.
    | Gated of body: Stage list
    /// Stages whose layers' names begin with a name.
    | Named of name: string * Stage list
    /// Stages that can be referred to by a tag, which changes no name.
    | Tagged of tag: string * Stage list
    /// Stages whose weights are those of every other use of the key.
    | Shared of key: string * Stage list
    /// Stages whose parameters do not train.
    | Frozen of Stage list
    /// Stages of whose parameters only biases, and the shifts of normalisations, train.
    | BiasesOnly of Stage list

module internal Stage =

    /// The lists of stages that a stage is put together from.
    let parts stage =
        match stage with
        | Layer _ -> []
        | Residual (body, shortcut) -> [ body; shortcut ]
        | Parallel (branches, _) -> branches
        | Gated body
        | Named (_, body)
        | Tagged (_, body)
        | Shared (_, body)
        | Frozen body
        | BiasesOnly body -> [ body ]

    /// The same stage with a function applied to each of those lists.
    let mapParts f stage =
        match stage with
        | Layer _ -> stage
        | Residual (body, shortcut) -> Residual (f body, f shortcut)
        | Parallel (branches, join) -> Parallel (List.map f branches, join)
        | Gated body -> Gated (f body)
        | Named (name, body) -> Named (name, f body)
        | Tagged (tag, body) -> Tagged (tag, f body)
        | Shared (key, body) -> Shared (key, f body)
        | Frozen body -> Frozen (f body)
        | BiasesOnly body -> BiasesOnly (f body)

    /// How values meet.
    type Joint =
        | Added
        | Concatenated
        | Multiplied

    type Operation =
        | Single of Fovea.Core.Layers.Layer
        | Joint of Joint

    /// What a tree of stages comes to, one for each operation of its graph and in the same order.
    type Leaf = { Operation: Operation; Trained: Trained }

    /// The operations that stages come to.
    let leaves stages =
        let leaf operation = { Operation = operation; Trained = Trained.Everything }
        let joint kind = leaf (Joint kind)
        let trainedAtMost most leaf = { leaf with Trained = min most leaf.Trained }

        let rec all stages = List.collect one stages

        and one stage =
            match stage with
            | Layer layer -> [ leaf (Single layer) ]
            | Residual (body, shortcut) -> all body @ all shortcut @ [ joint Added ]
            | Parallel ([ branch ], _) -> all branch
            | Parallel (branches, Join.Concat) -> List.collect all branches @ [ joint Concatenated ]
            | Parallel (branches, Join.Sum) ->
                List.collect all branches @ List.replicate (branches.Length - 1) (joint Added)
            | Gated body -> all body @ [ joint Multiplied ]
            | Named (_, body)
            | Tagged (_, body)
            | Shared (_, body) -> all body
            | Frozen body -> all body |> List.map (trainedAtMost Trained.Nothing)
            | BiasesOnly body -> all body |> List.map (trainedAtMost Trained.Biases)

        all stages

    /// The layers of a tree of stages.
    let layers stages =
        leaves stages
        |> List.choose (fun leaf ->
            match leaf.Operation with
            | Single layer -> Some layer
            | Joint _ -> None)

/// A stage that does not fit where it stands.
[<RequireQualifiedAccess>]
type Fault = {
    /// The stage, as it is listed.
    Stage: string
    /// What is wrong and how to mend it.
    Message: string
}
