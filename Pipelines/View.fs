namespace Fovea

open System
open Fovea.Core.Pictures

/// Pictures of what a model does: `model |> View.gradCam image |> Picture.show`. Each is an image or a chart; `Picture`
/// shows, saves and puts them together. Images are (C, H, W), one at a time; a stage is named as the table names it.
module View =

    /// The side that small pictures are enlarged to, so that labels fit below them.
    let private side = 96

    let private enlarged (image: Image) = Picture.enlarge (max 1 (side / max image.Width image.Height)) image

    let private photo (image: Tensor) =
        match image.Rank, image.Shape[0] with
        | 3, (1 | 3) -> Picture.photo image
        | _ -> Picture.image (image.Mean 0)

    // ---- Weights ----

    /// The filters of a convolution: `model |> View.filters "conv1"`.
    let filters stage (model: Model) = Inspect.filters stage model |> Picture.filters |> Picture.enlarge 8

    /// How the numbers of every weight are spread, a chart each.
    let weights (model: Model) = [
        for parameter in Model.parameters model do
            if parameter.Role = Fovea.Core.Tensors.ParameterRole.Weight then
                Picture.histogram parameter.Name parameter.Value
    ]

    /// How the gradients of the loss are spread, a chart each, for the first 64 images of a dataset.
    let gradients loss data model = [
        for name, gradient in Inspect.gradients loss data model -> Picture.histogram $"gradient of {name}" gradient
    ]

    // ---- Stages ----

    /// The channels that a stage makes of an image, at most 64, all by one range.
    let featureMaps stage image model =
        let maps: Tensor = Inspect.output stage image model

        let shown =
            match maps.Rank with
            | 3 -> maps.Slice (0, 0, min 64 maps.Shape[0])
            | _ -> maps.Reshape (1, 1, maps.Count)

        Picture.featureMaps shown
        |> List.map (Picture.enlarge (max 1 (48 / shown.Shape[1])))
        |> Picture.grid

    /// The image and what each stage with maps makes of it, eight channels each, labelled.
    let stages image (model: Model) =
        let strip (name, maps: Tensor) =
            maps.Slice (0, 0, min 8 maps.Shape[0])
            |> Picture.featureMaps
            |> List.map (fun map -> Picture.resize (48, 48) map)
            |> Picture.gridOf 8
            |> fun strip -> $"{name} {maps.Shape}", strip

        let shown =
            Inspect.activations image model
            |> List.filter (fun (_, maps) -> maps.Rank = 3 && maps.Shape[1] * maps.Shape[2] > 1)

        Picture.labelledOf 1 (("input", Picture.resize (48, 48) (photo image)) :: List.map strip shown)

    /// The parts of a dataset's images that a stage's filter answers most strongly to.
    let exciting stage filter data model =
        Inspect.exciting 12 stage filter data model
        |> List.map (fun found -> FormattableString.Invariant $"{found.Value:g3}", enlarged (photo found.Patch))
        |> Picture.labelled

    // ---- Where it looks ----

    // Over grey, so that every colour is the map's.
    let private over (image: Tensor) (heat: Tensor) = Picture.photo (image.Mean 0) |> enlarged |> Picture.overlay heat

    /// How much each pixel moves the likeliest class's output, over the image.
    let saliency image model = Inspect.saliency image model |> over image

    /// Where the last stage with maps sees the likeliest class, over the image.
    let gradCam image model = Inspect.gradCam image model |> over image

    /// Where a stage sees a class, over the image.
    let gradCamOf stage name image model = Inspect.gradCamOf stage name image model |> over image

    /// Where hiding a square of so many pixels costs the likeliest class its probability, over the image.
    let occlusion size image model = Inspect.occlusion size image model |> over image

    /// The image, its saliency, Grad-CAM and occlusion side by side, with what the model says.
    let why image (model: Model) =
        let said = Model.classify image model |> List.head

        Picture.labelled [
            string said, enlarged (photo image)
            "saliency", saliency image model
            "Grad-CAM", gradCam image model
            "occlusion", occlusion (max 2 (image.Shape[1] / 6)) image model
        ]

    // ---- What it sees ----

    let private frame = Core.Pictures.Colour (255uy, 170uy, 20uy)

    /// The receptive field of the middle of a stage's output, drawn over an image.
    let field stage (image: Tensor) model =
        let top, left, height, width = Inspect.field stage model
        Outline.Around (photo image, top, left, height, width, frame, max 1 (side * 2 / image.Shape[1]))

    /// The effective receptive field of the middle of a stage's output, inside a frame that is the theoretical one.
    let footprint stage (model: Model) =
        let top, left, height, width = Inspect.field stage model
        let heat = Inspect.footprint stage model
        let shown = Picture.mapped ColourMap.Heat (ValueRange.Of heat) heat
        Outline.Around (shown, top, left, height, width, frame, max 1 (side * 2 / heat.Shape[0]))

    // ---- Right and wrong ----

    /// The mistakes that the model is surest of, each with what it was taken for and what it is.
    let mistakes count data model =
        let shown = [
            for answer in Inspect.mistakes count data model ->
                $"{answer.Said.Class}, is {answer.Truth}", Picture.enlarge 4 (photo (Data.image answer.Index data))
        ]

        if shown.IsEmpty then None else Some (Picture.labelled shown)

    /// The images that the model is least sure of, each with what it said and how surely.
    let doubts count data model =
        Picture.labelled [
            for answer in Inspect.doubts count data model ->
                string answer.Said, Picture.enlarge 4 (photo (Data.image answer.Index data))
        ]

    /// Which classes are taken for which.
    let confusion (evaluation: Evaluation) =
        Picture.confusion "confusion" evaluation.Confusion.Names (evaluation.Confusion.ToTensor ())

    /// A training's losses, and its accuracies.
    let training (model: Model) =
        if model.History.IsEmpty then
            raise (ArgumentException "model: it has no history to draw; fit it first")

        let course f = [ for epoch in model.History -> float32 (f epoch) ]

        [
            Picture.curves "loss" "epoch" [ "training", course _.Loss; "validation", course _.ValidationLoss ]
            Picture.curves "accuracy" "epoch" [
                "training", course _.TrainAccuracy
                "validation", course _.ValidationAccuracy
            ]
        ]

    // ---- How convolution goes ----

    let private walk every (kernel: Tensor) (stride: int) (padding: int) (image: Tensor) =
        if kernel.Rank <> 2 then
            raise (
                Fovea.Core.Shapes.ShapeException (
                    "kernel walk",
                    $"expected a kernel (rows, columns), got {kernel.Shape}",
                    "give Filters.sobelX, or one channel of a filter: filters |> Tensor.take 0 |> Tensor.take 0"
                )
            )

        let grey = if image.Rank = 3 then image.Mean 0 else image

        let output: Tensor =
            Ops.convolve2d (grey, kernel, stride = Size (stride, stride), pad = Pad.op_Implicit padding)

        let window size = Fovea.Core.Shapes.Window (size, stride, 1, padding, padding)

        KernelWalk.Frames (
            Picture.photo grey,
            kernel,
            output,
            window kernel.Shape[0],
            window kernel.Shape[1],
            max 2 (128 / max grey.Shape[0] grey.Shape[1]),
            every output.Count
        )
        |> List.ofSeq

    /// A 3×3 (or other) kernel that slides over one channel (H, W) or an image's mean over its channels, a picture for each
    /// step, or for every n-th of more than 256; `Picture.animate 120 "walk.png"` makes a film of them.
    let kernelWalk (kernel: Tensor) (stride: int) (padding: int) (image: Tensor) =
        walk KernelWalk.Every kernel stride padding image

    /// The same, a picture for every so manieth step and for the last one; what comes out between is filled in as well.
    let kernelSteps (every: int) (kernel: Tensor) (stride: int) (padding: int) (image: Tensor) =
        if every < 1 then
            raise (ArgumentException $"kernel walk: every {every} steps is no film; give 1 or more")

        walk (fun _ -> every) kernel stride padding image
