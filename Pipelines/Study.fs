namespace Fovea

open System
open MathNet.Numerics.Statistics

/// One of the ways that a study compares.
[<StructuredFormatDisplay("{Name}"); CustomEquality; NoComparison; RequireQualifiedAccess>]
type Arm = {
    /// What the table calls it.
    Name: string
    /// The model to train, for a seed.
    Start: int -> Model
    /// How its training images are changed at random.
    Augment: Augmentation list
} with

    override this.Equals other = Object.ReferenceEquals (this, other)
    override this.GetHashCode () = hash this.Name

/// What came of an arm, a run for each seed.
[<StructuredFormatDisplay("{Display}"); CustomEquality; NoComparison; RequireQualifiedAccess>]
type ArmResult = {
    /// Which.
    Arm: Arm
    /// The trained models, in the order of the seeds.
    Models: Model list
    /// Their accuracy on the test images, 0..1.
    Test: float list
} with

    override this.Equals other = Object.ReferenceEquals (this, other)
    override this.GetHashCode () = hash this.Arm

    /// The mean of the seeds' test accuracies.
    member this.Mean = Statistics.Mean this.Test

    /// Their standard deviation (of a sample); 0 with one seed.
    member this.Deviation = if this.Test.Length > 1 then Statistics.StandardDeviation this.Test else 0.0

    override this.ToString () =
        FormattableString.Invariant
            $"{this.Arm.Name}: {100.0 * this.Mean:F1} ± {100.0 * this.Deviation:F1} %% with {this.Test.Length} seeds"

    /// What the REPL prints.
    member this.Display = this.ToString ()

/// A comparison: the same images, the same recipe and the same seeds for every arm.
[<StructuredFormatDisplay("{Display}"); CustomEquality; NoComparison; RequireQualifiedAccess>]
type Study = {
    /// What is asked.
    Title: string
    /// The images that all are trained on.
    Train: Dataset
    /// The images that all are tested on; they choose nothing.
    Test: Dataset
    /// How all are trained.
    Recipe: Recipe
    /// A run for each.
    Seeds: int list
} with

    override this.Equals other = Object.ReferenceEquals (this, other)
    override this.GetHashCode () = hash this.Title

    override this.ToString () =
        $"{this.Title}: {this.Recipe.Epochs} epochs of {this.Train.Count} images, tested on {this.Test.Count}, seeds {this.Seeds}"

    /// What the REPL prints.
    member this.Display = this.ToString ()

/// What studies have in common: `scripts/study-*.fsx` are one page each.
module Study =

    let private seeds = 3

    /// A study as a script's options want it: on generated images, so many and for so many epochs unless they say
    /// otherwise, or on CIFAR-10 where --data names its folder; three seeds from --seed on. No augmentation, no early end.
    let ofOptions title images epochs (options: Options) =
        let train, test =
            if options.Data.IsNone && not options.Download then
                Script.generated images options
            else
                Script.data Cifar10.published Cifar10.load options

        {
            Study.Title = title
            Study.Train = train
            Study.Test = test
            Study.Recipe = { Script.recipe options { Recipe.standard with Epochs = epochs } with Progress = Silent }
            Study.Seeds = List.init seeds (fun i -> options.Seed + i)
        }

    /// The pipeline that the study's networks begin with: its images, normalised.
    let input (study: Study) = Pipeline.ofShape study.Train.Shape |> normalize (Data.meanAndStd study.Train)

    /// An arm that trains a network from its initial weights.
    let arm name pipeline = {
        Arm.Name = name
        Arm.Start = fun seed -> Model.init seed pipeline
        Arm.Augment = []
    }

    /// An arm with augmented training images.
    let augmented augmentations (arm: Arm) = { arm with Arm.Augment = augmentations }

    /// An arm that trains what a function of the seed gives.
    let armOf name start = { Arm.Name = name; Arm.Start = start; Arm.Augment = [] }

    /// The width whose network is nearest to a figure, such as as many parameters as another network:
    /// `Study.width Pipeline.parameterCount (Pipeline.parameterCount cnn) flat`. The figure must grow with the width.
    let width (figure: Pipeline -> int64) (wanted: int64) (network: int -> Pipeline) =
        let at width = figure (network width)

        // Below the first power of two that is too large, then halved.
        let rec above width = if at width >= wanted || width >= 1_000_000 then width else above (2 * width)

        let rec between low high =
            if high - low <= 1 then
                if abs (at low - wanted) <= abs (at high - wanted) then low else high
            else
                let middle = (low + high) / 2
                if at middle < wanted then between middle high else between low middle

        between 1 (max 2 (above 2))

    // ---- Runs ----

    let private runOne (study: Study) (arm: Arm) seed =
        let recipe = { study.Recipe with Seed = seed }
        let train = study.Train |> Data.augment arm.Augment
        let model = arm.Start seed |> Training.fit recipe (train, study.Test)
        model, (Model.evaluate study.Test model).Accuracy

    /// Trains every arm with every seed; a line is printed when an arm is done.
    let run (study: Study) (arms: Arm list) =
        printfn $"{study.Title}\n"
        printfn $"{study.Train}\n"

        printfn
            $"{arms.Length} arms, {study.Seeds.Length} seeds, {study.Recipe.Epochs} epochs of {study.Train.Count} images, tested on {study.Test.Count}\n"

        [
            for arm in arms do
                let models, accuracies = study.Seeds |> List.map (runOne study arm) |> List.unzip
                let result = { ArmResult.Arm = arm; ArmResult.Models = models; ArmResult.Test = accuracies }
                printfn $"  {arm.Name}: {Table.percent result.Mean}"
                result
        ]

    // ---- What they say ----

    let private plusMinus (mean: float) (deviation: float) =
        FormattableString.Invariant $"{100.0 * mean:F1} ± {100.0 * deviation:F1}"

    let private lastTraining (result: ArmResult) =
        result.Models
        |> List.map (fun model ->
            model.History |> List.tryLast |> Option.map _.TrainAccuracy |> Option.defaultValue nan)
        |> Statistics.Mean

    /// A line an arm: parameters, multiply-accumulates, accuracy on training and test images in %.
    let table (results: ArmResult list) = {
        Table.ofRows 1 [ "arm"; "parameters"; "MACs"; "training %"; "test %"; "of each seed" ] [
            for result in results do
                let pipeline = result.Models.Head.Pipeline

                [
                    result.Arm.Name
                    Table.number (Pipeline.parameterCount pipeline)
                    Table.number (Pipeline.macs pipeline)
                    FormattableString.Invariant $"{100.0 * lastTraining result:F1}"
                    plusMinus result.Mean result.Deviation
                    result.Test
                    |> List.map (fun accuracy -> FormattableString.Invariant $"{100.0 * accuracy:F1}")
                    |> String.concat " "
                ]
        ] with
            Table.Notes = [
                "mean ± standard deviation over the seeds; the training accuracy is the last epoch's, as it was trained"
            ]
    }

    /// Shares 0..1 as a table in %: a line for each name, a column for each heading.
    let grid first (headings: string list) (lines: (string * float list) list) =
        Table.ofRows 1 (first :: headings) [
            for name, shares in lines ->
                name :: [ for share in shares -> FormattableString.Invariant $"{100.0 * share:F1}" ]
        ]

    /// One arm against another, seed by seed: "A is 3.1 points better than B, in 3 of 3 seeds".
    let against other name (results: ArmResult list) =
        let find name =
            match results |> List.tryFind (fun result -> result.Arm.Name = name) with
            | Some result -> result
            | None ->
                let names = results |> List.map _.Arm.Name |> String.concat ", "
                raise (ArgumentException $"study: there is no arm \"{name}\"; there are {names}")

        let one, two = find name, find other
        let differences = List.map2 (-) one.Test two.Test
        let mean = Statistics.Mean differences
        let alike = differences |> List.filter (fun d -> sign d = sign mean) |> List.length
        let word = if mean >= 0.0 then "better" else "worse"

        FormattableString.Invariant
            $"{name}: {100.0 * abs mean:F1} points {word} than {other}, in {alike} of {differences.Length} seeds"

    let private courses (results: ArmResult list) =
        Picture.curves "test accuracy, mean of the seeds" "epoch" [
            for result in results do
                result.Arm.Name,
                result.Models
                |> List.map (fun model -> model.History |> List.map _.ValidationAccuracy)
                |> List.transpose
                |> Seq.map (fun epoch -> float32 (Statistics.Mean epoch))
        ]

    let private bars (results: ArmResult list) =
        Picture.bars "test accuracy, %" [ for result in results -> result.Arm.Name, float32 (100.0 * result.Mean) ]

    /// The study as a report: its table, findings and charts.
    let report (study: Study) (findings: string list) (results: ArmResult list) =
        let names = study.Seeds |> List.map string |> String.concat ", "

        Report.titled study.Title
        |> Report.text
            $"{study.Train.Name}: {study.Train.Count} images for training, {study.Test.Count} for testing, {study.Recipe.Epochs} epochs, seeds {names}."
        |> Report.table (table results)
        |> Report.printed (String.concat "\n" findings)
        |> Report.charts [ bars results; courses results ]

    /// Prints the table and the findings, and writes the report with what is added to it.
    let conclude file findings more study results =
        printfn $"\n{table results}\n"
        findings |> List.iter (printfn "%s")
        report study findings results |> more |> Report.write file
        printfn $"\n{file} shows it with charts."
