namespace Fovea

open System
open System.IO
open System.Net
open System.Text
open Fovea.Core.Formats
open Fovea.Core.Pictures

/// A part of a report.
[<RequireQualifiedAccess>]
type ReportPart =
    /// A heading.
    | Heading of string
    /// A paragraph.
    | Text of string
    /// Text as the terminal shows it: a pipeline, a confusion matrix.
    | Printed of string
    /// A table.
    | Table of Table
    /// Pictures side by side, a line below each.
    | Images of (string * Image) list
    /// Images in turn, each for so many milliseconds, and the line below.
    | Film of string * int * Image list
    /// Charts side by side.
    | Charts of Chart list

/// A page in the making: a title and its parts, in order.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Report = {
    /// What stands above it.
    Title: string
    /// The parts.
    Parts: ReportPart list
} with

    /// What the REPL prints.
    member this.Display =
        $"report \"{this.Title}\", {this.Parts.Length} parts; Report.write \"report.html\" makes the page"

/// Reports: one HTML file that needs nothing beside it, with pictures and charts inside, for light and dark screens.
/// `Report.titled "Mine" |> Report.table (Pipeline.costs cnn) |> Report.write "report.html"`.
module Report =

    /// An empty report.
    let titled title = { Report.Title = title; Report.Parts = [] }

    let private add part report = { report with Report.Parts = report.Parts @ [ part ] }

    /// Adds a heading.
    let heading text = add (ReportPart.Heading text)

    /// Adds a paragraph.
    let text text = add (ReportPart.Text text)

    /// Adds text as the terminal shows it.
    let printed value = add (ReportPart.Printed (string<obj>(box value)))

    /// Adds a table.
    let table table = add (ReportPart.Table table)

    /// Adds a picture with a line below it.
    let image caption image = add (ReportPart.Images [ caption, image ])

    /// Adds pictures side by side, a line below each.
    let images shown = add (ReportPart.Images shown)

    /// Adds images shown in turn, each for so many milliseconds.
    let film caption milliseconds images = add (ReportPart.Film (caption, milliseconds, List.ofSeq images))

    /// Adds a chart.
    let chart chart = add (ReportPart.Charts [ chart ])

    /// Adds charts side by side.
    let charts charts = add (ReportPart.Charts (List.ofSeq charts))

    // ---- As HTML ----

    let private style =
        """
:root { color-scheme: light dark; --ink: #1b1d21; --page: #fdfdfc; --faint: #5d636b; --rule: #d8dbdf; --panel: #f3f4f5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --page: #16181b; --faint: #a0a6ad; --rule: #383c42; --panel: #1f2226; }
}
body { margin: 2rem auto; max-width: 72rem; padding: 0 1.25rem; color: var(--ink); background: var(--page);
       font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
p { max-width: 44rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font: 13px/1.45 ui-monospace, monospace; white-space: nowrap; }
th { text-align: right; font-weight: 600; color: var(--faint); border-bottom: 1px solid var(--rule); }
th, td { padding: .15rem .8rem .15rem 0; } td { text-align: right; }
th.word, td.word { text-align: left; }
tfoot td { border-top: 1px solid var(--rule); font-weight: 600; }
pre { background: var(--panel); padding: .8rem 1rem; overflow-x: auto; font: 13px/1.35 ui-monospace, monospace; }
.row { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: flex-end; }
figure { margin: .6rem 0; max-width: 100%; } figcaption, .note { color: var(--faint); font-size: .85rem; }
img { image-rendering: pixelated; max-width: 100%; height: auto; display: block; }
svg { max-width: 100%; height: auto; }
"""

    let private escaped (text: string) = WebUtility.HtmlEncode text

    let private png caption (bytes: byte[]) (image: Image) =
        let data = Convert.ToBase64String bytes

        $"<figure><img alt=\"{escaped caption}\" width=\"{image.Width}\" height=\"{image.Height}\" src=\"data:image/png;base64,{data}\"><figcaption>{escaped caption}</figcaption></figure>"

    let private filmBytes milliseconds (images: Image list) =
        use stream = new MemoryStream ()
        Png.WriteAnimation (stream, [| for image in images -> image.ToRaster () |], milliseconds)
        stream.ToArray ()

    let private tableLines (table: Table) =
        let cells tag (row: string list) =
            row
            |> List.mapi (fun column cell ->
                let word = if column < table.Words then " class=\"word\"" else ""
                $"<{tag}{word}>{escaped cell}</{tag}>")
            |> String.concat ""

        [
            if table.Title <> "" then
                $"<p>{escaped table.Title}</p>"
            "<div class=\"wide\"><table>"
            let header = cells "th" table.Header
            $"<thead><tr>{header}</tr></thead><tbody>"

            for row in table.Rows do
                let line = cells "td" row
                $"<tr>{line}</tr>"

            "</tbody>"

            if not table.Total.IsEmpty then
                let line = cells "td" table.Total
                $"<tfoot><tr>{line}</tr></tfoot>"

            "</table></div>"

            for note in table.Notes do
                $"<p class=\"note\">{escaped note}</p>"
        ]

    let private lines part =
        match part with
        | ReportPart.Heading text -> [ $"<h2>{escaped text}</h2>" ]
        | ReportPart.Text text -> [ $"<p>{escaped text}</p>" ]
        | ReportPart.Printed text -> [ $"<pre>{escaped text}</pre>" ]
        | ReportPart.Table table -> tableLines table
        | ReportPart.Images shown -> [
            "<div class=\"row\">"
            yield! [ for caption, image in shown -> png caption (image.ToPng ()) image ]
            "</div>"
          ]
        | ReportPart.Film (_, _, []) -> []
        | ReportPart.Film (caption, milliseconds, images) -> [ png caption (filmBytes milliseconds images) images.Head ]
        | ReportPart.Charts charts -> [
            "<div class=\"row\">"
            yield! [ for chart in charts -> $"<figure>{Picture.toSvg chart}</figure>" ]
            "</div>"
          ]

    /// The page as HTML.
    let toHtml (report: Report) =
        [
            "<!doctype html>"
            "<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            $"<title>{escaped report.Title}</title><style>{style}</style></head><body>"
            $"<h1>{escaped report.Title}</h1>"
            yield! List.collect lines report.Parts
            "</body></html>"
            ""
        ]
        |> String.concat "\n"

    /// Writes the page, whole or not at all.
    let write (path: string) (report: Report) =
        let bytes = Encoding.UTF8.GetBytes (toHtml report)
        AtomicFile.Write (path, fun file -> file.Write (bytes, 0, bytes.Length))

    // ---- What is worth seeing of a network, and of a model ----

    /// Adds a network's tables: stages, costs, receptive fields, dense layers in place of convolutions, and memory for a
    /// batch.
    let network batch (pipeline: Pipeline) report =
        report
        |> heading "The network"
        |> table (Pipeline.table pipeline)
        |> heading "What an image costs"
        |> table (Pipeline.costs pipeline)
        |> heading "What a place sees"
        |> table (Pipeline.receptiveFields pipeline)
        |> heading "Convolutions as dense layers"
        |> table (Pipeline.asDense pipeline)
        |> heading "Memory"
        |> table (Pipeline.memoryTable batch pipeline)

    let private convolutions (model: Model) =
        Inspect.stages model
        |> List.filter (fun stage ->
            model.Pipeline
            |> Pipeline.rows
            |> List.exists (fun row -> row.Name = stage && row.Layer.StartsWith "conv " && row.Output.Rank = 3))

    /// Adds what a model makes of a dataset: how it was trained, right and wrong, where it looks, what its stages and
    /// filters see.
    let model (data: Dataset) (model: Model) report =
        let evaluation = Model.evaluate data model
        let first = Data.image 0 data

        let withTraining report =
            if model.History.IsEmpty then
                report
            else
                report |> heading "Training" |> charts (View.training model)

        let withMistakes report =
            match View.mistakes 12 data model with
            | Some wrong -> report |> image "the surest mistakes" wrong
            | None -> report |> text "there are no mistakes"

        let withConfusions report =
            match Inspect.confusions 5 data model with
            | [] -> report
            | pairs -> report |> printed (pairs |> List.map string |> String.concat "\n")

        let withFilters report =
            match convolutions model with
            | [] -> report
            | stages ->
                let some = Data.take 500 data

                report
                |> heading "Stages"
                |> image "what each stage makes of an image" (View.stages first model)
                |> heading "Filters"
                |> image $"the filters of {stages.Head}" (View.filters stages.Head model)
                |> images [
                    for stage in stages |> List.truncate 3 ->
                        $"what filter 0 of {stage} answers to", View.exciting stage 0 some model
                ]
                |> heading "Receptive fields"
                |> images [ for stage in stages -> $"{stage}: the field", View.field stage first model ]
                |> images [ for stage in stages -> $"{stage}: how strongly", View.footprint stage model ]
                |> heading "Where it looks"
                |> images [ for i in 0 .. min 3 (data.Count - 1) -> $"image {i}", View.why (Data.image i data) model ]

        report
        |> withTraining
        |> heading "Right and wrong"
        |> text $"{evaluation}"
        |> chart (View.confusion evaluation)
        |> withConfusions
        |> withMistakes
        |> image "the most doubtful" (View.doubts 12 data model)
        |> withFilters
        |> heading "Weights and gradients"
        |> charts (View.weights model)
        |> charts (View.gradients (CrossEntropy ()) data model)

    /// A report of a model and what it makes of a dataset, with everything that this library can show of them.
    let ofModel title data (trained: Model) = titled title |> network 64 trained.Pipeline |> model data trained
