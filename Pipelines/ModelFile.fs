namespace Fovea

open System
open System.Collections.Generic
open System.Text.Json
open System.Text.Json.Serialization
open Fovea.Core.Formats
open Fovea.Core.Tensors

/// What a model's file holds beside its tensors.
[<RequireQualifiedAccess>]
type internal ModelHeader = {
    /// What it was built from; None where stages of one's own, or another program, left it out.
    Pipeline: Pipeline option
    Classes: string list
    History: Epoch list
    /// The stages of one's own, by name.
    Custom: string option
}

/// Models as safetensors files: the parameters by name, and in the metadata
///
///     format     pt            the layouts are PyTorch's, and so are what names mean
///     fovea      1             the version of what follows
///     pipeline   JSON          the stages, as StageJson describes them
///     source     F# text       the same for a reader
///     classes    JSON          the names of the classes
///     history    JSON          what every epoch of training gave
///     custom     text          in place of pipeline and source: the stages that cannot be written
///     run        1             of a checkpoint alone: see RunFile; tensors of the run begin with run/
module internal ModelFile =

    let private version = "1"

    /// What the names of a checkpoint's tensors begin with that are not the model's.
    let runPrefix = "run/"

    /// The metadata that makes a file a checkpoint.
    let runKey = "run"

    let private json = JsonSerializerOptions (NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)

    /// A value of plain records, lists, texts and numbers as JSON.
    let toJson value = JsonSerializer.Serialize (value, json)

    /// Such a value again; a DataFormatException where the text is none.
    let ofJson<'value> what (text: string) =
        try
            let value = JsonSerializer.Deserialize<'value>(text, json)

            if isNull (box value) then
                raise (JsonException "null")

            value
        with
        | :? JsonException
        | :? NotSupportedException
        | :? InvalidOperationException as fault ->
            raise (DataFormatException ($"the {what} in its metadata cannot be read; the file is damaged", fault))

    // An array's items, none of them null.
    let private items<'item> what text =
        let items = ofJson<'item array> what text

        if items |> Array.exists (box >> isNull) then
            raise (DataFormatException $"the {what} in its metadata lacks an entry; the file is damaged")

        List.ofArray items

    // ---- Writing ----

    let private pipelineTexts (pipeline: Pipeline) =
        match pipeline.Stages |> List.collect LayerText.custom |> List.distinct with
        | [] -> [ "pipeline", Pipeline.toJson pipeline; "source", Pipeline.toSource pipeline ]
        | own -> [ "custom", String.concat ", " own ]

    /// The metadata of a model.
    let texts pipeline (classes: string list) (history: Epoch list) = [
        "format", "pt"
        "fovea", version
        yield! pipelineTexts pipeline
        if not classes.IsEmpty then
            "classes", toJson (Array.ofList classes)
        if not history.IsEmpty then
            "history", toJson (Array.ofList history)
    ]

    /// A parameter as safetensors takes it.
    let named (name: string) (value: Tensor) = KeyValuePair (name, value)

    /// Writes tensors and metadata, whole or not at all.
    let write disk path tensors texts = SafeTensors.Save (path, tensors, dict texts |> Dictionary, disk)

    // ---- Reading ----

    let private find key (file: SafeTensorsFile) =
        match file.Metadata.TryGetValue key with
        | true, text -> Some text
        | _ -> None

    /// What a file's metadata say. Metadata of other programs say nothing.
    let header (file: SafeTensorsFile) =
        match find "fovea" file with
        | None -> {
            ModelHeader.Pipeline = None
            ModelHeader.Classes = []
            ModelHeader.History = []
            ModelHeader.Custom = None
          }
        | Some found when found <> version ->
            raise (
                DataFormatException
                    $"it was written in version {found} of the format, and this is version {version}; use a newer Fovea"
            )
        | Some _ -> {
            ModelHeader.Pipeline = find "pipeline" file |> Option.map Pipeline.ofJson
            ModelHeader.Classes = find "classes" file |> Option.map (items "classes") |> Option.defaultValue []
            ModelHeader.History = find "history" file |> Option.map (items "history") |> Option.defaultValue []
            ModelHeader.Custom = find "custom" file
          }

    /// The tensors of the model, without those of the run that a checkpoint holds.
    let entries (file: SafeTensorsFile) =
        let isRun = file.Metadata.ContainsKey runKey

        file.Entries
        |> List.ofSeq
        |> List.filter (fun entry -> not (isRun && entry.Name.StartsWith (runPrefix, StringComparison.Ordinal)))

    /// Opens a file and reads from it; what is wrong with it is told with its path.
    let reading (path: string) (read: SafeTensorsFile -> 'result) =
        use file = SafeTensors.Open path

        try
            read file
        with :? DataFormatException as fault when not (fault.Message.StartsWith (path, StringComparison.Ordinal)) ->
            raise (DataFormatException ($"{path}: {fault.Message}", fault))

    /// The file's tensors under the names that the model knows them by; those without one are left out.
    let renamed (rename: string -> string) (entries: SafeTensorsEntry list) =
        let named =
            entries
            |> List.map (fun entry -> rename entry.Name, entry)
            |> List.filter (fun (name, _) -> not (String.IsNullOrEmpty name))

        named
        |> List.countBy fst
        |> List.tryFind (fun (_, count) -> count > 1)
        |> Option.iter (fun (name, _) ->
            let theirs =
                named
                |> List.filter (fst >> (=) name)
                |> List.map (fun (_, entry) -> entry.Name)
                |> String.concat ", "

            raise (
                ArgumentException $"model: the names {theirs} are all mapped to {name}; map each to a name of its own"
            ))

        named

    /// Raises the list of what does not fit, if anything does not.
    let requireWhole (report: LoadReport) =
        if not report.IsWhole then
            raise (
                DataFormatException
                    $"its tensors are not the model's; {report}\nmap names with Model.loadNamed, or take what fits with Model.loadMatching"
            )

    /// The pipeline of a file that is to be rebuilt from it alone.
    let requirePipeline (header: ModelHeader) =
        match header.Pipeline, header.Custom with
        | Some pipeline, _ ->
            match Pipeline.fault pipeline with
            | None -> pipeline
            | Some fault -> raise (DataFormatException $"its pipeline does not fit together: {fault.Message}")
        | None, Some stages ->
            raise (
                DataFormatException
                    $"its pipeline has stages of one's own ({stages}), which are not in the file; build the pipeline in a script and use Model.loadInto"
            )
        | None, None ->
            raise (
                DataFormatException
                    "there is no pipeline in it; build one that fits its tensors and use Model.loadInto or Model.loadNamed"
            )
