namespace Fovea

open System
open System.Globalization

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
        let lines = this.Header :: this.Rows @ [ this.Total ]

        let widths =
            lines
            |> List.filter (List.isEmpty >> not)
            |> List.transpose
            |> List.map (List.map String.length >> List.max)

        let rule = String ('─', List.sum widths + 2 * (widths.Length - 1))

        let line cells =
            List.zip widths cells
            |> List.mapi (fun column (width, cell: string) ->
                if column < this.Words then cell.PadRight width else cell.PadLeft width)
            |> String.concat "  "
            |> _.TrimEnd()

        [
            if this.Title <> "" then
                this.Title
                ""
            line this.Header
            rule
            yield! List.map line this.Rows
            if not this.Total.IsEmpty then
                rule
                line this.Total
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
