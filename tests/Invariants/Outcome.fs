namespace Fovea.Invariants

/// What a check found, as a sentence.
[<StructuredFormatDisplay("{Display}")>]
type Outcome =
    /// It holds; what was looked at.
    | Holds of string
    /// It does not; where, what was expected and what came.
    | Fails of string

    override this.ToString () =
        match this with
        | Holds sentence -> $"✓ {sentence}"
        | Fails sentence -> $"✗ {sentence}"

    /// What the REPL prints.
    member this.Display = this.ToString ()

/// What is done with outcomes.
module Outcome =

    /// Whether it holds.
    let holds outcome =
        match outcome with
        | Holds _ -> true
        | Fails _ -> false

    /// Raises the sentence of a check that fails: how a check becomes a property or a test.
    let require outcome =
        match outcome with
        | Holds _ -> ()
        | Fails sentence -> failwith sentence

    /// The first that fails, otherwise all sentences in one.
    let both outcomes =
        match outcomes |> List.tryFind (holds >> not) with
        | Some fault -> fault
        | None -> outcomes |> List.map (string >> _.Substring(2)) |> String.concat "\n  " |> Holds
