namespace Fovea

open System
open Fovea.Core.Plans
open Fovea.Core.Randomness
open Fovea.Core.Tensors
open Fovea.Core.Training

/// What a model makes of one image.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Prediction = {
    /// The likeliest class.
    Class: string
    /// Its number.
    Label: int
    /// How likely it is, 0..1.
    Probability: float
} with

    /// What the REPL prints.
    member this.Display = this.ToString ()
    override this.ToString () = FormattableString.Invariant $"{this.Class} {100.0 * this.Probability:F1} %%"

/// How a model does on labelled images.
[<StructuredFormatDisplay("{Display}"); CustomEquality; NoComparison; RequireQualifiedAccess>]
type Evaluation = {
    /// The number of images.
    Count: int
    /// The share of images that are classed rightly, 0..1.
    Accuracy: float
    /// The mean cross-entropy.
    Loss: float
    /// Which classes are taken for which.
    Confusion: ConfusionMatrix
} with

    override this.Equals other =
        match other with
        | :? Evaluation as that -> (this.Count, this.Accuracy, this.Loss) = (that.Count, that.Accuracy, that.Loss)
        | _ -> false

    override this.GetHashCode () = hash (this.Count, this.Accuracy, this.Loss)

    override this.ToString () =
        FormattableString.Invariant $"{100.0 * this.Accuracy:F2} %% of {this.Count:N0} images, loss {this.Loss:F4}"

    /// What the REPL prints.
    member this.Display = $"\n{this}\n{this.Confusion}"

/// A network with its weights: a value. Training gives a new one and leaves the old as it was. It answers from any number
/// of threads at once.
[<StructuredFormatDisplay("{Display}"); Sealed>]
type Model internal (pipeline: Pipeline, parameters: Parameter list, history: Epoch list, classes: string list) =
    let graph = Pipeline.graph pipeline
    let predictor = lazy Predictor (graph, parameters |> List.map _.Value |> List.toArray)

    /// What it was built from.
    member _.Pipeline = pipeline

    /// What its training gave, an entry an epoch.
    member _.History = history

    /// The names of the classes; empty when they are not known.
    member _.Classes = classes

    member internal _.Graph = graph
    member internal _.Own = parameters
    member internal _.Predictor = predictor.Value

    override _.ToString () =
        [
            string pipeline
            if not history.IsEmpty then
                let last = List.last history

                FormattableString.Invariant
                    $"trained for {history.Length} epochs: loss {last.Loss:F4}, validation accuracy {100.0 * last.ValidationAccuracy:F2} %%"
            else
                "not trained"
        ]
        |> String.concat "\n"

    /// What the REPL prints.
    member this.Display = "\n" + this.ToString ()

/// Models: made from pipelines, asked, evaluated.
module Model =

    let private create pipeline parameters history classes = Model (pipeline, parameters, history, classes)

    /// A model with initial weights drawn from a seed: the same seed, the same weights.
    /// Raises the pipeline's first fault, if a stage does not fit, and an InsufficientMemoryException, with both figures,
    /// where the machine has no room for the parameters.
    let init (seed: int) pipeline =
        let key = RandomKey.Of(seed).Child "parameters"
        let graph = Pipeline.graph pipeline
        MemoryForesight.Require graph

        let parameters =
            graph.Parameters
            |> Seq.map (fun p -> p.Spec.Create (p.Name, key.Child p.Name, p.Trains))
            |> List.ofSeq

        create pipeline parameters [] []

    /// A model whose parameters begin as a function of them says, which sees each with its usual value:
    /// `cnn |> Model.initWith 42 (fun p -> if p.Role = ParameterRole.Weight then Initial.orthogonal () else Initial.usual)`.
    /// The same seed, the same weights.
    let initWith (seed: int) (initial: Parameter -> Initializer) pipeline =
        let key = RandomKey.Of(seed).Child "parameters"

        let begun (p: Parameter) =
            match (initial (p.Copy ())).Create with
            | None -> p
            | Some create ->
                try
                    Parameter (p.Name, p.Role, create.Invoke (p.Shape, key.Child p.Name), p.Trains)
                with :? Fovea.Core.Shapes.ShapeException as fault ->
                    raise (Fovea.Core.Shapes.ShapeException ($"{p.Name}: {fault.Message}"))

        create pipeline ((init seed pipeline).Own |> List.map begun) [] []

    /// The same model with names for its classes.
    let withClasses (names: string list) (model: Model) = create model.Pipeline model.Own model.History names

    let internal withTraining parameters history classes (model: Model) =
        create model.Pipeline parameters history classes

    /// The parameters by name, as copies: changing them changes nothing.
    let parameters (model: Model) = model.Own |> List.map _.Copy()

    /// The number of parameters, without buffers such as running statistics.
    let parameterCount (model: Model) =
        model.Own
        |> List.filter (fun p -> p.Role <> ParameterRole.Buffer)
        |> List.sumBy (fun p -> int64 p.Shape.Count)

    /// The parameter of a name, as a copy.
    let parameter name (model: Model) =
        match model.Own |> List.tryFind (fun p -> p.Name = name) with
        | Some found -> found.Value.Copy ()
        | None ->
            let names = model.Own |> List.map _.Name |> String.concat ", "
            raise (ArgumentException $"model: there is no parameter \"{name}\"; there are {names}")

    /// The same model with another value for a parameter.
    let withParameter name (value: Tensor) (model: Model) =
        let old = parameter name model

        if old.Shape <> value.Shape then
            raise (
                Fovea.Core.Shapes.ShapeException (
                    "model",
                    $"{name} is {old.Shape}, got {value.Shape}",
                    "give a value of the same shape"
                )
            )

        let parameters =
            model.Own
            |> List.map (fun p -> if p.Name = name then Parameter (name, p.Role, value.Copy (), p.Trains) else p)

        create model.Pipeline parameters model.History model.Classes

    /// The model with those parameters of another that have the same names and shapes, its own otherwise: what is left of
    /// a trained network under a new head. Raises an ArgumentException where none has.
    let withWeightsOf (source: Model) (model: Model) =
        let theirs = source.Own |> List.map (fun p -> (p.Name, p.Shape), p.Value) |> dict
        let fits (p: Parameter) = theirs.ContainsKey ((p.Name, p.Shape))

        if not (List.exists fits model.Own) then
            raise (
                ArgumentException
                    "model: no parameter of the other model has the name and shape of one of this; build this one from the other's pipeline"
            )

        let parameters =
            model.Own
            |> List.map (fun p ->
                if fits p then Parameter (p.Name, p.Role, theirs[(p.Name, p.Shape)].Copy(), p.Trains) else p)

        create model.Pipeline parameters model.History model.Classes

    /// The model with the filters of one convolution, found by its name or the name of the block that it begins, made from
    /// images (N, C, H, W): the principal directions of what it sees of them, scaled to variance 1, and their negatives
    /// (Jordan, 2024). It is meant for a frozen first layer over normalised images:
    /// `frozen (conv (24, 2, name = "whiten"))`, then `Model.whiten "whiten" (Data.images (Data.take 5000 train))`.
    let whitenWith (eps: float) name (images: Tensor) (model: Model) =
        let isOf (vertex: Vertex) = vertex.Name = name || vertex.Name.StartsWith (name + ".")

        match model.Graph.Vertices |> Seq.tryFind (fun v -> isOf v && v.Node :? ConvolutionNode) with
        | None ->
            let known =
                model.Graph.Vertices
                |> Seq.filter (fun v -> v.Node :? ConvolutionNode)
                |> Seq.map _.Name
                |> String.concat ", "

            raise (ArgumentException $"model: there is no convolution named \"{name}\"; there are {known}")
        | Some vertex ->
            let values = model.Own |> List.map _.Value |> List.toArray
            let seen = Predictor(model.Graph.UpTo vertex.Inputs[0], values).Run images
            let weight = model.Graph.Parameters[vertex.Parameters[0]]
            withParameter weight.Name (Fovea.Core.Layers.Whitening.Filters (seen, weight.Spec.Shape, eps)) model

    /// `whitenWith 5e-4`, what is added to the directions' variances there.
    let whiten name images model = whitenWith 5e-4 name images model

    // One image is a batch of one.
    let private batched (images: Tensor) (model: Model) =
        if images.Shape = model.Graph.Input then images.Reshape (images.Shape.Prepend 1) else images

    /// The network's outputs for images (N, C, H, W), before any softmax: (N, classes).
    let logits (images: Tensor) (model: Model) = model.Predictor.Run images

    /// The outputs for several views of the images (`TestViews.mirrored`, `TestViews.moved 1`), each times its weight, added up.
    let logitsOver (views: (TestView * float32) list) (images: Tensor) (model: Model) =
        match views |> List.map (fun (view, weight) -> logits (view.Of images) model * weight) with
        | [] -> raise (ArgumentException "views: there is none; give at least one, such as TestViews.mirrored")
        | seen -> List.reduce (+) seen

    /// The classes' probabilities for images (N, C, H, W): softmax of the logits, (N, classes).
    let probabilities (images: Tensor) (model: Model) = Fovea.Core.Plans.Probabilities.Of (logits images model)

    let private named (classes: string list) label =
        classes |> List.tryItem label |> Option.defaultValue $"class {label}"

    let private prediction classes (row: Tensor) =
        let label = row.ArgMax ()

        {
            Prediction.Class = named classes label
            Prediction.Label = label
            Prediction.Probability = float (row.Max ())
        }

    /// The likeliest class of every image (N, C, H, W), with its probability; a single image (C, H, W) will do.
    let classify (images: Tensor) (model: Model) =
        let probabilities = probabilities (batched images model) model

        List.init probabilities.Shape[0] (fun i -> prediction model.Classes (probabilities.Take i))

    /// The classes of one image (C, H, W) with their probabilities, the likeliest first.
    let ranked (image: Tensor) (model: Model) =
        (probabilities (batched image model) model).Values
        |> Seq.mapi (fun label probability -> named model.Classes label, float probability)
        |> Seq.sortByDescending snd
        |> List.ofSeq

    let private evaluationBatch = 500

    let private evaluateBy (logits: Tensor -> Tensor) (data: Dataset) =
        if data.Count = 0 then
            raise (ArgumentException $"{data.Name}: there are no images to evaluate on; give at least one")

        let loss = CrossEntropy ()
        let confusion = ConfusionMatrix (Array.ofSeq data.Classes)

        let total =
            Data.batch evaluationBatch data
            |> Seq.sumBy (fun (images, labels) ->
                let logits = logits images
                confusion.Add (logits, labels)
                float labels.Length * loss.Value (logits, Targets.op_Implicit labels))

        {
            Evaluation.Count = data.Count
            Evaluation.Accuracy = confusion.Accuracy
            Evaluation.Loss = total / float data.Count
            Evaluation.Confusion = confusion
        }

    /// How the model does on a dataset: accuracy, cross-entropy and confusion matrix. Augmentations are left out.
    let evaluate (data: Dataset) (model: Model) = evaluateBy (fun images -> logits images model) data

    /// How the model does when it is asked about several views of each image: `Model.evaluateOver (TestViews.moved 1) test`.
    let evaluateOver views (data: Dataset) (model: Model) =
        evaluateBy (fun images -> logitsOver views images model) data

    // ---- Files ----

    /// Writes a model to a safetensors file, whole or not at all: its parameters under their names in PyTorch's layouts,
    /// and its pipeline, class names and history, so that `load` needs nothing else. The folder must exist. Stages of
    /// one's own cannot be written: such a model is loaded with `loadInto`.
    let save (path: string) (model: Model) =
        let tensors = model.Own |> List.map (fun p -> ModelFile.named p.Name p.Value)

        ModelFile.write
            Fovea.Core.Formats.Disk.Real
            path
            tensors
            (ModelFile.texts model.Pipeline model.Classes model.History)

    let private loadWith rename require path (model: Model) =
        ModelFile.reading path (fun file ->
            let header, entries = ModelFile.header file, ModelFile.entries file |> ModelFile.renamed rename
            let report = Loading.compare (model.Own |> List.map (fun p -> p.Name, p.Shape)) entries
            require report
            let classes = if header.Classes.IsEmpty then model.Classes else header.Classes
            create model.Pipeline (Loading.fill file entries model.Own) header.History classes, report)

    /// The model of a file that `save` wrote, or a checkpoint's.
    /// Raises a DataFormatException, one sentence, where the file is damaged, of another format, or has no pipeline in it.
    let load (path: string) =
        ModelFile.reading path (fun file ->
            let header, entries = ModelFile.header file, ModelFile.entries file
            let pipeline = ModelFile.requirePipeline header
            let wanted = (Pipeline.graph pipeline).Parameters |> List.ofSeq

            // Before any memory is taken: the file has all that the pipeline wants.
            Loading.compare
                (wanted |> List.map (fun p -> p.Name, p.Spec.Shape))
                (entries |> List.map (fun entry -> entry.Name, entry))
            |> ModelFile.requireWhole

            let parameters = wanted |> List.map (fun p -> Parameter (p.Name, p.Spec.Role, file.Read p.Name, p.Trains))
            create pipeline parameters header.History header.Classes)

    /// A model with the parameters of a safetensors file, whoever wrote it: PyTorch's layouts are ours.
    /// Raises a DataFormatException that lists the tensors which are missing, unexpected, or of another shape.
    let loadInto path model = loadWith id ModelFile.requireWhole path model |> fst

    /// A model with the parameters of a safetensors file whose names are others: the function makes our names of theirs,
    /// and the empty text of those that are to be left out.
    /// Raises a DataFormatException that lists the tensors which are missing, unexpected, or of another shape.
    let loadNamed (rename: string -> string) path model = loadWith rename ModelFile.requireWhole path model |> fst

    /// A model with those parameters of a safetensors file that fit it, the others as they were, and a report of which.
    let loadMatching path model = loadWith id ignore path model

    // ---- ONNX ----

    /// Writes a model to an ONNX file of opset 17, whole or not at all, so that ONNX Runtime and others run it: `input` is
    /// images (N, C, H, W) of any number, `output` what `logits` gives. Weights keep their names; the names of the
    /// classes, the normalisation and the pipeline's source are in the metadata. Training can not go on from it: `save`
    /// as well. Raises an ArgumentException where a stage is made of functions of one's own.
    let exportOnnx (path: string) (model: Model) =
        Fovea.Core.Formats.Onnx.Save (path, OnnxExport.model model.Pipeline model.Own model.Classes)

    /// The model of an ONNX file, whoever wrote it: operators become stages, their constants its parameters (under our
    /// names), branches residual blocks, concats and gates. It takes images channels first, whatever the file's order.
    /// Raises a DataFormatException, one sentence, that names the operator for which there is no stage, branches that no
    /// pipeline can say, or what is wrong with the file.
    let importOnnx (path: string) =
        let file = Fovea.Core.Formats.Onnx.Load path

        try
            let pipeline, parameters, classes = OnnxImport.read file
            create pipeline parameters [] classes
        with :? Fovea.Core.Formats.DataFormatException as fault ->
            raise (Fovea.Core.Formats.DataFormatException ($"{path}: {fault.Message}", fault))
