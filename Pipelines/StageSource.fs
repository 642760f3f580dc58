/// Stages as F# text that makes them again.
module internal Fovea.StageSource

open System
open System.Globalization
open System.Text
open Fovea.Core.Shapes

let private number (value: float) =
    let text = value.ToString ("R", CultureInfo.InvariantCulture)

    if Double.IsNaN value then "nan"
    elif Double.IsInfinity value then (if value > 0.0 then "infinity" else "-infinity")
    elif text |> Seq.forall (fun c -> Char.IsDigit c || c = '-') then text + ".0"
    else text

/// Text in quotes.
let quoted (text: string) =
    let letter c =
        match c with
        | '"' -> "\\\""
        | '\\' -> "\\\\"
        | '\n' -> "\\n"
        | '\r' -> "\\r"
        | '\t' -> "\\t"
        | c when Char.IsControl c || Char.IsSurrogate c || c = '\u2028' || c = '\u2029' -> $"\\u{int c:X4}"
        | c -> string c

    "\"" + String.collect letter text + "\""

let private numbers values = "[ " + (values |> List.map number |> String.concat "; ") + " ]"

let private size (size: Size) =
    if size.Height = size.Width then string size.Height else $"({size.Height}, {size.Width})"

// A rule that holds for both axes stands alone; anything else is put together from two.
let private pad (pad: Pad) =
    let rule (padding: Padding) =
        match padding.Rule with
        | PaddingRule.Valid -> "Valid"
        | PaddingRule.Same -> "Same"
        | PaddingRule.SameSymmetric -> "SameSymmetric"
        | _ -> $"pads ({padding.Low}, {padding.High}, {padding.Low}, {padding.High})"

    let isExplicit (padding: Padding) = padding.Rule = PaddingRule.Explicit

    match pad.Vertical, pad.Horizontal with
    | v, h when isExplicit v && isExplicit h && v.Low = v.High && h.Low = h.High -> size (Size (v.Low, h.Low))
    | v, h when isExplicit v && isExplicit h -> $"pads ({v.Low}, {v.High}, {h.Low}, {h.High})"
    | v, h when v = h -> rule v
    | v, h -> $"padsOf ({rule v}, {rule h})"

let private value given =
    match given with
    | StageValue.Whole number
    | StageValue.Count number -> string number
    | StageValue.Number value -> number value
    | StageValue.Truth truth -> if truth then "true" else "false"
    | StageValue.Numbers values -> numbers values
    | StageValue.Extents extents -> size extents
    | StageValue.Axis axis -> string axis
    | StageValue.Border border -> pad border
    | StageValue.Beyond border -> string border
    | StageValue.Mode mode -> string mode
    | StageValue.Text text -> quoted text

let private argument (argument: StageArgument) =
    match argument.Usual with
    | None -> Some (value argument.Value)
    | Some usual when usual = argument.Value -> None
    | Some _ -> Some $"{argument.Name} = {value argument.Value}"

let private layer (layer: Fovea.Core.Layers.Layer) =
    match LayerText.ofLayer layer with
    | None ->
        raise (
            ArgumentException
                $"pipeline: stage \"{layer}\" is made of functions of one's own, which cannot be written as text; keep the script that makes it"
        )
    | Some text ->
        match text.Arguments |> List.choose argument with
        | [] -> text.Function
        | [ single ] when Char.IsLetterOrDigit single[0] && not (single.Contains ' ') || single[0] = '"' ->
            $"{text.Function} {single}"
        | several -> $"""{text.Function} ({String.concat ", " several})"""

// Lines no longer than this are left as they are.
let private width = 100

let private indented = List.map (fun line -> "    " + line)

/// A function and its arguments in parentheses: on one line where that is short.
let private call head (arguments: string list list) =
    let separated =
        arguments
        |> List.mapi (fun i lines ->
            if i = arguments.Length - 1 then
                lines
            else
                List.mapi (fun j line -> if j = lines.Length - 1 then line + "," else line) lines)
        |> List.concat

    let opened = if head = "" then "(" else $"{head} ("
    let single = $"""{opened}{String.concat " " separated})"""

    if single.Length <= width then [ single ] else [ opened ] @ indented separated @ [ ")" ]

let rec private lines stage : string list =
    match stage with
    | Layer it -> [ layer it ]
    | Residual (body, []) -> call "residual" [ block body ]
    | Residual (body, around) -> call "residual" [ block body; labelled "shortcut = " (together around) ]
    | Parallel (branches, join) ->
        let name = if join = Join.Concat then "concat" else "sumOf"
        let single = branches |> List.map (block >> String.concat " ") |> String.concat "; "
        let whole = $"{name} [ {single} ]"

        if whole.Length <= width then
            [ whole ]
        else
            let apart = branches |> List.collect (fun branch -> call "" [ block branch ])
            [ $"{name} [" ] @ indented apart @ [ "]" ]
    | Gated body -> call "gated" [ block body ]
    | Named (name, stages) -> call $"named {quoted name}" [ block stages ]
    | Tagged (tag, stages) -> call $"tag {quoted tag}" [ block stages ]
    | Shared (key, stages) -> call $"shared {quoted key}" [ block stages ]
    | Frozen stages -> call "frozen" [ block stages ]
    | BiasesOnly stages -> call "biasesOnly" [ block stages ]

// Stages strung with >>.
and private block stages =
    match stages |> List.map lines with
    | [] -> [ "id" ]
    | first :: others -> first @ List.collect (labelled ">> ") others

// A block that stands after an equals sign, which binds no less tightly than >> does.
and private together stages =
    match stages with
    | [ _ ] -> block stages
    | _ -> call "" [ block stages ]

and private labelled label lines = (label + List.head lines) :: List.tail lines

let private input (shape: Shape) =
    match List.ofSeq shape with
    | [ features ] -> $"inputVector {features}"
    | [ channels; length ] -> $"input ({channels}, {length})"
    | [ channels; height; width ] -> $"input ({channels}, {height}, {width})"
    | extents ->
        let extents = extents |> List.map string |> String.concat "; "
        $"Pipeline.ofShape (Shape.Of [| {extents} |])"

/// The F# text of a pipeline.
let ofPipeline shape stages = input shape :: List.collect (lines >> labelled "|> ") stages |> String.concat "\n"
