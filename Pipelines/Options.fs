namespace Fovea

open System
open System.IO
open Argu
open Fovea.Core.Operations

/// What the training scripts can be told.
type private Argument =
    | [<Unique>] Data of path: string
    | [<Unique>] Download
    | [<Unique>] Limit of images: int
    | [<Unique>] Epochs of count: int
    | [<Unique>] Batch of images: int
    | [<Unique>] Seed of number: int
    | [<Unique>] Threads of count: int
    | [<Unique>] Save of file: string
    | [<Unique>] Metrics of file: string
    | [<Unique>] Checkpoint of folder: string
    | [<Unique>] Load of file: string
    | [<Unique>] Port of number: int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Data _ -> "the folder or archive with the data, or \"generated\" for images made on the spot."
            | Download -> "fetch the published data into the cache folder if they are not there."
            | Limit _ -> "use only so many training images, and as many test images at most."
            | Epochs _ -> "how often every training image is seen."
            | Batch _ -> "images in a training step."
            | Seed _ -> "what everything random is drawn from."
            | Threads _ -> "worker threads; the results are the same for any number."
            | Save _ -> "write the trained model to a file: safetensors, or ONNX where its name ends in .onnx."
            | Metrics _ -> "append a JSON line an epoch to a file."
            | Checkpoint _ ->
                "save the run in a folder after every epoch and on Ctrl-C; the same command again goes on from there, bit for bit."
            | Load _ -> "serve.fsx: the model to serve, a safetensors or an ONNX file."
            | Port _ -> "serve.fsx: answer on this port until Ctrl-C."

/// A training script's options. What is None was not given: the script's own value counts.
[<RequireQualifiedAccess>]
type Options = {
    /// Where the data are: a folder, an archive, or "generated".
    Data: string option
    /// Whether to fetch published data.
    Download: bool
    /// The greatest number of images.
    Limit: int option
    /// How often every training image is seen.
    Epochs: int option
    /// Images in a training step.
    Batch: int option
    /// What everything random is drawn from.
    Seed: int
    /// Where to write the weights.
    Save: string option
    /// Where to append a line an epoch.
    Metrics: string option
    /// The folder that the run is saved in, to go on from.
    Checkpoint: string option
    /// The model to serve.
    Load: string option
    /// The port to serve it on.
    Port: int option
}

/// Options of scripts.
module Options =

    let private parser script =
        ArgumentParser.Create<Argument>(programName = $"dotnet fsi {script}", errorHandler = ExceptionExiter ())

    let private usage script about =
        let text = (parser script).PrintUsage().Split "\n"

        // fsi takes a plain --help for itself.
        let options = text |> Array.filter (fun line -> not (line.Contains "display this list")) |> String.concat "\n"

        $"{about}\n\n{options}\n    help                  this page (-- --help shows it as well)."

    let private positive name value =
        value
        |> Option.iter (fun value ->
            if value < 1 then
                raise (ArgumentException $"--{name}: expected 1 or more, got {value}"))

        value

    let private read script (arguments: string list) =
        let results = (parser script).Parse(Array.ofList arguments)

        results.TryGetResult Argument.Threads
        |> positive "threads"
        |> Option.iter (fun count -> Threads.Count <- count)

        {
            Options.Data = results.TryGetResult Data
            Options.Download = results.Contains Download
            Options.Limit = results.TryGetResult Limit |> positive "limit"
            Options.Epochs = results.TryGetResult Epochs |> positive "epochs"
            Options.Batch = results.TryGetResult Batch |> positive "batch"
            Options.Seed = results.GetResult (Seed, 0)
            Options.Save = results.TryGetResult Save
            Options.Metrics = results.TryGetResult Metrics
            Options.Checkpoint = results.TryGetResult Checkpoint
            Options.Load = results.TryGetResult Load
            Options.Port = results.TryGetResult Port |> positive "port"
        }

    let private isHelp argument = List.contains argument [ "help"; "--help"; "-h"; "/?" ]

    let private sentence (error: exn) =
        error.Message.Split "\n"
        |> Array.tryFind (String.IsNullOrWhiteSpace >> not)
        |> Option.defaultValue error.Message

    /// For a script without options: where its arguments ask for help, it says what the script is and ends it.
    let explain (about: string) (commandLine: string array) =
        if commandLine |> Seq.skip (min 1 commandLine.Length) |> Seq.exists isHelp then
            printfn $"{about}\n\nIt takes no options."
            exit 0

    /// Reads the arguments of a script, `fsi.CommandLineArgs`. Where they ask for help, or are wrong, it says so and ends
    /// the script.
    let parse (about: string) (commandLine: string array) =
        let script = commandLine |> Array.tryHead |> Option.map Path.GetFileName |> Option.defaultValue "script.fsx"

        let arguments = commandLine |> Array.skip (min 1 commandLine.Length) |> List.ofArray |> List.filter ((<>) "--")

        if List.exists isHelp arguments then
            printfn "%s" (usage script about)
            exit 0

        try
            read script arguments
        with
        | :? ArguParseException
        | :? ArgumentException as error ->
            eprintfn $"{sentence error}; \"dotnet fsi {script} help\" lists the options"
            exit 2

    /// The dataset at most `Limit` images long.
    let limit (options: Options) data =
        match options.Limit with
        | Some images -> Fovea.Data.take images data
        | None -> data
