namespace Fovea

open System
open System.Globalization
open System.IO
open Spectre.Console

module private TableText =

    // Cells are text, whatever brackets they hold, and no table is so wide that a line of it is broken.
    let private widest = 100_000

    let private column words header (total: string list) index name =
        let column = TableColumn (Text name)
        let isLast = index = List.length header - 1
        column.Alignment <- Nullable (if index < words then Justify.Left else Justify.Right)
        column.NoWrap <- true
        column.Padding <- Nullable (Padding (0, 0, (if isLast then 0 else 1), 0))

        if not total.IsEmpty then
            column.Footer <- Text total[index]

        column

    /// The lines of a table; what stands empty around it is left out.
    let lines words (header: string list) (rows: string list list) total =
        let table = Spectre.Console.Table (Border = TableBorder.Simple)

        header
        |> List.iteri (fun index name -> table.AddColumn (column words header total index name) |> ignore)

        for row in rows do
            table.AddRow (row |> List.map (fun cell -> Text cell :> Rendering.IRenderable)) |> ignore

        use text = new StringWriter ()
        let plain = AnsiConsoleSettings (Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors)
        plain.Out <- AnsiConsoleOutput text
        let console = AnsiConsole.Create plain
        console.Profile.Width <- widest
        console.Write table

        text.ToString().Split '\n'
        |> Array.map _.TrimEnd()
        |> Array.filter ((<>) "")
        |> Array.map _.Substring(1)
        |> List.ofArray

/// A table of text, as the terminal, the REPL and a report show it.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Table = {
    /// What stands above it; may be empty.
    Title: string
    /// A name for each column.
    Header: string list
    /// So many columns, from the first, are words: they begin at their left end, the others end at their right.
    Words: int
    /// The lines.
    Rows: string list list
    /// The line below the rule: the totals, or nothing.
    Total: string list
    /// What stands below it; may be empty.
    Notes: string list
} with

    /// The table as text: columns side by side, a rule below the header and above the totals.
    override this.ToString () =
        [
            if this.Title <> "" then
                this.Title
                ""
            yield! TableText.lines this.Words this.Header this.Rows this.Total
            if not this.Notes.IsEmpty then
                ""
                yield! this.Notes
        ]
        |> String.concat "\n"

    /// What the REPL prints.
    member this.Display = "\n" + this.ToString ()

module internal Table =

    /// A table of rows, without title, totals and notes.
    let ofRows words header rows = {
        Table.Title = ""
        Table.Header = header
        Table.Words = words
        Table.Rows = rows
        Table.Total = []
        Table.Notes = []
    }

    /// 1,234,567.
    let number (value: int64) = value.ToString ("N0", CultureInfo.InvariantCulture)

    /// 12.3 kB.
    let size (bytes: int64) =
        match float bytes with
        | b when b >= 1e6 -> FormattableString.Invariant $"{b / 1e6:N1} MB"
        | b when b >= 1e3 -> FormattableString.Invariant $"{b / 1e3:N1} kB"
        | b -> FormattableString.Invariant $"{b:N0} B"

    /// 3, or 3×5 where height and width differ.
    let extent (height: int, width: int) = if height = width then string height else $"{height}×{width}"

    /// 47.2 %.
    let percent (share: float) = FormattableString.Invariant $"{100.0 * share:F1} %%"
