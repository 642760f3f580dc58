namespace Fovea

open System
open Fovea.Core.Plans
open Fovea.Core.Shapes

/// A network as a value: the shape of one input image, a tree of stages, and the shape that they make of it, or the
/// first stage that does not fit. Stages are functions from pipeline to pipeline: `|>` strings them, `>>` makes blocks.
[<StructuredFormatDisplay("{Display}"); CustomEquality; NoComparison>]
type Pipeline = {
    /// The shape of one input image: (C, H, W), or (features).
    Input: Shape
    /// The stages, in order.
    Stages: Stage list
    /// The shape of one image after the last stage, or the first fault. Stages after a fault are kept, unchecked.
    Shape: Result<Shape, Fault>
} with

    /// A pipeline is what it was built from: equal inputs and stages, equal pipelines.
    override this.Equals other =
        match other with
        | :? Pipeline as that -> this.Input = that.Input && this.Stages = that.Stages
        | _ -> false

    override this.GetHashCode () = hash (this.Input, this.Stages)

    /// The table that the REPL prints.
    override this.ToString () = this.Table |> String.concat "\n"

    /// What the REPL prints.
    member this.Display = "\n" + this.ToString ()

    /// The operations, without the stages from a fault on.
    member internal this.Sound =
        match this.Shape with
        | Ok _ -> this.Stages
        | Error _ ->
            this.Stages
            |> List.scan (fun sound stage -> sound @ [ stage ]) []
            |> List.takeWhile (fun stages -> Pipeline.Try (fun () -> Lowering.graph this.Input stages) |> Result.isOk)
            |> List.last

    static member internal Try<'result> (build: unit -> 'result) : Result<'result, string> =
        try
            Ok (build ())
        with :? ShapeException as fault ->
            Error fault.Message

    /// The table's lines.
    member internal this.Rows =
        let text (leaf: Stage.Leaf) =
            let operation =
                match leaf.Operation with
                | Stage.Single layer -> string layer
                | Stage.Joint Stage.Added -> "add"
                | Stage.Joint Stage.Concatenated -> "concat"
                | Stage.Joint Stage.Multiplied -> "gate"

            match leaf.Trained with
            | Trained.Nothing -> operation + ", frozen"
            | Trained.Biases -> operation + ", biases only"
            | _ -> operation

        Summary.rows (Lowering.graph this.Input this.Sound) (Stage.leaves this.Sound |> List.map text)

    member private this.Table =
        let table = string (Summary.short this.Input this.Rows)

        match this.Shape with
        | Ok _ -> [ table ]
        | Error fault -> [ table; $"✗ {fault.Message}" ]

/// A user's layer is Core's: see `layer` and `Pipeline.add`.
module Pipeline =

    /// A pipeline without stages, over images of a shape.
    let ofShape input = { Input = input; Stages = []; Shape = Ok input }

    /// Adds a stage: what every stage function does.
    let add stage pipeline =
        let stages = pipeline.Stages @ [ stage ]

        // Names and shared weights are matters of the whole.
        {
            pipeline with
                Stages = stages
                Shape = pipeline.Shape |> Result.bind (fun _ -> Lowering.shapeAfter pipeline.Input stages)
        }

    /// The stages that a stage function adds to a pipeline that begins at the running shape. From a fault on, shapes are
    /// unknown and the stages are taken as they come over the input.
    let internal stagesOf (block: Pipeline -> Pipeline) pipeline =
        let start = pipeline.Shape |> Result.map ofShape |> Result.defaultValue (ofShape pipeline.Input)

        (block start).Stages

    /// A list of stage functions as one: how to build from data, and how FsCheck generates networks.
    let sequential (blocks: (Pipeline -> Pipeline) list) = blocks |> List.fold (>>) id

    /// The network as Core's graph of operations.
    /// Raises the first fault, if there is one.
    let graph pipeline =
        match pipeline.Shape with
        | Ok _ -> Lowering.graph pipeline.Input pipeline.Stages
        | Error fault -> raise (ShapeException fault.Message)

    /// The first fault, if a stage does not fit.
    let fault pipeline =
        match pipeline.Shape with
        | Ok _ -> None
        | Error fault -> Some fault

    /// The shape of one image's output. Raises the first fault, if there is one.
    let outputShape pipeline =
        match pipeline.Shape with
        | Ok shape -> shape
        | Error fault -> raise (ShapeException fault.Message)

    /// The table's lines as data: name, layer, output shape, parameters, multiply-accumulates, bytes, receptive field.
    let rows (pipeline: Pipeline) = pipeline.Rows

    /// The table as text.
    let summary (pipeline: Pipeline) = string pipeline

    /// The table that the REPL prints, as a value for reports.
    let table (pipeline: Pipeline) = Summary.short pipeline.Input (rows pipeline)

    /// What one image costs: multiply-accumulates and floating-point operations, forward and backward, a line a stage.
    let costs pipeline = Summary.costs (rows pipeline)

    /// What one place of every stage's output sees: receptive field, effective stride and offset.
    let receptiveFields pipeline = Summary.fields (rows pipeline)

    /// Every convolution beside the dense layer that would do its job, and how many times more parameters that needs.
    let asDense pipeline = Summary.dense (graph pipeline) (rows pipeline)

    /// The number of parameters, without buffers such as running statistics.
    let parameterCount pipeline = rows pipeline |> List.sumBy _.Parameters

    /// Multiply-accumulates of the forward pass of one image.
    let macs pipeline = rows pipeline |> List.sumBy _.Macs

    /// Floating-point operations of the forward pass of one image, as `Row.Flops` counts them.
    let flops pipeline = rows pipeline |> List.sumBy _.Flops

    /// What one pixel of the last stage's output sees of the input.
    let receptiveField pipeline =
        rows pipeline
        |> List.tryLast
        |> Option.map _.Receptive
        |> Option.defaultValue {
            ReceptiveField.Field = 1, 1
            ReceptiveField.Step = 1.0, 1.0
            ReceptiveField.Start = 0, 0
            ReceptiveField.Whole = false
        }

    /// What a place (row, column) of the last stage's output sees of the input, padding counted in: top, left, height, width.
    let sees place pipeline =
        match Summary.seen (graph pipeline) |> List.tryLast with
        | Some seen -> Summary.sees pipeline.Input place seen
        | None -> fst place, snd place, 1, 1

    /// Bytes that a training step (or, untrained, an answer) for a batch takes beside parameters and optimizer state:
    /// known before anything is allocated.
    let memory training batch pipeline =
        if batch < 1 then
            raise (ArgumentException $"memory: a batch of {batch} images takes none; give 1 or more")

        let options = if training then PlanOptions.Training batch else PlanOptions (batch)

        Plan.Create(graph pipeline, options, Fovea.Core.Operations.Threads.Count).Bytes

    /// Bytes of activations and parameters for a batch, a line a stage, and the planned peaks of training and inference.
    let memoryTable batch pipeline =
        Summary.memory pipeline.Input batch (memory true batch pipeline) (memory false batch pipeline) (rows pipeline)

    // ---- Taken apart and put together again ----

    let private rebuilt input stages = List.fold (fun pipeline stage -> add stage pipeline) (ofShape input) stages

    let private within count (pipeline: Pipeline) =
        if count >= 0 && count <= pipeline.Stages.Length then
            count
        else
            invalidArg
                (nameof count)
                $"pipeline: there are {pipeline.Stages.Length} stages, got {count}; use 0..{pipeline.Stages.Length}"

    /// The first so many stages: the body of a network without its head.
    let take count (pipeline: Pipeline) = rebuilt pipeline.Input (List.take (within count pipeline) pipeline.Stages)

    /// The network without its first so many stages, over what they make of its input: its head without its body.
    let skip count (pipeline: Pipeline) =
        let body = take count pipeline
        rebuilt (outputShape body) (List.skip count pipeline.Stages)

    /// A network's stages as a block: `input (3, 32, 32) |> upsample 7 |> Pipeline.block Zoo.resNet18`.
    let block (network: Pipeline) (pipeline: Pipeline) =
        List.fold (fun running stage -> add stage running) pipeline network.Stages

    /// The same stages over inputs of another shape: `Zoo.resNet18 |> Pipeline.over [ 3; 64; 64 ]`.
    let over (extents: int list) (pipeline: Pipeline) = block pipeline (ofShape (Shape.Of (Array.ofList extents)))

    let rec private labels stages =
        stages
        |> List.collect (fun stage ->
            let inner = Stage.parts stage |> List.collect labels

            match stage with
            | Named (label, _)
            | Tagged (label, _) -> label :: inner
            | _ -> inner)

    let private isLabelled name stage =
        match stage with
        | Named (label, _)
        | Tagged (label, _) -> label = name
        | _ -> false

    let private requireLabel name stages =
        let known = labels stages |> List.distinct

        if not (List.contains name known) then
            let known = if known.IsEmpty then "none" else String.concat ", " known
            invalidArg (nameof name) $"pipeline: there is no block named or tagged \"{name}\"; there are: {known}"

    // Where among the outermost stages a block stands, itself or inside another.
    let private placeOf name (pipeline: Pipeline) =
        requireLabel name pipeline.Stages

        pipeline.Stages |> List.findIndex (fun stage -> List.contains name (labels [ stage ]))

    /// The network up to a named or tagged block, with it: `Zoo.vgg16 |> Pipeline.upTo "features"`. A block inside another
    /// counts as the outermost around it. Raises an ArgumentException where there is no such block.
    let upTo name (pipeline: Pipeline) = take (placeOf name pipeline + 1) pipeline

    /// The network behind a named or tagged block, over what that gives.
    /// Raises an ArgumentException where there is no such block.
    let after name (pipeline: Pipeline) = skip (placeOf name pipeline + 1) pipeline

    /// The network with all stages frozen that stand before a named or tagged block: only that block and what follows train.
    /// Raises an ArgumentException where there is no such block.
    let freezeBefore name (pipeline: Pipeline) =
        let body, rest = List.splitAt (placeOf name pipeline) pipeline.Stages
        rebuilt pipeline.Input (if body.IsEmpty then rest else Frozen body :: rest)

    /// The network with another block under a name or tag, wherever `named` or `tag` gave it:
    /// `Pipeline.replace "head" (dense 10)`. Raises an ArgumentException where there is no such block.
    let replace name (block: Pipeline -> Pipeline) (pipeline: Pipeline) =
        requireLabel name pipeline.Stages

        // A block sees the running shape, which is known from the stages before it.
        let rec remade (start: Pipeline) stages =
            (start, stages) ||> List.fold (fun running stage -> add (other running stage) running)

        and other running stage =
            let start = running.Shape |> Result.map ofShape |> Result.defaultValue (ofShape running.Input)

            match stage with
            | Named _
            | Tagged _ when isLabelled name stage -> stage |> Stage.mapParts (fun _ -> (block start).Stages)
            | _ -> stage |> Stage.mapParts (fun part -> (remade start part).Stages)

        remade (ofShape pipeline.Input) pipeline.Stages

    /// The network with every stage, from the innermost outwards, as a function makes it.
    let mapStages (f: Stage -> Stage) (pipeline: Pipeline) =
        let rec mapped stage = stage |> Stage.mapParts (List.map mapped) |> f
        rebuilt pipeline.Input (List.map mapped pipeline.Stages)

    // ---- As text ----

    /// The pipeline as F# text that, evaluated with `open Fovea`, makes it again.
    /// Raises an ArgumentException where a stage is made of functions of one's own, which cannot be written.
    let toSource (pipeline: Pipeline) = StageSource.ofPipeline pipeline.Input pipeline.Stages

    /// The pipeline as JSON text, which `ofJson` reads again without evaluating anything.
    /// Raises an ArgumentException where a stage is made of functions of one's own, which cannot be written.
    let toJson (pipeline: Pipeline) = StageJson.ofPipeline pipeline.Input pipeline.Stages

    /// The pipeline of a JSON text that `toJson` gave.
    /// Raises a DataFormatException where it is no such text.
    let ofJson json =
        let input, stages = StageJson.toPipeline json
        { Input = input; Stages = stages; Shape = Lowering.shapeAfter input stages }
