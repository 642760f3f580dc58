namespace Fovea

open System
open System.IO
open System.Text.Json
open Fovea.Core.Data
open Fovea.Core.Formats

/// What the training scripts have in common.
module Script =

    /// What a computation gives, or the sentence of what was wrong with its files, numbers or machine.
    let attempt work =
        try
            Ok (work ())
        with
        | :? DataFormatException
        | :? DownloadException
        | :? IOException
        | :? UnauthorizedAccessException
        | :? DivergedException
        | :? InsufficientMemoryException
        | :? ArgumentException as error -> Error error.Message

    /// Ends the script with one sentence instead of a trace.
    let private orExplain work =
        match attempt work with
        | Ok result -> result
        | Error sentence ->
            eprintfn $"{sentence}"
            exit 1

    // Printed in place on a terminal, now and then elsewhere.
    let private showDownload () =
        let shown = ref -1

        fun (progress: DownloadProgress) ->
            let percent =
                if progress.Total.HasValue && progress.Total.Value > 0L then
                    int (100L * progress.Bytes / progress.Total.Value)
                else
                    0

            if percent <> shown.Value then
                shown.Value <- percent

                if not Console.IsErrorRedirected then
                    eprintf $"\r{progress}   "
                elif percent % 25 = 0 then
                    eprintfn $"{progress}"

    let private limited (options: Options) (train, test) = Options.limit options train, Options.limit options test

    /// Generated training and test images, as many as --limit says.
    let generated count (options: Options) =
        let count = options.Limit |> Option.defaultValue count
        Generated.load (count, options.Seed)

    /// Training and test images from where --data says, otherwise from the user's cache, where --download puts them.
    /// `--data generated` gives generated images instead. Says what is wrong and ends the script where there are none.
    let data (published: PublishedDataset) (load: string -> Dataset * Dataset) (options: Options) =
        orExplain (fun () ->
            match options.Data with
            | Some "generated" -> generated 20_000 options
            | Some folder -> load folder |> limited options
            | None when options.Download -> Data.downloadWith (showDownload ()) published |> load |> limited options
            | None ->
                let folder = Data.find published None

                if Directory.Exists folder then
                    load folder |> limited options
                else
                    raise (
                        DirectoryNotFoundException
                            $"{published.Name}: there are no data in {folder}; give --data DIR, or --download to fetch them, or --data generated to go without"
                    ))

    let private record (options: Options) line =
        options.Metrics
        |> Option.iter (fun file -> File.AppendAllText (file, JsonSerializer.Serialize line + "\n"))

    /// Appends a line of JSON to the file that --metrics names: the accuracy (0..1) and loss on the test images at the end of
    /// a run, its seconds and its seed.
    let outcome (options: Options) (seconds: float) (result: Evaluation) =
        record options {|
            seed = options.Seed
            testAccuracy = result.Accuracy
            testLoss = result.Loss
            testImages = result.Count
            seconds = seconds
        |}

    /// Appends a line of JSON an epoch to the file that --metrics names: epoch, loss, trainAccuracy, testAccuracy (both
    /// 0..1), seconds, imagesPerSecond and seed.
    let metrics (options: Options) (epoch: Epoch) =
        record options {|
            epoch = epoch.Epoch
            loss = epoch.Loss
            trainAccuracy = epoch.TrainAccuracy
            testAccuracy = epoch.ValidationAccuracy
            seconds = epoch.Seconds
            imagesPerSecond = epoch.ImagesPerSecond
            seed = options.Seed
        |}

        Continue

    /// A recipe with what the options say of epochs, batch, seed and metrics.
    let recipe (options: Options) (recipe: Recipe) = {
        recipe with
            Epochs = options.Epochs |> Option.defaultValue recipe.Epochs
            Batch = options.Batch |> Option.defaultValue recipe.Batch
            Seed = options.Seed
            Checkpoint =
                options.Checkpoint
                |> Option.map (fun folder -> folder, EveryEpochs 1)
                |> Option.orElse recipe.Checkpoint
            OnEpoch = metrics options
    }

    let private isOnnx (file: string) = Path.GetExtension(file).Equals(".onnx", StringComparison.OrdinalIgnoreCase)

    /// Writes a trained model where --save says: as safetensors, or as ONNX where the name ends in .onnx.
    let save (options: Options) (model: Model) =
        let write file = if isOnnx file then Model.exportOnnx file model else Model.save file model
        orExplain (fun () -> options.Save |> Option.iter write)

    /// The model of a safetensors or an ONNX file. Says what is wrong, in one sentence, and ends the script.
    let load (file: string) = orExplain (fun () -> if isOnnx file then Model.importOnnx file else Model.load file)

    /// Trains a model by a recipe; where the recipe has a Checkpoint (--checkpoint), it goes on from where a run that was
    /// stopped had come to. Says what is wrong, in one sentence, and ends the script.
    let train (recipe: Recipe) data model =
        orExplain (fun () ->
            match recipe.Checkpoint with
            | Some _ -> Training.resume recipe data model
            | None -> Training.fit recipe data model)
