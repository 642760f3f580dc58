namespace Fovea

open System
open Fovea.Core.Analysis
open Fovea.Core.Data
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors

/// An image that a model was asked about, with what it said and what is true.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Answer = {
    /// Its place in the dataset.
    Index: int
    /// What it is.
    Truth: string
    /// What the model takes it for, and how surely.
    Said: Prediction
} with

    override this.ToString () = $"image {this.Index}: {this.Said}, it is {this.Truth}"

    /// What the REPL prints.
    member this.Display = this.ToString ()

/// Two classes, and how often the first was taken for the second.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Confusion = {
    /// What the images are.
    Truth: string
    /// What they were taken for.
    Said: string
    /// How many.
    Count: int
    /// Of so many images of the true class.
    Of: int
} with

    override this.ToString () = $"{this.Truth} taken for {this.Said}: {this.Count} of {this.Of}"

    /// What the REPL prints.
    member this.Display = this.ToString ()

/// A place in an image at which a filter answers strongly.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Excited = {
    /// The image's place in the dataset.
    Index: int
    /// The row and column of the filter's map.
    Place: int * int
    /// The answer.
    Value: float32
    /// The part of the image (C, h, w) that this place sees, cut off at the border.
    Patch: Tensor
} with

    override this.ToString () =
        FormattableString.Invariant $"image {this.Index} at {this.Place}: {this.Value:g4}, patch {this.Patch.Shape}"

    /// What the REPL prints.
    member this.Display = this.ToString ()

/// What a model does with images, in numbers. `View` makes pictures of the same. Images are (C, H, W), one at a time; a
/// stage is named as the table names it.
module Inspect =

    let private inspector (model: Model) = Inspector (model.Graph, model.Own |> List.map _.Value |> List.toArray)

    /// The stages' names, as the table lists them.
    let stages (model: Model) = model.Graph.Vertices |> Seq.map _.Name |> List.ofSeq

    let internal vertex stage (model: Model) =
        match stages model |> List.tryFindIndex ((=) stage) with
        | Some v -> v
        | None ->
            let names = stages model |> String.concat ", "
            raise (ArgumentException $"model: there is no stage \"{stage}\"; there are {names}")

    let private single (image: Tensor) (model: Model) =
        if image.Shape <> model.Graph.Input then
            raise (
                ShapeException (
                    "image",
                    $"the model takes images {model.Graph.Input}, got {image.Shape}",
                    if image.Rank = model.Graph.Input.Rank + 1 then
                        "take one of the batch: batch.Take 0"
                    else
                        "give one image of that size: Data.image 0 test, or Picture.resize"
                )
            )

        image.Unsqueeze 0

    let private requireClasses (model: Model) =
        if model.Graph.OutputShape.Rank <> 1 then
            raise (
                ShapeException (
                    "model",
                    $"its output for an image is {model.Graph.OutputShape}, not one number for each class",
                    "ask a model that ends with a vector, such as dense 10"
                )
            )

    // One image as a batch, of a model that takes images and tells classes apart.
    let private picture image (model: Model) =
        let batch = single image model

        if image.Rank <> 3 then
            raise (
                ShapeException (
                    "image",
                    $"the model takes {image.Shape}, not images (channels, height, width)",
                    "ask a model of images"
                )
            )

        requireClasses model
        batch

    let private label (name: string) (model: Model) =
        match List.tryFindIndex ((=) name) model.Classes, Int32.TryParse name with
        | Some label, _ -> label
        | None, (true, label) when label >= 0 && label < model.Graph.OutputShape.Count -> label
        | None, _ ->
            let known =
                if model.Classes.IsEmpty then
                    $"\"0\" to \"{model.Graph.OutputShape.Count - 1}\""
                else
                    String.concat ", " model.Classes

            raise (ArgumentException $"model: there is no class \"{name}\"; there are {known}")

    let private likeliest image (model: Model) = (Model.logits (picture image model) model).ArgMax()

    let private requireImages (data: Dataset) =
        if data.Count = 0 then
            raise (ArgumentException $"{data.Name}: there are no images; give at least one")

    // ---- Stages ----

    /// The filters (K, C, R, S) of a convolution: `model |> Inspect.filters "conv1"`.
    let filters stage (model: Model) =
        vertex stage model |> ignore

        match model.Own |> List.tryFind (fun p -> p.Name = $"{stage}.weight" && p.Value.Rank = 4) with
        | Some weight -> weight.Value.Copy ()
        | None ->
            let names = [
                for p in model.Own do
                    if p.Value.Rank = 4 then
                        p.Name[.. p.Name.LastIndexOf '.' - 1]
            ]

            let known = if names.IsEmpty then "this model has none" else String.concat ", " names
            raise (ArgumentException $"{stage}: it has no filters; stages with filters are: {known}")

    /// The outputs of all stages for one image, by name.
    let activations image (model: Model) =
        let values = (inspector model).Values(single image model)
        List.zip (stages model) [ for value in values -> value.Take 0 ]

    /// The output of one stage for one image: `model |> Inspect.output "conv1" image`.
    let output stage image (model: Model) =
        let values = (inspector model).Values(single image model)
        values[vertex stage model].Take 0

    let private requireMaps stage v (model: Model) =
        let shape = model.Graph.Vertices[v].Node.Output

        if shape.Rank <> 3 then
            raise (
                ShapeException (
                    stage,
                    $"it gives {shape}, not maps (channels, height, width)",
                    "name a stage before flatten"
                )
            )

        shape

    /// The gradient of the loss for the first images of a dataset, with respect to every parameter that trains, by name.
    let gradients (loss: Loss) (data: Dataset) (model: Model) =
        requireImages data
        let some = Data.take 64 data
        let targets = Targets.op_Implicit (Data.labels some)

        let found =
            (inspector model).ParameterGradients(Data.images some, fun outputs -> loss.Gradient (outputs, targets))

        [
            for parameter, gradient in Seq.zip model.Graph.Parameters found do
                match gradient with
                | null -> ()
                | gradient -> parameter.Name, gradient
        ]

    // ---- Where a model looks ----

    /// How much each pixel moves the output of the likeliest class: (H, W).
    let saliency image model = Saliency.Of (inspector model, image, likeliest image model)

    /// How much each pixel moves the output of a class: (H, W).
    let saliencyOf name image (model: Model) =
        picture image model |> ignore
        Saliency.Of (inspector model, image, label name model)

    let private lastMaps (model: Model) =
        match
            model.Graph.Vertices
            |> Seq.tryFindBack (fun v -> v.Node.Output.Rank = 3 && v.Node.Output[1] * v.Node.Output[2] > 1)
        with
        | Some vertex -> vertex.Name
        | None ->
            raise (
                ShapeException (
                    "Grad-CAM",
                    "no stage gives maps (channels, height, width)",
                    "ask a model with convolutions"
                )
            )

    /// Where a stage sees a class: Grad-CAM's map, of the stage's height and width.
    let gradCamOf stage name image (model: Model) =
        picture image model |> ignore
        GradCam.Of (inspector model, vertex stage model, image, label name model)

    /// Where the last stage with maps sees the likeliest class.
    let gradCam image model = GradCam.Of (inspector model, vertex (lastMaps model) model, image, likeliest image model)

    /// How much of the likeliest class's probability is lost where a square of so many pixels hides the image, moved by
    /// half of its side: (rows, columns).
    let occlusion size image (model: Model) =
        if size < 1 then
            raise (ArgumentException $"occlusion: a square of {size} pixels hides nothing; give 1 or more")

        Occlusion.Of (model.Predictor, image, likeliest image model, size, max 1 (size / 2))

    // ---- What a place sees ----

    let private seen v place (model: Model) =
        Summary.seen model.Graph |> List.item v |> Summary.sees model.Graph.Input place

    /// The receptive field of the middle of a stage's output, as rows and columns of the input: top, left, height, width.
    let field stage (model: Model) =
        let v = vertex stage model
        let shape = requireMaps stage v model
        seen v (shape[1] / 2, shape[2] / 2) model

    /// How strongly the middle of a stage's output hangs on each pixel of the input: mean absolute gradients over 32 random
    /// images. What is outside the receptive field is zero; how it falls off inside is the effective receptive field.
    let footprint stage (model: Model) =
        let v = vertex stage model
        let shape = requireMaps stage v model
        let network = Inspector (model.Graph.Until (v + 1), model.Own |> List.map _.Value |> List.toArray)
        Footprint.Of (network, shape[1] / 2, shape[2] / 2, 32, 0)

    /// The images whose patches a stage's filter answers most strongly to, the strongest first, at most one place an image.
    let exciting count stage filter data (model: Model) =
        requireImages data
        let v = vertex stage model
        let shape = requireMaps stage v model

        if filter < 0 || filter >= shape[0] then
            raise (ArgumentException $"{stage}: there is no filter {filter}; it has {shape[0]}, from 0")

        let network = Predictor (model.Graph.Until (v + 1), model.Own |> List.map _.Value |> List.toArray)
        let size = 64

        // A place's field, cut off at the border.
        let cut (image: Tensor) place =
            let top, left, height, width = seen v place model

            let along axis (at: int) extent (image: Tensor) =
                let first = max 0 at
                image.Slice (axis, first, min image.Shape[axis] (at + extent) - first)

            image |> along 1 top height |> along 2 left width

        Data.batch size data
        |> Seq.mapi (fun i (images, _) ->
            Excitation.Strongest (network.Run images, filter, i * size) |> Seq.truncate count |> List.ofSeq)
        |> List.concat
        |> List.sortByDescending _.Value
        |> List.truncate count
        |> List.map (fun found -> {
            Excited.Index = found.Image
            Excited.Place = found.Row, found.Column
            Excited.Value = found.Value
            Excited.Patch = cut (Data.image found.Image data) (found.Row, found.Column)
        })

    // ---- Right and wrong ----

    /// What the model says of every image of a dataset.
    let answers (data: Dataset) (model: Model) =
        requireImages data
        requireClasses model
        let named = if model.Classes.IsEmpty then model |> Model.withClasses (Data.classes data) else model

        Data.batch 500 data
        |> Seq.collect (fun (images, labels) -> Seq.zip (Model.classify images named) labels)
        |> Seq.mapi (fun i (said, label) -> {
            Answer.Index = i
            Answer.Truth = Data.classes data |> List.item label
            Answer.Said = said
        })
        |> List.ofSeq

    /// The mistakes that the model is surest of, the surest first.
    let mistakes count data model =
        answers data model
        |> List.filter (fun answer -> answer.Said.Class <> answer.Truth)
        |> List.sortByDescending _.Said.Probability
        |> List.truncate count

    /// The images that the model is least sure of, the least sure first.
    let doubts count data model = answers data model |> List.sortBy _.Said.Probability |> List.truncate count

    /// The pairs of classes that are most often taken for each other, the commonest first.
    let confusions count data model =
        let said = answers data model
        let sizes = said |> List.countBy _.Truth |> Map.ofList

        said
        |> List.filter (fun answer -> answer.Said.Class <> answer.Truth)
        |> List.countBy (fun answer -> answer.Truth, answer.Said.Class)
        |> List.sortByDescending snd
        |> List.truncate count
        |> List.map (fun ((truth, taken), times) -> {
            Confusion.Truth = truth
            Confusion.Said = taken
            Confusion.Count = times
            Confusion.Of = sizes[truth]
        })
