/// ONNX graphs as pipelines with their weights: operators are read one by one, the tree of branches is found again, and
/// what several operators mean together becomes a stage.
module internal Fovea.OnnxImport

open System
open System.Collections.Generic
open System.Text.Json
open Fovea.Core.Formats
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.OnnxFlow
open Fovea.OnnxOperators

let private refuse sentence : 'result = raise (DataFormatException $"onnx: {sentence}")

// ---- What is fed to the network ----

let private keepsOrder = set [ "Add"; "Sub"; "Mul"; "Div"; "Cast"; "Identity"; "Pad" ]

// TensorFlow's habit: images come channels last, and are turned round before the first convolution; what scales them may
// stand before that.
let private comesChannelsLast (graph: OnnxGraph) name =
    let rec turned depth name =
        match graph.Nodes |> Seq.filter (fun node -> node.Inputs.Contains name) |> List.ofSeq with
        | [] -> false
        | readers ->
            readers
            |> List.forall (fun node ->
                if keepsOrder.Contains node.Operator then
                    depth > 0 && node.Outputs.Count > 0 && turned (depth - 1) node.Outputs[0]
                else
                    node.Operator = "Transpose" && wholesOf "perm" node = Some [ 0L; 3L; 1L; 2L ])

    turned 6 name

let private input (graph: OnnxGraph) =
    let constants = HashSet (graph.Initializers |> Seq.map _.Name)

    match graph.Inputs |> Seq.filter (fun value -> not (constants.Contains value.Name)) |> List.ofSeq with
    | [ value ] ->
        if value.ElementType <> int64 OnnxTensor.Float && value.ElementType <> 0L then
            refuse $"input \"{value.Name}\" is not of float32; export a network that takes numbers from 0 to 1"

        let extents = List.ofSeq value.Extents

        match extents with
        | _ :: rest when value.HasShape && rest |> List.exists (fun extent -> extent < 1L) ->
            refuse
                $"""input "{value.Name}" has an extent that is not fixed, besides the batch; export the network for images of one size"""
        | [ _; features ] ->
            Limits.requireInput "onnx" [ int (min features (int64 Int32.MaxValue)) ]
            value.Name, { Id = 0; Shape = Shape.Of [| int features |]; Order = ChannelsFirst }
        | [ _; first; second; third ] ->
            let last = comesChannelsLast graph value.Name

            let extents =
                if last then [ third; first; second ] else [ first; second; third ]
                |> List.map (fun extent -> int (min extent (int64 Int32.MaxValue)))

            Limits.requireInput "onnx" extents
            let order = if last then ChannelsLast else ChannelsFirst
            value.Name, { Id = 0; Shape = Shape.Of (Array.ofList extents); Order = order }
        | _ ->
            let listed = extents |> List.map string |> String.concat ", "

            refuse
                $"""input "{value.Name}" has the extents ({listed}); expected images (N, channels, height, width) or vectors (N, features)"""
    | values ->
        let names = values |> List.map _.Name |> String.concat ", "
        refuse $"it has {values.Length} inputs ({names}); only networks with one are read"

// ---- The operators in turn ----

type private Reading = {
    Known: Map<string, Value>
    /// The newest first.
    Operations: Operation list
    Count: int
    /// The numbers of all constants that were reckoned from others.
    Reckoned: int64
}

let private call version (reading: Reading) (node: OnnxNode) =
    let value name =
        if name = "" then
            None
        else
            match Map.tryFind name reading.Known with
            | Some value -> Some value
            | None -> fail node $"it reads \"{name}\", which nothing before it makes"

    { Node = node; Values = [ for name in node.Inputs -> value name ]; Version = version }

let private makes (node: OnnxNode) value (reading: Reading) =
    match List.ofSeq node.Outputs with
    | output :: _ -> { reading with Known = Map.add output value reading.Known }
    | [] -> fail node "it makes nothing"

let private performed (node: OnnxNode) inputs made (flow: Flow) (reading: Reading) =
    let name = if node.Name = "" then Seq.tryHead node.Outputs |> Option.defaultValue "" else node.Name
    let operation = { Name = $"{node.Operator} {name}"; Inputs = inputs; Makes = made }
    let id = reading.Count + 1

    { reading with Operations = operation :: reading.Operations; Count = id }
    |> makes node (Flow { flow with Id = id })

// Operators that make constants of constants could fill any memory, a copy for each.
let private reckoned most (node: OnnxNode) value (reading: Reading) =
    let count =
        match value with
        | Constant tensor -> reading.Reckoned + int64 tensor.Shape.Count
        | _ -> reading.Reckoned

    if count > most then
        fail node "the constants that are reckoned from others take many times the memory of the file's own"
    else
        makes node value { reading with Reckoned = count }

let private readNode version most (reading: Reading) (node: OnnxNode) =
    match read (call version reading node) with
    | Reckoned value -> reckoned most node value reading
    | Known value -> makes node value reading
    | Pieces (from, pieces, flow) -> performed node [ from.Id ] (One pieces) flow reading
    | Meeting (flows, joint, factor, flow) ->
        performed node (flows |> List.map _.Id) (Many (joint, factor)) flow reading

let private version (model: OnnxModel) =
    match model.OperatorSets |> Seq.tryFind (fun set -> set.Domain = "" || set.Domain = "ai.onnx") with
    | Some set when set.Version >= 7L -> set.Version
    | Some set -> refuse $"its operators are of version {set.Version}; version 7 and later are read"
    | None -> refuse "it does not say which version its operators are of; the file is damaged"

let private output (graph: OnnxGraph) (reading: Reading) =
    match List.ofSeq graph.Outputs with
    | [ value ] ->
        match Map.tryFind value.Name reading.Known with
        | Some (Flow ({ Order = ChannelsFirst | ChannelsLast } as flow)) -> flow.Id
        | Some (Flow _) -> refuse $"output \"{value.Name}\" has its numbers in an order of its own"
        | Some _ -> refuse $"output \"{value.Name}\" does not depend on the images"
        | None -> refuse $"nothing makes its output \"{value.Name}\"; the file is damaged"
    | values ->
        let names = values |> List.map _.Name |> String.concat ", "
        refuse $"it has {values.Length} outputs ({names}); only networks with one are read"

// ---- The pipeline and its parameters ----

let private pipelineOf input (made: OnnxStages.Made list) =
    let stages = made |> List.map _.Stage
    let pipeline = { Input = input; Stages = stages; Shape = Lowering.shapeAfter input stages }

    match Pipeline.fault pipeline with
    | None -> pipeline
    | Some fault -> refuse $"its operators do not fit together: {fault.Message}"

let private parametersOf pipeline (made: OnnxStages.Made list) =
    let graph = Pipeline.graph pipeline
    let owners = graph.Vertices |> Seq.filter (fun vertex -> vertex.Parameters.Count > 0) |> List.ofSeq

    let values =
        List.zip owners (made |> List.collect _.Parameters)
        |> List.collect (fun (vertex, own) -> own |> List.map (fun (name, value) -> $"{vertex.Name}.{name}", value))
        |> Map

    [
        for wanted in graph.Parameters do
            match Map.tryFind wanted.Name values with
            | Some value when value.Shape = wanted.Spec.Shape ->
                Parameter (wanted.Name, wanted.Spec.Role, value, wanted.Trains)
            | Some value when value.Count = wanted.Spec.Shape.Count ->
                Parameter (wanted.Name, wanted.Spec.Role, value.Reshape wanted.Spec.Shape, wanted.Trains)
            | Some value -> refuse $"{wanted.Name} is to be {wanted.Spec.Shape}, and the file's is {value.Shape}"
            | None -> refuse $"{wanted.Name} is not in the file"
    ]

let private classes (model: OnnxModel) =
    model.Metadata
    |> Seq.tryFind (fun text -> text.Key = "classes")
    |> Option.map (fun text ->
        try
            JsonSerializer.Deserialize<string array> text.Value |> Option.ofObj |> Option.defaultValue [||]
        with :? JsonException -> [||])
    |> Option.map (Array.filter (isNull >> not) >> List.ofArray)
    |> Option.defaultValue []

/// The pipeline, the parameters and the names of the classes of an ONNX model.
/// Raises a DataFormatException, one sentence, where the file is damaged or a pipeline cannot say what is in it.
let read (model: OnnxModel) =
    let graph = model.Graph

    if graph.Nodes.Count > Limits.stages then
        refuse $"it has {graph.Nodes.Count:N0} operators; no more than {Limits.stages:N0} are read"

    if graph.SparseInitializers.Count > 0 then
        refuse "it has sparse weights, which are not read"

    let name, flow = input graph

    let start = {
        Known =
            graph.Initializers
            |> Seq.map (fun tensor -> tensor.Name, Constant tensor)
            |> Map.ofSeq
            |> Map.add name (Flow flow)
        Operations = []
        Count = 0
        Reckoned = 0L
    }

    let most = 1_000_000L + 4L * (graph.Initializers |> Seq.sumBy (fun tensor -> int64 tensor.Shape.Count))

    try
        let reading = graph.Nodes |> Seq.fold (readNode (version model) most) start
        let made = OnnxTree.steps (List.rev reading.Operations) (output graph reading) |> OnnxStages.ofSteps
        let pipeline = pipelineOf flow.Shape made
        pipeline, parametersOf pipeline made, classes model
    with
    // Of values that a layer refuses.
    | :? ShapeException
    | :? ArgumentException
    | :? OverflowException as fault ->
        raise (DataFormatException ($"onnx: {fault.Message}; the file is damaged, or says what no pipeline can", fault))
