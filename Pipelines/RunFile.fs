namespace Fovea

open System
open System.Globalization
open Fovea.Core.Formats
open Fovea.Core.Tensors

/// Everything that a run needs to go on.
[<RequireQualifiedAccess>]
type internal RunState = {
    /// The recipe and the data, told so that another one is noticed: pairs of a name and a value.
    Recipe: (string * string) list
    /// The epochs of the model's life before this run.
    Before: Epoch list
    /// How far it has come.
    Course: Course
    /// The weights in training.
    Weights: Parameter list
    /// What the network is evaluated with: the weights in training, or the average that the optimizer keeps.
    Evaluated: Parameter list
    /// What the optimizer remembers, by name.
    Memories: (string * Tensor) list
}

/// Runs as safetensors files. They are model files (see ModelFile) with the weights that the network is evaluated with,
/// the whole history, and beside them
///
///     run                              metadata: that there is a run
///     run.epochs, run.batches, …       metadata: the position, and the sums of the epoch at hand
///     run.recipe                       metadata: JSON, pairs of a name and a value
///     run/weights/conv1.weight         the weights in training, where the optimizer keeps an average of them
///     run/best/conv1.weight            the weights of the best epoch so far
///     run/optimizer/conv1.weight.…     what the optimizer remembers
///
/// Random draws need no state: they are functions of the recipe's seed and the position.
module internal RunFile =

    let private weightsPrefix, bestPrefix, optimizerPrefix =
        ModelFile.runPrefix + "weights/", ModelFile.runPrefix + "best/", ModelFile.runPrefix + "optimizer/"

    let private tensors prefix parameters =
        parameters |> List.map (fun (p: Parameter) -> ModelFile.named (prefix + p.Name) p.Value)

    // As many digits as bring the same number back.
    let private exact (number: float) = number.ToString ("R", CultureInfo.InvariantCulture)

    let private texts (state: RunState) =
        let course, sums = state.Course, state.Course.Sums

        [
            ModelFile.runKey, "1"
            "run.epochs", string course.Entries.Length
            "run.batches", string sums.Batches
            "run.loss", exact sums.Loss
            "run.correct", string sums.Correct
            "run.images", string sums.Images
            "run.seconds", exact sums.Seconds
            if course.Best.IsSome then
                "run.best", exact (fst course.Best.Value)
            "run.sinceBest", string course.SinceBest
            "run.ended", string course.Ended
            "run.recipe", ModelFile.toJson [| for name, value in state.Recipe -> [| name; value |] |]
        ]

    /// Writes a run, whole or not at all.
    let write disk path pipeline classes (state: RunState) =
        let isAveraged = not (Object.ReferenceEquals (state.Weights, state.Evaluated))

        let all = [
            yield! tensors "" state.Evaluated
            if isAveraged then
                yield! tensors weightsPrefix state.Weights
            yield! state.Course.Best |> Option.map (snd >> tensors bestPrefix) |> Option.defaultValue []
            yield! state.Memories |> List.map (fun (name, value) -> ModelFile.named (optimizerPrefix + name) value)
        ]

        let model = ModelFile.texts pipeline classes (state.Before @ state.Course.Entries)
        ModelFile.write disk path all (model @ texts state)

    // ---- Reading ----

    let private fail sentence = raise (DataFormatException sentence)

    // A text of the metadata that can be read as what it is to be.
    let private required (parse: string -> bool * 'value) (file: SafeTensorsFile) key =
        match file.Metadata.TryGetValue key with
        | true, text ->
            match parse text with
            | true, value -> value
            | _ -> fail $"its {key} is \"{text}\"; the file is damaged"
        | _ -> fail $"it lacks its {key}; the file is damaged"

    let private count file key =
        required (fun text -> Int32.TryParse (text, NumberStyles.None, CultureInfo.InvariantCulture)) file key

    let private real file key =
        required (fun text -> Double.TryParse (text, NumberStyles.Float, CultureInfo.InvariantCulture)) file key

    let private truth file key = required Boolean.TryParse file key

    let private recipe file =
        let pairs = required (fun text -> true, text) file "run.recipe" |> ModelFile.ofJson<string array array> "recipe"

        [
            for pair in pairs do
                match pair with
                | [| name; value |] when not (isNull name || isNull value) -> name, value
                | _ -> fail "its run.recipe is not a list of pairs; the file is damaged"
        ]

    let private requireRun (file: SafeTensorsFile) =
        if not (file.Metadata.ContainsKey ModelFile.runKey) then
            fail "it is a model, not a checkpoint: it can be loaded, but there is no run to go on with"

    // A prefix's tensors as the model's parameters.
    let private parameters (file: SafeTensorsFile) prefix (model: Model) =
        let entries =
            file.Entries
            |> List.ofSeq
            |> List.choose (fun entry ->
                if entry.Name.StartsWith (prefix, StringComparison.Ordinal) then
                    Some (entry.Name.Substring prefix.Length, entry)
                else
                    None)

        if entries.IsEmpty then
            None
        else
            Loading.compare (model.Own |> List.map (fun p -> p.Name, p.Shape)) entries |> ModelFile.requireWhole
            Some (Loading.fill file entries model.Own)

    let private evaluated (file: SafeTensorsFile) (model: Model) =
        let entries = ModelFile.entries file |> List.map (fun entry -> entry.Name, entry)
        Loading.compare (model.Own |> List.map (fun p -> p.Name, p.Shape)) entries |> ModelFile.requireWhole
        Loading.fill file entries model.Own

    let private memories (file: SafeTensorsFile) =
        file.Entries
        |> List.ofSeq
        |> List.filter (fun entry -> entry.Name.StartsWith (optimizerPrefix, StringComparison.Ordinal))
        |> List.map (fun entry -> entry.Name.Substring optimizerPrefix.Length, file.Read entry.Name)

    let private best (file: SafeTensorsFile) model =
        match file.Metadata.ContainsKey "run.best", parameters file bestPrefix model with
        | true, Some weights -> Some (real file "run.best", weights)
        | false, None -> None
        | _ -> fail "its best weights are without their accuracy; the file is damaged"

    let private course file model entries good = {
        Course.Entries = entries
        Course.Sums = {
            Sums.Batches = count file "run.batches"
            Sums.Loss = real file "run.loss"
            Sums.Correct = count file "run.correct"
            Sums.Images = count file "run.images"
            Sums.Seconds = real file "run.seconds"
        }
        Course.Best = best file model
        Course.SinceBest = count file "run.sinceBest"
        Course.Good = good
        Course.Ended = truth file "run.ended"
    }

    /// Reads a run of a model's pipeline. Raises a DataFormatException where the file is damaged, or another network's.
    let read path (model: Model) =
        ModelFile.reading path (fun file ->
            requireRun file
            let history = (ModelFile.header file).History
            let before = history.Length - count file "run.epochs"

            if before < 0 then
                fail $"it has {history.Length} epochs of history, fewer than in its run; the file is damaged"

            let evaluated = evaluated file model

            {
                RunState.Recipe = recipe file
                RunState.Before = List.take before history
                RunState.Course = course file model (List.skip before history) evaluated
                RunState.Weights = parameters file weightsPrefix model |> Option.defaultValue evaluated
                RunState.Evaluated = evaluated
                RunState.Memories = memories file
            })
