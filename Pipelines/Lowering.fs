/// From a tree of stages to Core's graph of operations.
module internal Fovea.Lowering

open Fovea.Core.Plans

/// Where a walk over the stages has come to: layers of each kind so far, and how names begin there.
type private Walk = { Builder: GraphBuilder; Counts: Map<string, int>; Prefix: string; Trains: bool }

let private numbered kind walk =
    let count = 1 + (walk.Counts |> Map.tryFind kind |> Option.defaultValue 0)
    $"{walk.Prefix}{kind}{count}", { walk with Counts = walk.Counts |> Map.add kind count }

let private within prefix walk = { walk with Prefix = prefix; Counts = Map.empty }

let private afterwards outer inner = { outer with Builder = inner.Builder }

// More numbers than any image between two layers has: 1 GiB of them.
let private mostElements = 1 <<< 28

// So that no description of a network, wherever it comes from, asks for more in the making than it would in use.
let private require (layer: Fovea.Core.Layers.Layer) (shape: Shape) =
    if shape.Count > mostElements then
        raise (
            Fovea.Core.Shapes.ShapeException (
                string layer,
                $"one image's output {shape} has more than {mostElements:N0} elements",
                "use smaller images, fewer filters or less padding"
            )
        )

let rec private add (value, walk) stage =
    match stage with
    | Layer layer ->
        let node = layer.Resolve (walk.Builder.ShapeOf value)
        require layer node.Output
        let name, walk = numbered layer.Kind walk
        walk.Builder.Add (name, node, walk.Trains, value), walk
    | Residual (body, shortcut) ->
        let made, walk = addAll (value, walk) body
        let kept, walk = addAll (value, walk) shortcut
        let made', kept' = walk.Builder.ShapeOf made, walk.Builder.ShapeOf kept

        if made' <> kept' then
            raise (
                Fovea.Core.Shapes.ShapeException (
                    "residual",
                    $"the body gives {made'} and the shortcut {kept'}",
                    "give residual a shortcut, such as conv (filters, 1, stride = ...), that makes them equal"
                )
            )

        let name, walk = numbered "add" walk
        walk.Builder.Add (name, SumNode made', walk.Trains, made, kept), walk
    | Parallel ([], _) ->
        raise (
            Fovea.Core.Shapes.ShapeException ("concat", "there is no branch", "give at least one: concat [ a; b ]")
        )
    | Parallel (branches, join) ->
        let values, walk =
            ((([]: int list), walk), branches)
            ||> List.fold (fun (values, walk) branch ->
                let made, walk = addAll (value, walk) branch
                values @ [ made ], walk)

        match join with
        | Join.Concat -> joined values walk
        | Join.Sum -> (values.Tail, (values.Head, walk)) ||> List.foldBack (fun next (sum, walk) -> added sum next walk)
    | Gated body ->
        let factors, walk = addAll (value, walk) body

        let node =
            GateNode (walk.Builder.ShapeOf value, walk.Builder.ShapeOf factors)

        let name, walk = numbered "gate" walk
        walk.Builder.Add (name, node, walk.Trains, value, factors), walk
    | Named (name, stages) ->
        let value, inner = addAll (value, within $"{walk.Prefix}{name}." walk) stages
        value, afterwards walk inner
    | Shared (key, stages) ->
        // The same names, so the same parameters, wherever the key is used.
        let value, inner = addAll (value, within $"{key}." walk) stages
        value, afterwards walk inner
    | Frozen stages ->
        let value, inner = addAll (value, { walk with Trains = false }) stages
        value, { inner with Trains = walk.Trains }

and private joined values walk =
    match values with
    | [ single ] -> single, walk
    | _ ->
        let shapes = values |> List.map walk.Builder.ShapeOf |> ResizeArray
        let name, walk = numbered "concat" walk
        walk.Builder.Add (name, ConcatNode shapes, walk.Trains, Array.ofList values), walk

and private added sum next walk =
    let first, second = walk.Builder.ShapeOf sum, walk.Builder.ShapeOf next

    if first <> second then
        raise (
            Fovea.Core.Shapes.ShapeException (
                "sumOf",
                $"the branches give {first} and {second}",
                "give them equal filters, strides and paddings, or join them with concat"
            )
        )

    let name, walk = numbered "add" walk
    walk.Builder.Add (name, SumNode first, walk.Trains, sum, next), walk

and private addAll start stages = List.fold add start stages

/// The graph of stages over images of a shape.
let graph input stages =
    let builder = GraphBuilder input

    let output, _ =
        addAll (Graph.InputValue, { Builder = builder; Counts = Map.empty; Prefix = ""; Trains = true }) stages

    builder.Build output

/// The shape that a stage makes of images of a shape.
let shapeAfter input stage = (graph input [ stage ]).OutputShape

/// How a stage is listed.
let rec describe stage =
    match stage with
    | Layer layer -> string layer
    | Residual (body, []) -> $"residual ({describeAll body})"
    | Residual (body, shortcut) -> $"residual ({describeAll body}) around ({describeAll shortcut})"
    | Parallel (branches, join) ->
        let branches = branches |> List.map describeAll |> String.concat "; "
        let name = if join = Join.Concat then "concat" else "sumOf"
        $"{name} [{branches}]"
    | Gated body -> $"gated ({describeAll body})"
    | Named (name, stages) -> $"{name} ({describeAll stages})"
    | Shared (key, stages) -> $"shared {key} ({describeAll stages})"
    | Frozen stages -> $"frozen ({describeAll stages})"

and private describeAll stages = stages |> List.map describe |> String.concat " >> "
