/// From a tree of stages to Core's graph of operations.
module internal Fovea.Lowering

open Fovea.Core.Layers
open Fovea.Core.Plans

/// Where a walk over the stages has come to: layers of each kind so far, how names begin there, the key whose weights are
/// shared there, and the names of all layers so far, each with its own key.
type private Walk = {
    Builder: GraphBuilder
    Counts: Map<string, int>
    Prefix: string
    Key: string option
    Names: Map<string, string option>
    Trained: Trained
    /// The max pools so far, by their full names: the value that each was given, and the operation.
    Pools: Map<string, int * Node>
}

let private numbered kind walk =
    let count = 1 + (walk.Counts |> Map.tryFind kind |> Option.defaultValue 0)
    $"{walk.Prefix}{kind}{count}", { walk with Counts = walk.Counts |> Map.add kind count }

let private within prefix walk = { walk with Prefix = prefix; Counts = Map.empty }

let private afterwards outer inner = { outer with Names = inner.Names; Pools = inner.Pools }

let private fail where what mend = raise (Fovea.Core.Shapes.ShapeException (where, what, mend))

// Layers of one name have one set of weights: that is to be said, never to happen.
let private owned name walk =
    match Map.tryFind name walk.Names with
    | Some key when key.IsNone || key <> walk.Key ->
        fail
            name
            "there is a layer of that name already"
            "give each named part a name of its own, or share weights with shared \"key\""
    | _ -> { walk with Names = walk.Names |> Map.add name walk.Key }

// More numbers than any image between two layers has: 1 GiB of them.
let private mostElements = 1 <<< 28

// So that no description of a network, wherever it comes from, asks for more in the making than it would in use.
let private require (layer: Fovea.Core.Layers.Layer) (shape: Shape) =
    if shape.Count > mostElements then
        fail
            (string layer)
            $"one image's output {shape} has more than {mostElements:N0} elements"
            "use smaller images, fewer filters or less padding"

// A pool is found by its own name or by that of the block that it is in, from the block at hand outwards.
let private poolNamed (name: string) walk =
    let rec scopes (prefix: string) = [
        prefix

        if prefix <> "" then
            yield! scopes (prefix.Substring (0, prefix.TrimEnd('.').LastIndexOf '.' + 1))
    ]

    let isOf (full: string) (pool: string) =
        pool = full || pool.StartsWith (full + ".", System.StringComparison.Ordinal)

    scopes walk.Prefix
    |> List.tryPick (fun prefix ->
        match walk.Pools |> Map.filter (fun pool _ -> isOf (prefix + name) pool) |> Map.toList with
        | [] -> None
        | [ _, pool ] -> Some pool
        | several ->
            let pools = several |> List.map fst |> String.concat ", "
            fail $"maxUnpool {name}" $"\"{name}\" could be any of {pools}" "give the full name of one")

// A layer that undoes a max pool of the network, with that.
let private (|Unpooling|_|) walk (layer: Fovea.Core.Layers.Layer) =
    match box layer with
    | :? IUnpool as unpool -> poolNamed unpool.Pool walk |> Option.map (fun pool -> unpool, pool)
    | _ -> None

let private (|Pooling|_|) (node: Node) =
    match node with
    | :? MaxPoolingNode -> Some ()
    | :? SignalNode as signal when (signal.Image :? MaxPoolingNode) -> Some ()
    | _ -> None

let rec private add (value, walk) stage =
    match stage with
    | Layer (Unpooling walk (unpool, (source, pool)) as layer) ->
        let node = unpool.Resolve (walk.Builder.ShapeOf value, pool)
        let name, walk = numbered layer.Kind walk
        let walk = owned name walk
        walk.Builder.Add (name, node, walk.Trained, value, source), walk
    | Layer layer ->
        let node = layer.Resolve (walk.Builder.ShapeOf value)
        require layer node.Output
        let name, walk = numbered layer.Kind walk
        let walk = owned name walk

        let walk =
            match node with
            | Pooling -> { walk with Pools = walk.Pools |> Map.add name (value, node) }
            | _ -> walk

        walk.Builder.Add (name, node, walk.Trained, value), walk
    | Residual (body, shortcut) ->
        let made, walk = addAll (value, walk) body
        let kept, walk = addAll (value, walk) shortcut
        let made', kept' = walk.Builder.ShapeOf made, walk.Builder.ShapeOf kept

        if made' <> kept' then
            fail
                "residual"
                $"the body gives {made'} and the shortcut {kept'}"
                "give residual a shortcut, such as conv (filters, 1, stride = ...), that makes them equal"

        let name, walk = numbered "add" walk
        walk.Builder.Add (name, SumNode made', walk.Trained, made, kept), walk
    | Parallel ([], _) ->
        raise (Fovea.Core.Shapes.ShapeException ("concat", "there is no branch", "give at least one: concat [ a; b ]"))
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

        let node = GateNode (walk.Builder.ShapeOf value, walk.Builder.ShapeOf factors)

        let name, walk = numbered "gate" walk
        walk.Builder.Add (name, node, walk.Trained, value, factors), walk
    | Named (name, stages) ->
        let value, inner = addAll (value, within $"{walk.Prefix}{name}." walk) stages
        value, afterwards walk inner
    | Tagged (_, stages) -> addAll (value, walk) stages
    | Shared (key, stages) ->
        // The same names, so the same parameters, wherever the key is used.
        let value, inner = addAll (value, { within $"{key}." walk with Key = Some key }) stages
        value, afterwards walk inner
    | Frozen stages -> trainedAtMost Trained.Nothing stages (value, walk)
    | BiasesOnly stages -> trainedAtMost Trained.Biases stages (value, walk)

and private trainedAtMost most stages (value, walk) =
    let value, inner = addAll (value, { walk with Trained = min most walk.Trained }) stages
    value, { inner with Trained = walk.Trained }

and private joined values walk =
    match values with
    | [ single ] -> single, walk
    | _ ->
        let shapes = values |> List.map walk.Builder.ShapeOf |> ResizeArray
        let name, walk = numbered "concat" walk
        walk.Builder.Add (name, ConcatNode shapes, walk.Trained, Array.ofList values), walk

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
    walk.Builder.Add (name, SumNode first, walk.Trained, sum, next), walk

and private addAll start stages = List.fold add start stages

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
    | Tagged (tag, stages) -> $"{tag} ({describeAll stages})"
    | Shared (key, stages) -> $"shared {key} ({describeAll stages})"
    | Frozen stages -> $"frozen ({describeAll stages})"
    | BiasesOnly stages -> $"biasesOnly ({describeAll stages})"

and private describeAll stages = stages |> List.map describe |> String.concat " >> "

let private start input =
    Graph.InputValue,
    {
        Builder = GraphBuilder input
        Counts = Map.empty
        Prefix = ""
        Key = None
        Names = Map.empty
        Trained = Trained.Everything
        Pools = Map.empty
    }

/// The graph of stages over images of a shape.
let graph input stages =
    let output, walk = addAll (start input) stages
    walk.Builder.Build output

/// The shape that stages make of images of a shape, or the first of them that does not fit where it stands.
let shapeAfter input stages =
    let next state stage =
        state
        |> Result.bind (fun at ->
            try
                Ok (add at stage)
            with :? Fovea.Core.Shapes.ShapeException as fault ->
                Error { Fault.Stage = describe stage; Fault.Message = fault.Message })

    List.fold next (Ok (start input)) stages
    |> Result.map (fun (value, walk) -> walk.Builder.ShapeOf value)
