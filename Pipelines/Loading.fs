namespace Fovea

open Fovea.Core.Formats

/// What became of a file's tensors when a model took those that fit.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type LoadReport = {
    /// The model's parameters that were loaded.
    Loaded: string list
    /// The model's parameters that the file does not have, with their shapes.
    Missing: (string * Shape) list
    /// The file's tensors that the model does not have, with their shapes.
    Unexpected: (string * Shape) list
    /// Those of one name whose shapes differ: the model's shape, then the file's.
    Misshapen: (string * Shape * Shape) list
} with

    /// Whether every parameter was loaded and every tensor was used.
    member this.IsWhole = this.Missing.IsEmpty && this.Unexpected.IsEmpty && this.Misshapen.IsEmpty

    override this.ToString () =
        let listed title line items =
            match items with
            | [] -> []
            | _ -> $"{title}:" :: List.map (fun item -> "  " + line item) items

        $"{this.Loaded.Length} parameters loaded"
        :: listed "missing from the file" (fun (name, shape: Shape) -> $"{name} {shape}") this.Missing
        @ listed "unexpected in the file" (fun (name, shape: Shape) -> $"{name} {shape}") this.Unexpected
        @ listed
            "of another shape"
            (fun (name, ours: Shape, theirs: Shape) -> $"{name}: the model has {ours}, the file {theirs}")
            this.Misshapen
        |> String.concat "\n"

    /// What the REPL prints.
    member this.Display = "\n" + this.ToString ()

/// A file's tensors beside a model's parameters.
module internal Loading =

    /// What would become of a file's tensors, under the names that the model knows them by, given the names and shapes
    /// of the model's parameters.
    let compare (wanted: (string * Shape) list) (entries: (string * SafeTensorsEntry) list) =
        let theirs, ours = Map entries, Map wanted

        let shapes =
            wanted
            |> List.map (fun (name, shape) -> name, shape, theirs |> Map.tryFind name |> Option.map _.Shape)

        {
            LoadReport.Loaded =
                shapes |> List.choose (fun (name, own, found) -> if found = Some own then Some name else None)
            LoadReport.Missing =
                shapes |> List.choose (fun (name, own, found) -> if found.IsNone then Some (name, own) else None)
            LoadReport.Unexpected =
                entries
                |> List.choose (fun (name, entry) -> if ours.ContainsKey name then None else Some (name, entry.Shape))
            LoadReport.Misshapen =
                shapes
                |> List.choose (fun (name, own, found) ->
                    match found with
                    | Some shape when shape <> own -> Some (name, own, shape)
                    | _ -> None)
        }

    /// The parameters, with the values of those tensors that fit.
    let fill (file: SafeTensorsFile) (entries: (string * SafeTensorsEntry) list) (parameters: Parameter list) =
        let theirs = Map entries

        parameters
        |> List.map (fun parameter ->
            match theirs |> Map.tryFind parameter.Name with
            | Some entry when entry.Shape = parameter.Shape ->
                Parameter (parameter.Name, parameter.Role, file.Read entry.Name, parameter.Trains)
            | _ -> parameter.Copy ())
