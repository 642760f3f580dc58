namespace Fovea

open System
open System.Diagnostics
open Fovea.Core.Data
open Fovea.Core.Training

/// Fits models to data.
module Training =

    // What the epochs so far have come to.
    [<RequireQualifiedAccess>]
    type private Course = {
        Entries: Epoch list
        Best: (float * Parameter list) option
        SinceBest: int
        Ended: bool
    }

    let private copies = List.map (fun (p: Parameter) -> p.Copy ())

    let private report (recipe: Recipe) batches (clock: Stopwatch) epoch (batch: int, loss: float, correct: int, seen: int) = {
        BatchReport.Epoch = epoch
        BatchReport.Epochs = recipe.Epochs
        BatchReport.Batch = batch
        BatchReport.Batches = batches
        BatchReport.Loss = loss / float seen
        BatchReport.Accuracy = float correct / float seen
        BatchReport.ImagesPerSecond = float seen / clock.Elapsed.TotalSeconds
        BatchReport.TimeLeft =
            let ahead = float (batches - batch + (recipe.Epochs - epoch) * batches)
            clock.Elapsed * (ahead / float batch)
    }

    // The batches of one epoch, in turn, until they end or the user interrupts.
    let private trainEpoch (recipe: Recipe) (run: TrainingRun) (batches: Batches) (display: Display) (stopped: unit -> bool) epoch =
        use stream =
            new PrefetchedBatches (batches, BatchPosition (epoch - 1, 0), endEpoch = epoch)

        let clock = Stopwatch.StartNew ()
        let total = recipe.Epochs * batches.Count

        let step (count, loss, correct, seen) (batch: Batch) =
            let number = (epoch - 1) * batches.Count + count
            let result = run.Step (batch, number, recipe.Schedule.At (number, total, batches.Count))

            let sums =
                count + 1, loss + result.Loss * float result.Count, correct + result.Correct, seen + result.Count

            let report = report recipe batches.Count clock epoch sums
            display.Batch report
            recipe.OnBatch report
            sums

        let sums =
            Seq.initInfinite (fun _ -> if stopped () then null else stream.Next ())
            |> Seq.takeWhile (isNull >> not)
            |> Seq.fold step (0, 0.0, 0, 0)

        sums, clock.Elapsed.TotalSeconds

    let private evaluated (model: Model) (run: TrainingRun) validation =
        let parameters = run.Optimizer.Evaluated |> List.ofSeq |> copies
        parameters, Model.evaluate validation (Model.withTraining parameters [] model.Classes model)

    let private entry (recipe: Recipe) (batches: Batches) epoch ((count, loss, correct, seen), seconds) (evaluation: Evaluation) =
        let last = (epoch - 1) * batches.Count + max 0 (count - 1)

        {
            Epoch.Epoch = epoch
            Epoch.Loss = loss / float seen
            Epoch.TrainAccuracy = float correct / float seen
            Epoch.ValidationLoss = evaluation.Loss
            Epoch.ValidationAccuracy = evaluation.Accuracy
            Epoch.Seconds = seconds
            Epoch.ImagesPerSecond = float seen / seconds
            Epoch.LearningRate =
                recipe.Schedule
                    .At(last, recipe.Epochs * batches.Count, batches.Count)
                    .RateOf recipe.Optimizer.LearningRate
        }

    let private outOfPatience (recipe: Recipe) since =
        recipe.Patience |> Option.exists (fun patience -> since >= patience)

    let private after (recipe: Recipe) stopped (course: Course) parameters (epoch: Epoch) =
        let best, since =
            match course.Best with
            | Some (accuracy, _) when accuracy >= epoch.ValidationAccuracy -> course.Best, course.SinceBest + 1
            | _ -> Some (epoch.ValidationAccuracy, parameters), 0

        {
            Course.Entries = course.Entries @ [ epoch ]
            Course.Best = best
            Course.SinceBest = since
            Course.Ended = recipe.OnEpoch epoch = Stop || stopped () || outOfPatience recipe since
        }

    // Ctrl-C ends training, not the program: what was trained so far is returned.
    let private interruptible work =
        let interrupted = ref false

        let handler =
            ConsoleCancelEventHandler (fun _ pressed ->
                pressed.Cancel <- true
                interrupted.Value <- true)

        Console.CancelKeyPress.AddHandler handler

        try
            work (fun () -> interrupted.Value)
        finally
            Console.CancelKeyPress.RemoveHandler handler

    let private require (recipe: Recipe) (training: Dataset, validation: Dataset) (model: Model) =
        let fail sentence = raise (ArgumentException sentence)

        if recipe.Epochs < 1 || recipe.Batch < 1 then
            fail $"recipe: expected 1 or more epochs and images a batch, got {recipe.Epochs} and {recipe.Batch}"

        [ training; validation ]
        |> List.iter (fun data ->
            if data.Count = 0 then
                fail $"{data.Name}: there are no images; give at least one"

            if data.Shape <> model.Graph.Input then
                fail $"{data.Name}: its images are {data.Shape} and the network takes {model.Graph.Input}; begin the pipeline with input {data.Shape}")

        if model.Graph.OutputShape <> Shape.Of [| training.Classes.Count |] then
            fail
                $"{training.Name}: it has {training.Classes.Count} classes and the network gives {model.Graph.OutputShape}; end the pipeline with dense {training.Classes.Count}"

    /// Trains a model on images, watching how it does on others, and gives the trained model with its history; the
    /// model that it was given is unchanged. The same recipe, data and model give the same bits, on any number of
    /// threads. Ctrl-C ends training after the batch at hand and gives what was trained so far.
    let fit (recipe: Recipe) (training: Dataset, validation: Dataset) (model: Model) =
        require recipe (training, validation) model
        let parameters = copies model.Own

        let batches =
            Batches (training.Source, recipe.Batch, recipe.Seed, augmentations = List.toArray training.Augmentations)

        use run =
            new TrainingRun (
                model.Graph,
                List.toArray parameters,
                recipe.Loss,
                recipe.Optimizer,
                min recipe.Batch batches.Images,
                recipe.Seed,
                recipe.Exact
            )

        let epochs stopped display =
            let next (course: Course) epoch =
                if course.Ended then
                    course
                else
                    let sums, seconds = trainEpoch recipe run batches display stopped epoch
                    let _, _, _, seen = sums

                    if seen = 0 then
                        { course with Ended = true }
                    else
                        let parameters, evaluation = evaluated model run validation
                        let entry = entry recipe batches epoch (sums, seconds) evaluation
                        display.Epoch entry
                        after recipe stopped course parameters entry

            List.fold
                next
                {
                    Course.Entries = []
                    Course.Best = None
                    Course.SinceBest = 0
                    Course.Ended = false
                }
                [ 1 .. recipe.Epochs ]

        let finished =
            interruptible (fun stopped -> ProgressDisplay.show recipe.Progress (epochs stopped))

        let weights =
            match recipe.Keep, finished.Best with
            | BestWeights, Some (_, best) -> best
            | _ -> run.Optimizer.Evaluated |> List.ofSeq |> copies

        model
        |> Model.withTraining weights (model.History @ finished.Entries) (List.ofSeq training.Classes)
