namespace Fovea

open System
open Spectre.Console

/// How a training run is shown while it goes.
[<RequireQualifiedAccess>]
type internal Display = { Batch: BatchReport -> unit; Epoch: Epoch -> unit }

module internal ProgressDisplay =

    let private percent (share: float) = FormattableString.Invariant $"{100.0 * share:F2} %%"

    let private duration (time: TimeSpan) =
        if time.TotalHours >= 1.0 then time.ToString @"h\:mm\:ss" else time.ToString @"m\:ss"

    let private cells (epoch: Epoch) = [
        string epoch.Epoch
        FormattableString.Invariant $"{epoch.Loss:F4}"
        percent epoch.TrainAccuracy
        FormattableString.Invariant $"{epoch.ValidationLoss:F4}"
        percent epoch.ValidationAccuracy
        FormattableString.Invariant $"{epoch.ImagesPerSecond:N0}"
        FormattableString.Invariant $"{epoch.Seconds:F1}"
    ]

    let private headings = [
        "epoch"
        "loss"
        "accuracy"
        "validation loss"
        "validation accuracy"
        "images/s"
        "seconds"
    ]

    let private lines =
        let widths = headings |> List.map String.length

        let row cells =
            List.zip widths cells
            |> List.map (fun (width, cell: string) -> cell.PadLeft width)
            |> String.concat "  "

        {
            Display.Batch = ignore
            Display.Epoch =
                fun epoch ->
                    if epoch.Epoch = 1 then
                        printfn $"{row headings}"

                    printfn $"{row (cells epoch)}"
        }

    let private status (report: BatchReport) =
        let done' = float report.Batch / float report.Batches
        let filled = int (20.0 * done')
        let bar = String ('━', filled) + String ('─', 20 - filled)

        let left = duration report.TimeLeft

        FormattableString.Invariant
            $"epoch {report.Epoch}/{report.Epochs} {bar} {report.Batch}/{report.Batches}  loss {report.Loss:F4}  accuracy {100.0 * report.Accuracy:F2} %%  {report.ImagesPerSecond:N0} images/s  {left} left"

    // Fast enough to be live, slow enough to cost nothing.
    let private refresh = TimeSpan.FromMilliseconds 100.0

    let private liveTable (context: LiveDisplayContext) (table: Table) =
        let shown = ref DateTime.MinValue

        {
            Display.Batch =
                fun report ->
                    let now = DateTime.UtcNow

                    if now - shown.Value > refresh then
                        shown.Value <- now
                        context.UpdateTarget (Rows (table, Text (status report)))
            Display.Epoch =
                fun epoch ->
                    table.AddRow (cells epoch |> List.toArray) |> ignore
                    context.UpdateTarget table
        }

    let private live run =
        let table = Table(Border = TableBorder.Minimal).LeftAligned()

        headings
        |> List.iter (fun heading -> table.AddColumn (TableColumn(heading).RightAligned()) |> ignore)

        AnsiConsole
            .Live(table)
            .AutoClear(false)
            .Start(fun context ->
                let result = run (liveTable context table)
                context.UpdateTarget table
                result)

    /// Runs training under a display of the kind that is asked for.
    let show progress run =
        match progress with
        | Silent -> run { Display.Batch = ignore; Display.Epoch = ignore }
        | Live when not Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive -> live run
        | Live
        | Lines -> run lines
