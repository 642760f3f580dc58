namespace Fovea

open Fovea.Core.Shapes
open Fovea.Core.Tensors

/// One place in brackets: an index, whose axis goes, or a range, whose axis stays.
type internal Cut =
    | At of int
    | Span of int option * int option

/// `t.[0, *, 1..3, *]` on tensors of one to four axes: copies, by F#'s rules. Both ends of a range are included, a range
/// is cut to what there is, and one that ends before it starts is empty; an index outside its axis is an error.
[<AutoOpen>]
module TensorSlices =

    let private along (tensor: Tensor) axis cut =
        match cut with
        | At index -> tensor.Take (index, axis)
        | Span (None, None) -> tensor
        | Span (first, last) ->
            let extent = tensor.Shape[axis]
            let first = first |> Option.defaultValue 0 |> max 0 |> min extent
            let last = last |> Option.defaultValue (extent - 1) |> min (extent - 1)
            tensor.Slice (axis, first, max 0 (last - first + 1))

    let private cut (tensor: Tensor) (cuts: Cut list) =
        if cuts.Length <> tensor.Rank then
            raise (
                ShapeException (
                    "slice",
                    $"{tensor.Shape} has {tensor.Rank} axes, got {cuts.Length} indices and ranges",
                    "give one for each axis, * for all of it"
                )
            )

        // From the last axis on, so that one that goes does not move those that are still to come.
        let taken = List.foldBack (fun (axis, cut) tensor -> along tensor axis cut) (List.indexed cuts) tensor
        if obj.ReferenceEquals (taken, tensor) then tensor.Copy () else taken

    type Tensor with

        member t.GetSlice (a: int option, a': int option) = cut t [ Span (a, a') ]
        member t.GetSlice (a: int, b: int option, b': int option) = cut t [ At a; Span (b, b') ]
        member t.GetSlice (a: int option, a': int option, b: int) = cut t [ Span (a, a'); At b ]

        member t.GetSlice (a: int option, a': int option, b: int option, b': int option) =
            cut t [ Span (a, a'); Span (b, b') ]

        member t.GetSlice (a: int, b: int, c: int option, c': int option) = cut t [ At a; At b; Span (c, c') ]
        member t.GetSlice (a: int, b: int option, b': int option, c: int) = cut t [ At a; Span (b, b'); At c ]

        member t.GetSlice (a: int, b: int option, b': int option, c: int option, c': int option) =
            cut t [ At a; Span (b, b'); Span (c, c') ]

        member t.GetSlice (a: int option, a': int option, b: int, c: int) = cut t [ Span (a, a'); At b; At c ]

        member t.GetSlice (a: int option, a': int option, b: int, c: int option, c': int option) =
            cut t [ Span (a, a'); At b; Span (c, c') ]

        member t.GetSlice (a: int option, a': int option, b: int option, b': int option, c: int) =
            cut t [ Span (a, a'); Span (b, b'); At c ]

        member t.GetSlice
            (a: int option, a': int option, b: int option, b': int option, c: int option, c': int option)
            =
            cut t [ Span (a, a'); Span (b, b'); Span (c, c') ]

        member t.GetSlice (a: int, b: int, c: int, d: int option, d': int option) =
            cut t [ At a; At b; At c; Span (d, d') ]

        member t.GetSlice (a: int, b: int, c: int option, c': int option, d: int) =
            cut t [ At a; At b; Span (c, c'); At d ]

        member t.GetSlice (a: int, b: int, c: int option, c': int option, d: int option, d': int option) =
            cut t [ At a; At b; Span (c, c'); Span (d, d') ]

        member t.GetSlice (a: int, b: int option, b': int option, c: int, d: int) =
            cut t [ At a; Span (b, b'); At c; At d ]

        member t.GetSlice (a: int, b: int option, b': int option, c: int, d: int option, d': int option) =
            cut t [ At a; Span (b, b'); At c; Span (d, d') ]

        member t.GetSlice (a: int, b: int option, b': int option, c: int option, c': int option, d: int) =
            cut t [ At a; Span (b, b'); Span (c, c'); At d ]

        member t.GetSlice
            (a: int, b: int option, b': int option, c: int option, c': int option, d: int option, d': int option)
            =
            cut t [ At a; Span (b, b'); Span (c, c'); Span (d, d') ]

        member t.GetSlice (a: int option, a': int option, b: int, c: int, d: int) =
            cut t [ Span (a, a'); At b; At c; At d ]

        member t.GetSlice (a: int option, a': int option, b: int, c: int, d: int option, d': int option) =
            cut t [ Span (a, a'); At b; At c; Span (d, d') ]

        member t.GetSlice (a: int option, a': int option, b: int, c: int option, c': int option, d: int) =
            cut t [ Span (a, a'); At b; Span (c, c'); At d ]

        member t.GetSlice
            (a: int option, a': int option, b: int, c: int option, c': int option, d: int option, d': int option)
            =
            cut t [ Span (a, a'); At b; Span (c, c'); Span (d, d') ]

        member t.GetSlice (a: int option, a': int option, b: int option, b': int option, c: int, d: int) =
            cut t [ Span (a, a'); Span (b, b'); At c; At d ]

        member t.GetSlice
            (a: int option, a': int option, b: int option, b': int option, c: int, d: int option, d': int option)
            =
            cut t [ Span (a, a'); Span (b, b'); At c; Span (d, d') ]

        member t.GetSlice
            (a: int option, a': int option, b: int option, b': int option, c: int option, c': int option, d: int)
            =
            cut t [ Span (a, a'); Span (b, b'); Span (c, c'); At d ]

        member t.GetSlice
            (
                a: int option,
                a': int option,
                b: int option,
                b': int option,
                c: int option,
                c': int option,
                d: int option,
                d': int option
            ) =
            cut t [ Span (a, a'); Span (b, b'); Span (c, c'); Span (d, d') ]
