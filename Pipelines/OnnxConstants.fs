/// What an ONNX graph reckons from constants alone, such as the border that PyTorch writes in a dozen operators or weights
/// that are turned round before they are used: reckoned while the file is read.
module internal Fovea.OnnxConstants

open System
open Fovea.Core.Formats
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.OnnxFlow

/// A constant's numbers, and whether they are whole ones. Whole numbers beyond float32's 2²⁴ are near enough: extents are
/// smaller, and what is larger means "to the end".
type private Known = { Numbers: Tensor; IsWhole: bool }

// More than any extent or border is, and little memory.
let private mostNew = 1_000_000

let private known value =
    match value with
    | Constant tensor -> Some { Numbers = tensor.ToTensor (); IsWhole = tensor.IsWhole }
    | Numbers numbers when numbers |> List.forall Option.isSome ->
        let values = numbers |> List.map (Option.get >> float32) |> Array.ofList
        Some { Numbers = Tensor.Wrap (Shape.Of [| values.Length |], values); IsWhole = true }
    | Numbers _
    | Flow _ -> None

let private value (found: Known) =
    Constant (
        if found.IsWhole then
            OnnxTensor.Of ("", found.Numbers.Shape, Array.map int64 found.Numbers.Values)
        else
            OnnxTensor.Of ("", found.Numbers)
    )

let private wholes (found: Known) = found.Numbers.Values |> Array.map int64 |> List.ofArray

// An axis, or a place along one, may be counted from behind.
let private within node what (count: int) (place: int64) =
    let place = if place < 0L then place + int64 count else place

    if place < 0L || place >= int64 count then
        fail node $"its {what} is outside 0..{count - 1}"
    else
        int place

let private axes node (inputs: Known list) at rank =
    match List.tryItem at inputs, wholesOf "axes" node with
    | Some given, _ -> Some (wholes given)
    | None, given -> given
    |> Option.map (List.map (within node "axis" rank))

// ---- Operators ----

let private reshaped (node: OnnxNode) (data: Tensor) (extents: int64 list) =
    let wanted =
        extents
        |> List.mapi (fun i extent -> if extent = 0L && i < data.Shape.Rank then int64 data.Shape[i] else extent)

    data.Reshape [| for extent in wanted -> if extent = -1L then -1 else bounded node "extent" 0L extent |]

let private unsqueezed node (data: Tensor) (axes: int64 list) =
    let rank = data.Shape.Rank + axes.Length
    let axes = axes |> List.map (within node "axis" rank)
    let rest = Collections.Generic.Queue data.Shape

    data.Reshape [|
        for axis in 0 .. rank - 1 ->
            if List.contains axis axes then 1
            elif rest.Count > 0 then rest.Dequeue ()
            else fail node "one of its axes comes twice"
    |]

let private squeezed (data: Tensor) axes =
    let goes axis extent = axes |> Option.map (List.contains axis) |> Option.defaultValue (extent = 1)

    data.Reshape [|
        for axis, extent in Seq.indexed data.Shape do
            if not (goes axis extent) then
                extent
    |]

let private picked node axis (places: int list) (data: Tensor) =
    if places.Length > mostNew then
        fail node "it takes more places than there are"
    else
        data.TakeMany (ResizeArray places, axis)

let private gathered (node: OnnxNode) (data: Tensor) (indices: Known) =
    let axis = within node "axis" data.Shape.Rank (wholeOf "axis" 0L node)
    let places = wholes indices |> List.map (within node "place" data.Shape[axis])
    let found = picked node axis places data

    match indices.Numbers.Shape.Rank with
    | 0 -> found.Squeeze axis
    | 1 -> found
    | _ -> fail node "its places are a table"

let private sliced (node: OnnxNode) (inputs: Known list) =
    let data = inputs.Head.Numbers

    let told at name =
        match List.tryItem at inputs with
        | Some found -> Some (wholes found)
        | None -> wholesOf name node

    let starts, ends = told 1 "starts" |> Option.defaultValue [], told 2 "ends" |> Option.defaultValue []
    let along = axes node inputs 3 data.Shape.Rank |> Option.defaultValue [ 0 .. starts.Length - 1 ]
    let steps = told 4 "steps" |> Option.defaultValue (List.replicate starts.Length 1L)

    if [ ends.Length; along.Length; steps.Length ] |> List.exists ((<>) starts.Length) then
        fail node "its starts, ends, axes and steps are not as many"

    let one (data: Tensor) (start, stop, axis, step) =
        let count = int64 data.Shape[axis]
        let from (place: int64) low high = Math.Clamp ((if place < 0L then place + count else place), low, high)

        match step with
        | 1L ->
            let start = from start 0L count
            data.Slice (axis, int start, int (max 0L (from stop 0L count - start)))
        | -1L ->
            let start, stop = from start 0L (count - 1L), from stop -1L (count - 1L)
            picked node axis [ for place in int start .. -1 .. int stop + 1 -> place ] data
        | _ -> fail node $"its step is {step}; expected 1 or -1"

    List.zip (List.zip starts ends) (List.zip along steps)
    |> List.fold (fun data ((start, stop), (axis, step)) -> one data (start, stop, axis, step)) data

let private filled (node: OnnxNode) (extents: Known) =
    let shape = wholes extents |> List.map (bounded node "extent" 0L)

    if List.fold (fun count extent -> count * int64 extent |> min (int64 Int32.MaxValue)) 1L shape > int64 mostNew then
        fail node $"it makes more than {mostNew:N0} numbers"

    let one =
        tensorOf "value" node |> Option.map Constant |> Option.bind known
        |> Option.defaultValue { Numbers = Tensor.Zeros (Shape.Of [| 1 |]); IsWhole = false }

    { one with Numbers = Tensor.Full (Shape.Of (Array.ofList shape), one.Numbers.Reshape(1).ToScalar()) }

// Nothing that is larger than what it is made of.
let private together (node: OnnxNode) (f: float32 -> float32 -> float32) (first: Known) (second: Known) =
    let a, b = List.rev (List.ofSeq first.Numbers.Shape), List.rev (List.ofSeq second.Numbers.Shape)
    let at axis extents = List.tryItem axis extents |> Option.defaultValue 1
    let shape = [ for axis in 0 .. max a.Length b.Length - 1 -> max (at axis a) (at axis b) ]
    let count = shape |> List.fold (fun count extent -> count * int64 extent |> min (int64 Int32.MaxValue)) 1L

    if count > int64 (max first.Numbers.Count second.Numbers.Count) then
        fail node "it makes a table of two constants, which is not read"

    let isWhole = first.IsWhole && second.IsWhole
    let f = if isWhole then (fun a b -> truncate (f a b)) else f
    { Numbers = first.Numbers.Map2 (second.Numbers, f); IsWhole = isWhole }

let private cast (node: OnnxNode) (found: Known) =
    match wholeOf "to" 0L node with
    | 6L
    | 7L -> { Numbers = found.Numbers.Map truncate; IsWhole = true }
    | 1L
    | 10L
    | 11L
    | 16L -> { found with IsWhole = false }
    | _ -> found

let private reckon (node: OnnxNode) (inputs: Known list) =
    let first = inputs.Head
    let seen numbers = Some { first with Numbers = numbers }
    let each (f: float32 -> float32) = Some { Numbers = first.Numbers.Map f; IsWhole = first.IsWhole }

    match node.Operator, inputs with
    | "Shape", [ _ ] ->
        let extents = [| for extent in first.Numbers.Shape -> float32 extent |]
        Some { Numbers = Tensor.Wrap (Shape.Of [| extents.Length |], extents); IsWhole = true }
    | "Cast", _ -> Some (cast node first)
    | "Reshape", [ _; extents ] -> seen (reshaped node first.Numbers (wholes extents))
    | "Transpose", [ _ ] ->
        let rank = first.Numbers.Shape.Rank
        let turned = wholesOf "perm" node |> Option.map (List.map (within node "axis" rank))
        seen (first.Numbers.Transpose (Array.ofList (turned |> Option.defaultValue [ rank - 1 .. -1 .. 0 ])))
    | "Squeeze", _ -> seen (squeezed first.Numbers (axes node inputs 1 first.Numbers.Shape.Rank))
    | "Unsqueeze", [ _; axes ] -> seen (unsqueezed node first.Numbers (wholes axes))
    | "Unsqueeze", [ _ ] -> seen (unsqueezed node first.Numbers (wholesOf "axes" node |> Option.defaultValue []))
    | "Concat", _ ->
        let axis = within node "axis" first.Numbers.Shape.Rank (wholeOf "axis" 0L node)
        let joined = Tensor.Concat ([ for found in inputs -> found.Numbers ], axis)
        Some { Numbers = joined; IsWhole = inputs |> List.forall _.IsWhole }
    | "Gather", [ _; indices ] -> seen (gathered node first.Numbers indices)
    | "Slice", _ -> seen (sliced node inputs)
    | "ConstantOfShape", [ _ ] -> Some (filled node first)
    | "ReduceProd", _ when first.Numbers.Shape.Rank = 1 ->
        let product = first.Numbers.Values |> Array.fold (*) 1f
        let rank = if wholeOf "keepdims" 1L node <> 0L then [| 1 |] else [||]
        seen (Tensor.Full (Shape.Of rank, product))
    | "Add", [ a; b ] -> Some (together node (+) a b)
    | "Sub", [ a; b ] -> Some (together node (-) a b)
    | "Mul", [ a; b ] -> Some (together node (*) a b)
    | "Div", [ a; b ] -> Some (together node (/) a b)
    | "Pow", [ a; b ] -> Some (together node ( ** ) a b)
    | "Sqrt", _ -> each sqrt
    | "Neg", _ -> each (~-)
    | "Reciprocal", _ -> each (fun value -> 1f / value)
    | "Floor", _ -> each floor
    | "Ceil", _ -> each ceil
    | _ -> None

let private operators =
    set [
        yield! [ "Shape"; "Cast"; "Reshape"; "Transpose"; "Squeeze"; "Unsqueeze"; "Concat"; "Gather"; "Slice" ]
        yield! [ "ConstantOfShape"; "ReduceProd"; "Add"; "Sub"; "Mul"; "Div"; "Pow"; "Sqrt"; "Neg"; "Reciprocal" ]
        yield! [ "Floor"; "Ceil" ]
    ]

/// What an operator makes of constants alone; None where it reads images, or is none that is reckoned here.
let tryRead (node: OnnxNode) (values: Value option list) =
    let isKnown value =
        match value with
        | Some (Constant _) -> true
        | Some (Numbers numbers) -> numbers |> List.forall Option.isSome
        | Some (Flow _)
        | None -> false

    if operators.Contains node.Operator && not values.IsEmpty && List.forall isKnown values then
        values |> List.choose (Option.bind known) |> reckon node |> Option.map value
    else
        None
