namespace Fovea

open System
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors

/// What a pixel sees of the network's input: the field's size, and how far apart neighbouring fields lie, along rows and
/// columns. A size beyond the input means that it sees all of it.
[<RequireQualifiedAccess>]
type ReceptiveField = {
    /// Height and width of the field, in input pixels.
    Field: int * int
    /// Input pixels between the fields of neighbouring outputs.
    Step: int * int
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
    /// Multiply-accumulates of the forward pass of one image.
    Macs: int64
    /// Bytes of one image's output, float32.
    Bytes: int64
    /// What one output pixel sees of the input.
    Receptive: ReceptiveField
}

module internal Summary =

    let private start = {
        ReceptiveField.Field = 1, 1
        ReceptiveField.Step = 1, 1
        ReceptiveField.Start = 0, 0
        ReceptiveField.Whole = false
    }

    let private through (window: Window) (field, step, start) =
        field + (window.Extent - 1) * step, step * window.Stride, start - window.Low * step

    let private reach (reach: Reach) (seen: ReceptiveField) =
        let vertical, vStep, vStart = through reach.Vertical (fst seen.Field, fst seen.Step, fst seen.Start)

        let horizontal, hStep, hStart = through reach.Horizontal (snd seen.Field, snd seen.Step, snd seen.Start)

        {
            ReceptiveField.Field = vertical, horizontal
            ReceptiveField.Step = vStep, hStep
            ReceptiveField.Start = vStart, hStart
            ReceptiveField.Whole = seen.Whole || reach.Everything
        }

    // Where branches meet, a pixel sees what either of them sees: along each axis, from the first pixel to the last.
    let private meet (a: ReceptiveField) (b: ReceptiveField) =
        let along part =
            let first = min (part a.Start) (part b.Start)
            let behind = max (part a.Start + part a.Field) (part b.Start + part b.Field)
            behind - first, max (part a.Step) (part b.Step), first

        let (vertical, vStep, vStart), (horizontal, hStep, hStart) = along fst, along snd

        {
            ReceptiveField.Field = vertical, horizontal
            ReceptiveField.Step = vStep, hStep
            ReceptiveField.Start = vStart, hStart
            ReceptiveField.Whole = a.Whole || b.Whole
        }

    let private seenBy (fields: ReceptiveField list) (vertex: Vertex) =
        vertex.Inputs |> Seq.map (fun value -> fields[value]) |> Seq.reduce meet

    let private fields (graph: Graph) =
        graph.Vertices
        |> Seq.fold (fun fields vertex -> fields @ [ reach vertex.Node.Reach (seenBy fields vertex) ]) [ start ]

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
        let fields = fields graph
        let owned = owned graph

        Seq.zip graph.Vertices layers
        |> Seq.mapi (fun v (vertex, layer) -> {
            Row.Name = vertex.Name
            Row.Layer = layer
            Row.Output = vertex.Node.Output
            Row.Parameters = owned |> Map.tryFind v |> Option.defaultValue 0L
            Row.Macs = vertex.Node.Macs
            Row.Bytes = 4L * int64 vertex.Node.Output.Count
            Row.Receptive = fields[v + 1]
        })
        |> List.ofSeq

    let private number (value: int64) = value.ToString ("N0", Globalization.CultureInfo.InvariantCulture)

    let private size (bytes: int64) =
        match float bytes with
        | b when b >= 1e6 -> FormattableString.Invariant $"{b / 1e6:N1} MB"
        | b when b >= 1e3 -> FormattableString.Invariant $"{b / 1e3:N1} kB"
        | b -> FormattableString.Invariant $"{b:N0} B"

    let private field receptive =
        match receptive with
        | { ReceptiveField.Whole = true } -> "all"
        | { ReceptiveField.Field = height, width } when height = width -> string height
        | { ReceptiveField.Field = height, width } -> $"{height}×{width}"

    let private line (row: Row) = [
        row.Name
        row.Layer
        string row.Output
        number row.Parameters
        number row.Macs
        size row.Bytes
        field row.Receptive
    ]

    let private align widths cells =
        List.zip3 [ 0..6 ] widths cells
        |> List.map (fun (column, width: int, cell: string) ->
            if column < 3 then cell.PadRight width else cell.PadLeft width)
        |> String.concat "  "
        |> _.TrimEnd()

    /// The table as text: a line a layer, then the totals.
    let table (input: Shape) (rows: Row list) =
        let header = [ "name"; "layer"; "output"; "parameters"; "MACs"; "memory"; "sees" ]

        let first = [ "input"; ""; string input; ""; ""; size (4L * int64 input.Count); "" ]

        let total = [
            "total"
            ""
            ""
            number (rows |> List.sumBy _.Parameters)
            number (rows |> List.sumBy _.Macs)
            size (rows |> List.sumBy _.Bytes)
            ""
        ]

        let lines = header :: first :: List.map line rows @ [ total ]
        let widths = lines |> List.transpose |> List.map (List.map String.length >> List.max)
        let rule = String ('─', List.sum widths + 2 * (widths.Length - 1))

        match lines |> List.map (align widths) with
        | header :: rest -> [ header; rule ] @ List.take (rest.Length - 1) rest @ [ rule; List.last rest ]
        | [] -> []
