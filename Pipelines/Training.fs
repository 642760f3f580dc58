namespace Fovea

open System
open System.Diagnostics
open Fovea.Core.Data
open Fovea.Core.Formats
open Fovea.Core.Tensors
open Fovea.Core.Training

/// Fits models to data.
module Training =

    // A run and all that it needs.
    [<RequireQualifiedAccess>]
    type private Fit = {
        Recipe: Recipe
        Model: Model
        Batches: Batches
        Validation: Dataset
        Classes: string list
        Run: TrainingRun
        Host: Host
        Display: Display
        Stopped: unit -> bool
    }

    let private copies = List.map (fun (p: Parameter) -> p.Copy ())
    let private evaluated (fit: Fit) = fit.Run.Optimizer.Evaluated |> List.ofSeq |> copies
    let private withWeights weights history (fit: Fit) = Model.withTraining weights history fit.Classes fit.Model

    // ---- What a run needs before it begins ----

    let private fail sentence = raise (ArgumentException sentence)

    let private requireRecipe (recipe: Recipe) =
        if recipe.Epochs < 1 || recipe.Batch < 1 then
            fail $"recipe: expected 1 or more epochs and images a batch, got {recipe.Epochs} and {recipe.Batch}"

        match recipe.Checkpoint with
        | Some (_, (EveryBatches n | EveryEpochs n)) when n < 1 ->
            fail $"recipe: expected a checkpoint every 1 or more batches or epochs, got {n}"
        | _ -> ()

    let private require (recipe: Recipe) (training: Dataset, validation: Dataset) (model: Model) =
        requireRecipe recipe

        [ training; validation ]
        |> List.iter (fun data ->
            if data.Count = 0 then
                fail $"{data.Name}: there are no images; give at least one"

            if data.Shape <> model.Graph.Input then
                fail
                    $"{data.Name}: its images are {data.Shape} and the network takes {model.Graph.Input}; begin the pipeline with input {data.Shape}")

        if model.Graph.OutputShape <> Shape.Of [| training.Classes.Count |] then
            fail
                $"{training.Name}: it has {training.Classes.Count} classes and the network gives {model.Graph.OutputShape}; end the pipeline with dense {training.Classes.Count}"

    // What must be the same for a run to go on to the bit. Functions are known by their names alone.
    let private signature (recipe: Recipe) (training: Dataset, validation: Dataset) =
        let augmentations = training.Augmentations |> List.map string |> String.concat ", "

        [
            "Epochs", string recipe.Epochs
            "Batch", string recipe.Batch
            "Optimizer", string recipe.Optimizer
            "Schedule", string recipe.Schedule
            "Loss", string recipe.Loss
            "Seed", string recipe.Seed
            "Keep", string recipe.Keep
            "Patience", string recipe.Patience
            "Exact", string recipe.Exact
            "training images", $"{training.Count} of {training.Shape} in {training.Classes.Count} classes"
            "augmentations", $"[{augmentations}]"
            "validation images", string validation.Count
        ]

    // ---- Checkpoints ----

    let private isFinite (p: Parameter) = p.Value.Values |> Array.forall Single.IsFinite

    let private save (fit: Fit) data (course: Course) =
        match fit.Recipe.Checkpoint with
        | None -> ()
        | Some (folder, _) ->
            let optimizer = fit.Run.Optimizer
            let weights = List.ofSeq optimizer.Parameters

            // Weights that have gone wrong are not worth a file: the next step will tell of them.
            if List.forall isFinite weights then
                let state = {
                    RunState.Recipe = signature fit.Recipe data
                    RunState.Before = fit.Model.History
                    RunState.Course = course
                    RunState.Weights = weights
                    RunState.Evaluated =
                        if Object.ReferenceEquals (optimizer.Evaluated, optimizer.Parameters) then
                            weights
                        else
                            List.ofSeq optimizer.Evaluated
                    RunState.Memories = [ for pair in optimizer.Export () -> pair.Key, pair.Value ]
                }

                let step = course.Entries.Length * fit.Batches.Count + course.Sums.Batches
                Checkpoints.write fit.Host folder step fit.Model.Pipeline fit.Classes state

    let private isDueAfterBatch (fit: Fit) (course: Course) =
        match fit.Recipe.Checkpoint with
        | Some (_, EveryBatches n) -> (course.Entries.Length * fit.Batches.Count + course.Sums.Batches) % n = 0
        | _ -> false

    let private isDueAfterEpoch (fit: Fit) (course: Course) =
        match fit.Recipe.Checkpoint with
        | Some (_, EveryEpochs n) -> course.Entries.Length % n = 0
        | _ -> false

    // ---- One batch ----

    let private report (fit: Fit) (course: Course) = {
        BatchReport.Epoch = course.Epoch
        BatchReport.Epochs = fit.Recipe.Epochs
        BatchReport.Batch = course.Sums.Batches
        BatchReport.Batches = fit.Batches.Count
        BatchReport.Loss = course.Sums.Loss / float course.Sums.Images
        BatchReport.Accuracy = float course.Sums.Correct / float course.Sums.Images
        BatchReport.ImagesPerSecond = float course.Sums.Images / course.Sums.Seconds
        BatchReport.TimeLeft =
            let batches = fit.Batches.Count
            let ahead = batches - course.Sums.Batches + (fit.Recipe.Epochs - course.Epoch) * batches
            TimeSpan.FromSeconds (course.Sums.Seconds * float ahead / float course.Sums.Batches)
    }

    let private scheduled (fit: Fit) step =
        fit.Recipe.Schedule.At (step, fit.Recipe.Epochs * fit.Batches.Count, fit.Batches.Count)

    // The epoch's clock: what it took before a checkpoint, and what it has taken since.
    let private added (result: StepResult) seconds (sums: Sums) = {
        Sums.Batches = sums.Batches + 1
        Sums.Loss = sums.Loss + result.Loss * float result.Count
        Sums.Correct = sums.Correct + result.Correct
        Sums.Images = sums.Images + result.Count
        Sums.Seconds = seconds
    }

    let private trainBatch (fit: Fit) data elapsed (course: Course) (batch: Batch) =
        let step = (course.Epoch - 1) * fit.Batches.Count + course.Sums.Batches
        let result = fit.Run.Step (batch, step, scheduled fit step)
        let course = { course with Course.Sums = added result (elapsed ()) course.Sums }
        let report = report fit course
        fit.Display.Batch report
        fit.Recipe.OnBatch report

        if isDueAfterBatch fit course then
            save fit data course

        course

    // ---- One epoch ----

    // The batches that are left of the epoch at hand, until they end or the user interrupts.
    let private trainBatches (fit: Fit) data (course: Course) =
        use stream =
            new PrefetchedBatches (
                fit.Batches,
                BatchPosition (course.Epoch - 1, course.Sums.Batches),
                endEpoch = course.Epoch
            )

        let clock = Stopwatch.StartNew ()
        let elapsed () = course.Sums.Seconds + clock.Elapsed.TotalSeconds

        Seq.initInfinite (fun _ -> if fit.Stopped () then null else stream.Next ())
        |> Seq.takeWhile (isNull >> not)
        |> Seq.fold (trainBatch fit data elapsed) course

    let private entry (fit: Fit) (course: Course) (evaluation: Evaluation) =
        let sums = course.Sums
        let last = (course.Epoch - 1) * fit.Batches.Count + sums.Batches - 1

        {
            Epoch.Epoch = course.Epoch
            Epoch.Loss = sums.Loss / float sums.Images
            Epoch.TrainAccuracy = float sums.Correct / float sums.Images
            Epoch.ValidationLoss = evaluation.Loss
            Epoch.ValidationAccuracy = evaluation.Accuracy
            Epoch.Seconds = sums.Seconds
            Epoch.ImagesPerSecond = float sums.Images / sums.Seconds
            Epoch.LearningRate = (scheduled fit last).RateOf fit.Recipe.Optimizer.LearningRate
        }

    let private outOfPatience (recipe: Recipe) since =
        recipe.Patience |> Option.exists (fun patience -> since >= patience)

    let private after (fit: Fit) (course: Course) weights (epoch: Epoch) =
        let best, since =
            match course.Best with
            | Some (accuracy, _) when accuracy >= epoch.ValidationAccuracy -> course.Best, course.SinceBest + 1
            | _ -> Some (epoch.ValidationAccuracy, weights), 0

        {
            Course.Entries = course.Entries @ [ epoch ]
            Course.Sums = Sums.Zero
            Course.Best = best
            Course.SinceBest = since
            Course.Good = weights
            Course.Ended = fit.Recipe.OnEpoch epoch = Stop || outOfPatience fit.Recipe since
        }

    // Evaluates what was trained, and enters it into the history.
    let private finishEpoch (fit: Fit) (course: Course) =
        let weights = evaluated fit
        let evaluation = Model.evaluate fit.Validation (withWeights weights [] fit)

        if not (Double.IsFinite evaluation.Loss) then
            raise (
                TrainingException
                    $"the validation loss after epoch {course.Epoch} is {evaluation.Loss}; use a smaller learning rate, warm it up, or clip the gradients"
            )

        let entry = entry fit course evaluation
        fit.Display.Epoch entry
        after fit course weights entry

    // ---- The run ----

    // A loss that is no number ends the run with a sentence, and with the last good weights at hand.
    let private guarded (fit: Fit) (course: Course) work =
        try
            work ()
        with :? TrainingException as fault ->
            let kept = withWeights course.Good (fit.Model.History @ course.Entries) fit

            let since =
                match course.Entries.Length with
                | 0 -> "that the run began with"
                | epochs -> $"after epoch {epochs}"

            raise (
                DivergedException (
                    $"training: {fault.Message}; the weights {since} are in this exception's Model",
                    kept,
                    fault
                )
            )

    // Interrupted, it is saved as it stands, so that it can go on; what it has come to is evaluated and given back.
    let private interrupted (fit: Fit) data (course: Course) =
        save fit data course
        let course = if course.Sums.Images = 0 then course else finishEpoch fit course
        { course with Course.Ended = true }

    let rec private epochs (fit: Fit) data (course: Course) =
        if course.Ended || course.Entries.Length >= fit.Recipe.Epochs then
            course
        else
            let trained = guarded fit course (fun () -> trainBatches fit data course)

            if fit.Stopped () then
                guarded fit course (fun () -> interrupted fit data trained)
            else
                let course = guarded fit course (fun () -> finishEpoch fit trained)
                let isLast = course.Ended || course.Entries.Length >= fit.Recipe.Epochs

                if isLast && fit.Recipe.Checkpoint.IsSome || isDueAfterEpoch fit course then
                    save fit data course

                epochs fit data course

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

    // Trains from where a course stands to the end, and gives the trained model.
    let private train host (recipe: Recipe) (data: Dataset * Dataset) (model: Model) weights memories course =
        let training, validation = data

        let batches =
            Batches (training.Source, recipe.Batch, recipe.Seed, augmentations = List.toArray training.Augmentations)

        use run =
            new TrainingRun (
                model.Graph,
                List.toArray weights,
                recipe.Loss,
                recipe.Optimizer,
                min recipe.Batch batches.Images,
                recipe.Seed,
                recipe.Exact
            )

        memories |> Option.iter (Map >> run.Optimizer.Import)

        let fit stopped display = {
            Fit.Recipe = recipe
            Fit.Model = model
            Fit.Batches = batches
            Fit.Validation = validation
            Fit.Classes = List.ofSeq training.Classes
            Fit.Run = run
            Fit.Host = host
            Fit.Display = display
            Fit.Stopped = stopped
        }

        let finished =
            interruptible (fun stopped ->
                ProgressDisplay.show recipe.Progress (fun display -> epochs (fit stopped display) data course))

        let weights =
            match recipe.Keep, finished.Best with
            | BestWeights, Some (_, best) -> best
            | _ -> run.Optimizer.Evaluated |> List.ofSeq |> copies

        model |> Model.withTraining weights (model.History @ finished.Entries) (List.ofSeq training.Classes)

    let private start host recipe data (model: Model) =
        train host recipe data model (copies model.Own) None (Course.Start (copies model.Own))

    let internal fitOn host (recipe: Recipe) data model =
        require recipe data model

        match recipe.Checkpoint with
        | Some (folder, _) when not (Checkpoints.all folder).IsEmpty ->
            fail
                $"{folder}: it holds the checkpoints of a run already; go on with that one by Training.resume, or give another folder"
        | checkpoint -> checkpoint |> Option.iter (fst >> Checkpoints.tidy host)

        start host recipe data model

    // ---- Going on ----

    let private requireSame path recipe data (state: RunState) =
        let then', now = Map state.Recipe, signature recipe data

        let differences =
            now
            |> List.choose (fun (name, value) ->
                match Map.tryFind name then' with
                | Some before when before = value -> None
                | before ->
                    let before = Option.defaultValue "nothing" before
                    Some $"{name} was {before} and is now {value}")

        if not differences.IsEmpty then
            let listed = String.concat "; " differences

            fail
                $"{path}: the run that is saved there is another one: {listed}; resume with what it was begun with, or fit Model.load of it anew"

    let private requireWithin path (recipe: Recipe) (training: Dataset, _) (course: Course) =
        let batches = (training.Count + recipe.Batch - 1) / recipe.Batch

        if course.Entries.Length > recipe.Epochs || course.Sums.Batches > batches then
            raise (
                DataFormatException
                    $"{path}: epoch {course.Epoch}, batch {course.Sums.Batches} is beyond the run's {recipe.Epochs} epochs of {batches} batches; the file is damaged"
            )

    let private tell (host: Host) (recipe: Recipe) sentence =
        if recipe.Progress <> Silent then
            host.Say sentence

    let private standing (course: Course) =
        match course.Sums.Batches with
        | 0 -> $"epoch {course.Entries.Length}"
        | batches -> $"batch {batches} of epoch {course.Epoch}"

    let private goOn host recipe data path (model: Model) (state: RunState) =
        requireSame path recipe data state
        requireWithin path recipe data state.Course
        tell host recipe $"{path}: going on after {standing state.Course}"
        let before = Model.withTraining model.Own state.Before model.Classes model

        try
            train host recipe data before (copies state.Weights) (Some state.Memories) state.Course
        with :? ArgumentException as fault when fault.ParamName = "memories" ->
            raise (DataFormatException ($"{path}: {fault.Message}", fault))

    let internal resumeOn host (recipe: Recipe) data model =
        require recipe data model

        match recipe.Checkpoint with
        | None -> fail "recipe: it names no folder to go on from; give Checkpoint = Some (folder, EveryEpochs 1)"
        | Some (folder, _) ->
            Checkpoints.tidy host folder

            match Checkpoints.newest host folder model with
            | Some (path, state) -> goOn host recipe data path model state
            | None ->
                tell host recipe $"{folder}: there is no checkpoint yet; beginning"
                start host recipe data model

    // ---- For users ----

    /// Trains a model on images, watching how it does on others, and gives the trained model with its history; the
    /// model that it was given is unchanged. The same recipe, data and model give the same bits, on any number of
    /// threads. Ctrl-C ends training after the batch at hand and gives what was trained so far.
    /// Where the recipe has a Checkpoint, the run is saved as it goes; a folder that holds a run already is refused.
    /// Raises a DivergedException, which has the last good weights, where a loss is not a finite number.
    let fit (recipe: Recipe) (training: Dataset, validation: Dataset) (model: Model) =
        fitOn Host.Real recipe (training, validation) model

    /// Goes on with the run that the recipe's Checkpoint folder holds, from its newest checkpoint, and ends with the same
    /// bits as if it had never stopped, whenever and however it did; where the folder holds none yet, it is `fit`. So a
    /// script that calls `resume` can be started again until it is through. It takes the recipe, the data and the pipeline
    /// that the run began with, and says which of them differ; functions (callbacks, losses and augmentations of one's
    /// own) are compared by name alone. A checkpoint that cannot be read is passed over for the one before it, and said.
    let resume (recipe: Recipe) (training: Dataset, validation: Dataset) (model: Model) =
        resumeOn Host.Real recipe (training, validation) model
