namespace Fovea

open System
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors

/// What a pixel sees of the network's input: the field's size, and how far apart neighbouring fields lie, along rows and
/// columns. A size beyond the input means that it sees all of it. Where a padding repeats pixels of the image (reflect,
/// replicate, circular), what is seen in the padding is those as well, wherever they are. Behind an enlarging, the fields
/// of neighbours lie less than a pixel apart and need not be of one size: `Pipeline.sees` says what each place sees.
[<RequireQualifiedAccess>]
type ReceptiveField = {
    /// Height and width of the largest field, in input pixels.
    Field: int * int
    /// Input pixels between the fields of neighbouring outputs, on average.
    Step: float * float
    /// Where the field of the first output begins: 0 at the input's first pixel, negative in the padding.
    Start: int * int
    /// Whether it sees everything, as after a dense layer.
    Whole: bool
}

/// One line of a pipeline's table.
[<RequireQualifiedAccess>]
type Row = {
    /// The layer's name, which begins its parameters' names.
    Name: string
    /// The layer, as it is written.
    Layer: string
    /// The shape of one image's output.
    Output: Shape
    /// Parameters, trained or not, without buffers such as running statistics. Weights that are shared count where they
    /// first appear.
    Parameters: int64
    /// Bytes of the parameters, float32.
    ParameterBytes: int64
    /// Multiply-accumulates of the forward pass of one image.
    Macs: int64
    /// Floating-point operations of the forward pass of one image: two for each multiply-accumulate; one an element of
    /// an activation or a sum, two of a normalisation, one a pixel of a pooling's window, five of softmax.
    Flops: int64
    /// Multiply-accumulates of the backward pass of one image in a training step: as many as forward for the gradient of
    /// the weights, where they train, and again for that of the input, where anything before it trains.
    BackwardMacs: int64
    /// Floating-point operations of that backward pass, counted alike.
    BackwardFlops: int64
    /// Bytes of one image's output, float32.
    Bytes: int64
    /// What one output pixel sees of the input.
    Receptive: ReceptiveField
}

/// What the places along one axis of an output see of the input's.
type internal Sight =
    /// Windows of a size, a step apart from a start.
    | Sliding of field: int * step: int * start: int
    /// Anything else, as after an enlarging: a place's first position and its last; and the mean step.
    | Uneven of (int -> struct (int * int)) * step: float

module internal Sight =

    /// The first position that a place sees, and the last.
    let at place sight =
        match sight with
        | Sliding (field, step, start) -> struct (start + place * step, start + place * step + field - 1)
        | Uneven (seen, _) -> seen place

    let step sight =
        match sight with
        | Sliding (_, step, _) -> float step
        | Uneven (_, step) -> step

    // Every place is asked for again and again, by whatever comes after it.
    let private uneven step (seen: int -> struct (int * int)) =
        let known = Collections.Generic.Dictionary<int, struct (int * int)>()

        let remembered place =
            match known.TryGetValue place with
            | true, found -> found
            | _ ->
                let found = seen place
                known[place] <- found
                found

        Uneven (remembered, step)

    /// What is seen through a node, of what its input's places see.
    let through (reach: AxisReach) sight =
        match sight with
        | Sliding (field, step, start) when reach.Divisor = 1 ->
            Sliding (field + (reach.High - reach.Low) * step, step * reach.Scale, start + reach.Low * step)
        | _ ->
            uneven (step sight * float reach.Scale / float reach.Divisor) (fun place ->
                let struct (first, _) = at (reach.First place) sight
                let struct (_, last) = at (reach.Last place) sight
                struct (first, last))

    /// Where branches meet, a place sees what either of them sees: from the first position to the last.
    let meet a b =
        match a, b with
        | Sliding (fieldA, stepA, startA), Sliding (fieldB, stepB, startB) when stepA = stepB ->
            let start = min startA startB
            Sliding (max (startA + fieldA) (startB + fieldB) - start, stepA, start)
        | _ ->
            uneven (max (step a) (step b)) (fun place ->
                let struct (firstA, lastA), struct (firstB, lastB) = at place a, at place b
                struct (min firstA firstB, max lastA lastB))

    /// The size of the largest field of so many places.
    let largest places sight =
        match sight with
        | Sliding (field, _, _) -> field
        | Uneven (seen, _) ->
            Seq.init places (fun place ->
                let struct (first, last) = seen place
                last - first + 1)
            |> Seq.fold max 1

module internal Summary =

    /// What the places of an output see along rows and along columns; none where each sees everything.
    type Seen = (Sight * Sight) option

    let private reach (reach: Reach) (seen: Seen) : Seen =
        seen
        |> Option.filter (fun _ -> not reach.Everything)
        |> Option.map (fun (rows, columns) -> Sight.through reach.Vertical rows, Sight.through reach.Horizontal columns)

    let private seenBy (seen: Seen list) (vertex: Vertex) =
        vertex.Inputs
        |> Seq.map (fun value -> seen[value])
        |> Seq.reduce (
            Option.map2 (fun (rows, columns) (rows', columns') -> Sight.meet rows rows', Sight.meet columns columns')
        )

    /// What the places of every vertex' output see along rows and columns.
    let seen (graph: Graph) : Seen list =
        let start = Some (Sliding (1, 1, 0), Sliding (1, 1, 0))

        graph.Vertices
        |> Seq.fold (fun seen vertex -> seen @ [ reach vertex.Node.Reach (seenBy seen vertex) ]) [ start ]
        |> List.tail

    /// What a place sees of the input: top, left, height, width.
    let sees (input: Shape) (p, q) (seen: Seen) =
        match seen with
        | None -> 0, 0, (if input.Rank = 3 then input[1] else 1), (if input.Rank > 1 then input[input.Rank - 1] else 1)
        | Some (rows, columns) ->
            let struct (top, bottom), struct (left, right) = Sight.at p rows, Sight.at q columns
            top, left, bottom - top + 1, right - left + 1

    let private receptive (output: Shape) (seen: Seen) =
        let both f = Option.defaultValue (Sliding (1, 1, 0), Sliding (1, 1, 0)) seen |> fun (a, b) -> f a, f b
        // A signal's places lie along its columns, as an image of height 1 has them.
        let extent axis = if axis < output.Rank then output[axis] else 1

        let rows, columns =
            match output.Rank with
            | 3 -> extent 1, extent 2
            | _ -> 1, extent 1

        let first sight =
            let struct (first, _) = Sight.at 0 sight
            first

        let vertical, horizontal = both id

        {
            ReceptiveField.Field = Sight.largest rows vertical, Sight.largest columns horizontal
            ReceptiveField.Step = both Sight.step
            ReceptiveField.Start = both first
            ReceptiveField.Whole = seen.IsNone
        }

    // A parameter counts at the vertex where it first appears.
    let private owned (graph: Graph) =
        graph.Vertices
        |> Seq.indexed
        |> Seq.collect (fun (v, vertex) -> vertex.Parameters |> Seq.map (fun p -> p, v))
        |> Seq.distinctBy fst
        |> Seq.filter (fun (p, _) -> graph.Parameters[p].Spec.Role <> ParameterRole.Buffer)
        |> Seq.groupBy snd
        |> Seq.map (fun (v, places) ->
            v, places |> Seq.sumBy (fun (p, _) -> int64 graph.Parameters[p].Spec.Shape.Count))
        |> Map.ofSeq

    /// The table's lines, one an operation.
    let rows (graph: Graph) (layers: string list) =
        let seen = seen graph
        let owned = owned graph
        let costs = Cost.Of graph

        Seq.zip graph.Vertices layers
        |> Seq.mapi (fun v (vertex, layer) -> {
            Row.Name = vertex.Name
            Row.Layer = layer
            Row.Output = vertex.Node.Output
            Row.Parameters = owned |> Map.tryFind v |> Option.defaultValue 0L
            Row.ParameterBytes = 4L * (owned |> Map.tryFind v |> Option.defaultValue 0L)
            Row.Macs = costs[v].Macs
            Row.Flops = costs[v].Flops
            Row.BackwardMacs = costs[v].BackwardMacs
            Row.BackwardFlops = costs[v].BackwardFlops
            Row.Bytes = 4L * int64 vertex.Node.Output.Count
            Row.Receptive = receptive vertex.Node.Output seen[v]
        })
        |> List.ofSeq

    let private field receptive =
        match receptive with
        | { ReceptiveField.Whole = true } -> "all"
        | _ -> Table.extent receptive.Field

    let private place (receptive: ReceptiveField) =
        match receptive.Start with
        | top, left when top = left -> string top
        | top, left -> $"{top}, {left}"

    // Half a pixel behind an enlarging to twice the size.
    let private stride (receptive: ReceptiveField) =
        let text (step: float) = step.ToString ("0.###", Globalization.CultureInfo.InvariantCulture)
        let vertical, horizontal = receptive.Step
        if vertical = horizontal then text vertical else $"{text vertical}×{text horizontal}"

    let private total (f: Row -> int64) rows = rows |> List.sumBy f

    let private table words header (first: string list) (line: Row -> string list) (last: string list) rows = {
        Table.ofRows words header ((if first.IsEmpty then [] else [ first ]) @ List.map line rows) with
            Table.Total = last
    }

    /// What the REPL prints of a pipeline.
    let short (input: Shape) (rows: Row list) =
        table
            3
            [ "name"; "layer"; "output"; "parameters"; "MACs"; "memory"; "sees" ]
            [ "input"; ""; string input; ""; ""; Table.size (4L * int64 input.Count); "" ]
            (fun row -> [
                row.Name
                row.Layer
                string row.Output
                Table.number row.Parameters
                Table.number row.Macs
                Table.size row.Bytes
                field row.Receptive
            ])
            [
                "total"
                ""
                ""
                Table.number (total _.Parameters rows)
                Table.number (total _.Macs rows)
                Table.size (total _.Bytes rows)
                ""
            ]
            rows

    /// What one image costs, forward and backward.
    let costs (rows: Row list) =
        let cells (macs, flops, backwardMacs, backwardFlops) =
            [ macs; flops; backwardMacs; backwardFlops ] |> List.map Table.number

        {
            table
                2
                [ "name"; "layer"; "MACs forward"; "FLOPs forward"; "MACs backward"; "FLOPs backward" ]
                []
                (fun row -> row.Name :: row.Layer :: cells (row.Macs, row.Flops, row.BackwardMacs, row.BackwardFlops))
                ("total"
                 :: ""
                 :: cells (total _.Macs rows, total _.Flops rows, total _.BackwardMacs rows, total _.BackwardFlops rows))
                rows with
                Table.Notes = [ "for one image; a multiply-accumulate (MAC) is two floating-point operations (FLOPs)" ]
        }

    /// What one place of each output sees.
    let fields (rows: Row list) = {
        table
            3
            [ "name"; "layer"; "output"; "sees"; "stride"; "offset" ]
            []
            (fun row ->
                let receptive = row.Receptive

                [ row.Name; row.Layer; string row.Output ]
                @ (if receptive.Whole then
                       [ "all"; ""; "" ]
                   else
                       [ field receptive; stride receptive; place receptive ]))
            []
            rows with
            Table.Notes = [
                "in pixels of the input: the receptive field, how far apart neighbours' fields are, and where the first begins"
            ]
    }

    /// Bytes for a batch, and what the plans of training and inference make of them.
    let memory (input: Shape) batch training inference (rows: Row list) =
        let times bytes = Table.size (int64 batch * bytes)
        let parameters = total _.ParameterBytes rows

        {
            table
                3
                [ "name"; "layer"; "output"; "activations"; "parameters" ]
                [ "input"; ""; string input; times (4L * int64 input.Count); "" ]
                (fun row -> [ row.Name; row.Layer; string row.Output; times row.Bytes; Table.size row.ParameterBytes ])
                [ "total"; ""; ""; times (total _.Bytes rows); Table.size parameters ]
                rows with
                Table.Notes = [
                    $"for a batch of {batch}; planned peak beside the parameters: {Table.size training} in training, {Table.size inference} in inference"
                    "the plan lets buffers share memory whose times do not overlap, and adds gradients, packed weights and scratch"
                ]
        }

    // A dense layer joins every number of its input to every one of its output, and has a bias for each of those.
    let private denseParameters (before: Shape) (after: Shape) =
        int64 before.Count * int64 after.Count + int64 after.Count

    /// Convolutions, whatever kind multiplies and adds over images, beside the dense layers that would do their job.
    let dense (graph: Graph) (rows: Row list) =
        let lines = [
            for vertex, row in Seq.zip graph.Vertices rows do
                let node = vertex.Node

                if node.Macs > 0L && node.Output.Rank = 3 then
                    let before = graph.ShapeOf vertex.Inputs[0]
                    let own = node.Parameters |> Seq.sumBy (fun spec -> int64 spec.Shape.Count)
                    let other = denseParameters before node.Output

                    [
                        row.Name
                        row.Layer
                        string before
                        string node.Output
                        Table.number own
                        Table.number other
                        $"{Table.number (other / max 1L own)}×"
                    ]
        ]

        {
            Table.ofRows 4 [ "name"; "layer"; "input"; "output"; "parameters"; "as a dense layer"; "more" ] lines with
                Table.Notes = [
                    if lines.IsEmpty then
                        "there is no convolution"
                    else
                        "a dense layer joins every number of the input to every one of the output, and has a bias for each of those"
                ]
        }
