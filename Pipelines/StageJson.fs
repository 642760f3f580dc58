/// Stages as JSON, so that a file of weights says what they are the weights of:
///
///     { "input": [3, 32, 32], "stages": [ { "conv": { "filters": 32, "kernel": [3, 3], "pad": ["same", "same"], ... } },
///       { "residual": { "body": [...], "shortcut": [...] } }, { "named": { "name": "head", "body": [...] } },
///       { "parallel": { "join": "concat", "branches": [[...], [...]] } }, { "gated": { "body": [...] } },
///       { "tagged": { "tag": "b", "body": [...] } }, { "shared": { "key": "a", "body": [...] } }, { "frozen": { "body": [...] } }, { "biasesOnly": { "body": [...] } } ] }
///
/// A stage is an object with one field, its kind. A size is [height, width]; a pad is the rules of both axes, "valid",
/// "same", "sameSymmetric" or [before, after]; a number that JSON does not have is "nan", "infinity" or "-infinity".
module internal Fovea.StageJson

open System
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open Fovea.Core.Formats
open Fovea.Core.Shapes

// Deeper than any network is, and no deeper than a stack bears.
let private deepest = 256

let private fail sentence = raise (DataFormatException $"pipeline: {sentence}")

// ---- Writing ----

let private writePadding (json: Utf8JsonWriter) (padding: Padding) =
    match padding.Rule with
    | PaddingRule.Valid -> json.WriteStringValue "valid"
    | PaddingRule.Same -> json.WriteStringValue "same"
    | PaddingRule.SameSymmetric -> json.WriteStringValue "sameSymmetric"
    | _ ->
        json.WriteStartArray ()
        json.WriteNumberValue padding.Low
        json.WriteNumberValue padding.High
        json.WriteEndArray ()

let private writeNumber (json: Utf8JsonWriter) (number: float) =
    if Double.IsNaN number then json.WriteStringValue "nan"
    elif Double.IsPositiveInfinity number then json.WriteStringValue "infinity"
    elif Double.IsNegativeInfinity number then json.WriteStringValue "-infinity"
    else json.WriteNumberValue number

let private writeArray (json: Utf8JsonWriter) write items =
    json.WriteStartArray ()
    items |> Seq.iter (write json)
    json.WriteEndArray ()

let private writeWhole (json: Utf8JsonWriter) (number: int) = json.WriteNumberValue number

// A case as a word, and a word as one of the cases.
let private word case = (string case).ToLowerInvariant()

let private caseOf cases what found =
    cases
    |> List.tryFind (fun case -> word case = found)
    |> Option.defaultWith (fun () ->
        let known = cases |> List.map word |> String.concat ", "
        fail $"{what}: expected one of {known}, got \"{found}\"")

let private writeValue (json: Utf8JsonWriter) value =
    match value with
    | StageValue.Whole number
    | StageValue.Count number -> json.WriteNumberValue number
    | StageValue.Number number -> writeNumber json number
    | StageValue.Truth truth -> json.WriteBooleanValue truth
    | StageValue.Numbers numbers -> writeArray json writeNumber numbers
    | StageValue.Extents size -> writeArray json writeWhole [ size.Height; size.Width ]
    | StageValue.Axis axis -> json.WriteNumberValue axis
    | StageValue.Border pad -> writeArray json writePadding [ pad.Vertical; pad.Horizontal ]
    | StageValue.Beyond border -> json.WriteStringValue (word border)
    | StageValue.Mode mode -> json.WriteStringValue (word mode)
    | StageValue.Text text -> json.WriteStringValue text

let private writeKind (json: Utf8JsonWriter) (kind: string) writeFields =
    json.WriteStartObject ()
    json.WriteStartObject kind
    writeFields ()
    json.WriteEndObject ()
    json.WriteEndObject ()

let rec private writeStage (json: Utf8JsonWriter) stage =
    match stage with
    | Layer layer ->
        match LayerText.ofLayer layer with
        | None ->
            raise (
                ArgumentException
                    $"pipeline: stage \"{layer}\" is made of functions of one's own, which cannot be written"
            )
        | Some text ->
            writeKind json text.Kind (fun () ->
                text.Arguments
                |> List.iter (fun argument ->
                    json.WritePropertyName argument.Name
                    writeValue json argument.Value))
    | Residual (body, shortcut) ->
        writeKind json "residual" (fun () ->
            writeStages json "body" body
            writeStages json "shortcut" shortcut)
    | Parallel (branches, join) ->
        writeKind json "parallel" (fun () ->
            json.WriteString ("join", (if join = Join.Concat then "concat" else "sum"))
            json.WritePropertyName "branches"
            writeArray json (fun json branch -> writeArray json writeStage branch) branches)
    | Gated body -> writeKind json "gated" (fun () -> writeStages json "body" body)
    | Named (name, stages) ->
        writeKind json "named" (fun () ->
            json.WriteString ("name", name)
            writeStages json "body" stages)
    | Tagged (tag, stages) ->
        writeKind json "tagged" (fun () ->
            json.WriteString ("tag", tag)
            writeStages json "body" stages)
    | Shared (key, stages) ->
        writeKind json "shared" (fun () ->
            json.WriteString ("key", key)
            writeStages json "body" stages)
    | Frozen stages -> writeKind json "frozen" (fun () -> writeStages json "body" stages)
    | BiasesOnly stages -> writeKind json "biasesOnly" (fun () -> writeStages json "body" stages)

and private writeStages (json: Utf8JsonWriter) (name: string) stages =
    json.WritePropertyName name
    writeArray json writeStage stages

/// The JSON text of a pipeline.
let ofPipeline (input: Shape) stages =
    use stream = new MemoryStream ()

    using
        (new Utf8JsonWriter (
            stream,
            JsonWriterOptions (MaxDepth = deepest, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
        ))
        (fun json ->
            json.WriteStartObject ()
            json.WritePropertyName "input"
            writeArray json writeWhole input
            writeStages json "stages" stages
            json.WriteEndObject ())

    Encoding.UTF8.GetString (stream.ToArray ())

// ---- Reading ----

let private field (owner: string) (name: string) (element: JsonElement) =
    match element.TryGetProperty name with
    | true, value -> value
    | _ -> fail $"{owner} lacks its {name}; the file is damaged"

let private whole (what: string) low high (element: JsonElement) =
    match element.ValueKind with
    | JsonValueKind.Number ->
        match element.TryGetInt32 () with
        | true, number when number >= low && number <= high -> number
        | _ -> fail $"{what}: expected a whole number {low}..{high}, got {element.GetRawText ()}"
    | kind -> fail $"{what}: expected a whole number, got {kind}"

let private items what (element: JsonElement) =
    if element.ValueKind = JsonValueKind.Array then
        List.ofSeq (element.EnumerateArray ())
    else
        fail $"{what}: expected a list, got {element.ValueKind}"

let private text what (element: JsonElement) =
    if element.ValueKind = JsonValueKind.String then
        element.GetString ()
    else
        fail $"{what}: expected text, got {element.ValueKind}"

let private two what element =
    match items what element with
    | [ first; second ] -> first, second
    | others -> fail $"{what}: expected two values, got {others.Length}"

let private number what (element: JsonElement) =
    match element.ValueKind with
    | JsonValueKind.Number -> element.GetDouble ()
    | _ ->
        match text what element with
        | "nan" -> nan
        | "infinity" -> infinity
        | "-infinity" -> -infinity
        | other -> fail $"{what}: expected a number, got \"{other}\""

let private padding what (element: JsonElement) =
    if element.ValueKind = JsonValueKind.Array then
        let low, high = two what element
        Padding.Of (whole what -Limits.window Limits.window low, whole what -Limits.window Limits.window high)
    else
        match text what element with
        | "valid" -> Padding.Valid
        | "same" -> Padding.Same
        | "sameSymmetric" -> Padding.SameSymmetric
        | other -> fail $"{what}: expected valid, same, sameSymmetric or two numbers, got \"{other}\""

let private optional name (element: JsonElement) =
    match element.TryGetProperty (name: string) with
    | true, value -> Some value
    | _ -> None

let private size least what element =
    let height, width = two what element
    Size (whole what least Limits.window height, whole what least Limits.window width)

// The fields of a layer: what a file of an older version does not have yet takes its usual value.
let private values kind (fields: JsonElement) =
    let get name read usual =
        match optional name fields, usual with
        | Some value, _ -> read $"{kind}, {name}" value
        | None, Some usual -> usual
        | None, None -> fail $"{kind} lacks its {name}; the file is damaged"

    {
        new IStageValues with
            // A number that may be left away, such as an output padding, may be 0.
            member _.Whole (name, usual) =
                get name (fun what -> whole what (if usual = Some 0 then 0 else 1) Int32.MaxValue) usual

            member _.Count name = get name (fun what -> whole what 0 Int32.MaxValue) None

            member _.Number (name, usual) = get name number usual

            member _.Truth (name, usual) =
                get
                    name
                    (fun what value ->
                        match value.ValueKind with
                        | JsonValueKind.True -> true
                        | JsonValueKind.False -> false
                        | other -> fail $"{what}: expected true or false, got {other}")
                    (Some usual)

            member _.Numbers name = get name (fun what value -> items what value |> List.map (number what)) None
            member _.Extents (name, usual) = get name (size (if usual = Some (Size (0, 0)) then 0 else 1)) usual

            member _.Axis name = optional name fields |> Option.map (whole $"{kind}, {name}" -Limits.axes Limits.axes)

            member _.Border name =
                get
                    name
                    (fun what value ->
                        let vertical, horizontal = two what value

                        { Pad.Vertical = padding what vertical; Pad.Horizontal = padding what horizontal })
                    (Some Valid)

            member _.Beyond name =
                get
                    name
                    (fun what value -> text what value |> caseOf [ Zeros; Reflect; Replicate; Circular ] what)
                    (Some Zeros)

            member _.Mode name =
                get name (fun what value -> text what value |> caseOf [ Nearest; Bilinear ] what) (Some Nearest)

            member _.Text name = get name text None
    }

let rec private stage (element: JsonElement) =
    let kind, fields =
        match element.ValueKind with
        | JsonValueKind.Object ->
            match List.ofSeq (element.EnumerateObject ()) with
            | [ only ] when only.Value.ValueKind = JsonValueKind.Object -> only.Name, only.Value
            | _ -> fail "a stage is to be an object with one field, its kind; the file is damaged"
        | other -> fail $"a stage is to be an object, got {other}; the file is damaged"

    let body name = field kind name fields |> items kind |> List.map stage

    match kind with
    | "residual" -> Residual (body "body", body "shortcut")
    | "parallel" ->
        let branches = field kind "branches" fields |> items kind |> List.map (items kind >> List.map stage)

        match field kind "join" fields |> text kind with
        | "concat" -> Parallel (branches, Join.Concat)
        | "sum" -> Parallel (branches, Join.Sum)
        | other -> fail $"parallel, join: expected concat or sum, got \"{other}\""
    | "gated" -> Gated (body "body")
    | "named" -> Named (field kind "name" fields |> text kind, body "body")
    | "tagged" -> Tagged (field kind "tag" fields |> text kind, body "body")
    | "shared" -> Shared (field kind "key" fields |> text kind, body "body")
    | "frozen" -> Frozen (body "body")
    | "biasesOnly" -> BiasesOnly (body "body")
    | _ ->
        match LayerText.toLayer kind (values kind fields) with
        | Some layer -> Layer layer
        | None ->
            fail
                $"there is no stage \"{kind}\"; the file comes from a newer version of Fovea or from a program with stages of its own"

let private input element =
    let extents = items "input" element |> List.map (whole "input" 1 Int32.MaxValue)

    Limits.requireInput "pipeline" extents
    Shape.Of (Array.ofList extents)

let rec private count stage = 1 + (Stage.parts stage |> List.sumBy (List.sumBy count))

let private parse (json: string) =
    try
        JsonDocument.Parse (json, JsonDocumentOptions (MaxDepth = deepest, AllowDuplicateProperties = false))
    with :? JsonException as fault ->
        raise (
            DataFormatException ("pipeline: the text is not JSON, or is nested too deeply; the file is damaged", fault)
        )

/// The input's shape and the stages of a JSON text. Nothing in it is evaluated.
/// Raises a DataFormatException where it is no such text, or names a stage that there is not.
let toPipeline json =
    use document = parse json

    try
        let root = document.RootElement

        if root.ValueKind <> JsonValueKind.Object then
            fail $"expected an object, got {root.ValueKind}; the file is damaged"

        let stages = field "the pipeline" "stages" root |> items "stages" |> List.map stage

        if List.sumBy count stages > Limits.stages then
            fail $"more than {Limits.stages:N0} stages are not read"

        input (field "the pipeline" "input" root), stages
    with
    // Of lone surrogates in names, and of values that a layer refuses.
    | :? InvalidOperationException
    | :? ArgumentException as fault ->
        raise (DataFormatException ($"pipeline: {fault.Message}; the file is damaged", fault))
