/// Pipelines as ONNX graphs, of the operators of version 17. Every layer has its form in `layer`, which a test holds against
/// the layers that there are; parameters keep their names, and the number of images is left open.
module internal Fovea.OnnxExport

open System
open System.Collections.Generic
open System.Text.Json
open Fovea.Core.Formats
open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors

/// What images are fed as, and what comes out.
let inputName, outputName = "input", "output"

let private operatorSet, irVersion = 17L, 8L

/// A graph on its way, and the names that are taken in it.
type private Writer = { Graph: OnnxGraph; Taken: HashSet<string> }

/// A stage in its place: its name, what it reads, and the shape of that for one image.
type private Place = {
    Writer: Writer
    Name: string
    Parameters: string list
    Input: string
    Shape: Shape
} with

    /// The name of a parameter of the stage.
    member this.Parameter own = $"{this.Name}.{own}"
    member this.Has own = List.contains (this.Parameter own) this.Parameters

// ---- Names, constants and operators ----

// Shared stages run twice under one name.
let private unique (writer: Writer) name =
    Seq.initInfinite (fun i -> if i = 0 then name else $"{name}#{i + 1}")
    |> Seq.find writer.Taken.Add

let private constant (place: Place) own (value: Tensor) =
    let name = unique place.Writer (place.Parameter own)
    place.Writer.Graph.Initializers.Add (OnnxTensor.Of (name, value))
    name

let private scalar place own (value: float) = constant place own (Tensor.Scalar (float32 value))

let private wholes (place: Place) own (values: int64 list) =
    let name = unique place.Writer (place.Parameter own)
    place.Writer.Graph.Initializers.Add (OnnxTensor.Of (name, ResizeArray values))
    name

// A number for each channel, to be spread over images of a shape.
let private perChannel (place: Place) own (values: float seq) =
    let values = values |> Seq.map float32 |> Array.ofSeq
    let extents = 1 :: values.Length :: List.replicate (place.Shape.Rank - 1) 1
    constant place own (Tensor.Wrap (Shape.Of (Array.ofList extents), values))

/// Adds an operator under a name, and answers the name of what it makes.
let private operator (place: Place) name kind (inputs: string list) (attributes: OnnxAttribute list) =
    let output = unique place.Writer name
    let node = OnnxNode (Name = output, Operator = kind)
    node.Inputs.AddRange inputs
    node.Outputs.Add output
    attributes |> List.iter node.Attributes.Add
    place.Writer.Graph.Nodes.Add node
    output

// The operator that stands for the whole stage, and those inside one that takes several.
let private whole place kind inputs attributes = operator place place.Name kind inputs attributes
let private inner place own kind inputs = operator place (place.Parameter own) kind inputs []
let private simple place kind attributes = whole place kind [ place.Input ] attributes

let private number name (value: float) = OnnxAttribute.Of (name, float32 value)
let private count name (value: int) = OnnxAttribute.Of (name, int64 value)
let private text name (value: string) = OnnxAttribute.Of (name, value)
let private counts name (values: int list) = OnnxAttribute.Of (name, values |> List.map int64)

// ---- Windows ----

let private pads (v: Window) (h: Window) = [ v.Low; h.Low; v.High; h.High ]

let private window (v: Window) (h: Window) = [
    counts "kernel_shape" [ v.Kernel; h.Kernel ]
    counts "strides" [ v.Stride; h.Stride ]
    counts "pads" (pads v h)
]

let private widened low high (it: Window) = Window (it.Kernel, it.Stride, it.Dilation, low, high)

let private dilations (v: Window) (h: Window) = counts "dilations" [ v.Dilation; h.Dilation ]

/// What is left of an axis between two positions.
let private sliced place own axis (start: int) (stop: int) input =
    inner place own "Slice" [
        input
        wholes place $"{own}.starts" [ start ]
        wholes place $"{own}.ends" [ stop ]
        wholes place $"{own}.axes" [ axis ]
    ]

// Padding below zero crops, which no operator but Slice does.
let private cropped place axis (length: int) (window: Window) input =
    let low, high = max 0 -window.Low, max 0 -window.High

    let input =
        if low = 0 && high = 0 then
            input
        else
            sliced place $"crop{axis}" axis low (length - high) input

    input, widened (max 0 window.Low) (max 0 window.High) window

let private conv (place: Place) (conv: Conv2d) =
    let height, width = place.Shape[1], place.Shape[2]
    let vertical = conv.Vertical.Resolve (height, conv.Kernel.Height, conv.Stride.Height, conv.Dilation.Height)
    let horizontal = conv.Horizontal.Resolve (width, conv.Kernel.Width, conv.Stride.Width, conv.Dilation.Width)
    let input, vertical = cropped place 2L height vertical place.Input
    let input, horizontal = cropped place 3L width horizontal input

    whole
        place
        "Conv"
        [
            input
            place.Parameter "weight"
            if conv.Bias then
                place.Parameter "bias"
        ]
        (window vertical horizontal
         @ [ dilations vertical horizontal; count "group" conv.Groups ])

let private maxPool (place: Place) (pool: MaxPool2d) =
    let vertical =
        pool.Vertical
            .Resolve(place.Shape[1], pool.Kernel.Height, pool.Stride.Height, pool.Dilation.Height, pool.Ceil)
            .WithoutCeil (place.Shape[1])

    let horizontal =
        pool.Horizontal
            .Resolve(place.Shape[2], pool.Kernel.Width, pool.Stride.Width, pool.Dilation.Width, pool.Ceil)
            .WithoutCeil (place.Shape[2])

    let isWide (window: Window) = max window.Low window.High >= window.Kernel

    // ONNX Runtime takes no padding as wide as the window, which dilation can ask for.
    if isWide vertical || isWide horizontal then
        let around = pads vertical horizontal |> List.map int64
        let widths = wholes place "pads" ([ 0L; 0L ] @ around[..1] @ [ 0L; 0L ] @ around[2..])
        let padded = inner place "padded" "Pad" [ place.Input; widths; scalar place "outside" -infinity ]
        let vertical, horizontal = widened 0 0 vertical, widened 0 0 horizontal
        whole place "MaxPool" [ padded ] (window vertical horizontal @ [ dilations vertical horizontal ])
    else
        simple place "MaxPool" (window vertical horizontal @ [ dilations vertical horizontal ])

let private avgPool (place: Place) (pool: AvgPool2d) =
    let vertical = pool.Vertical.Resolve (place.Shape[1], pool.Kernel.Height, pool.Stride.Height, 1, pool.Ceil)
    let horizontal = pool.Horizontal.Resolve (place.Shape[2], pool.Kernel.Width, pool.Stride.Width, 1, pool.Ceil)
    let padded = vertical.WithoutCeil place.Shape[1], horizontal.WithoutCeil place.Shape[2]
    // Where there is no padding, none counts: what a partial window reaches beyond is not to either.
    let isBare = [ vertical; horizontal ] |> List.forall (fun window -> window.Low = 0 && window.High = 0)
    let isCounted = pool.CountPadding && not isBare
    let counted = count "count_include_pad" (if isCounted then 1 else 0)
    let attributes = window (fst padded) (snd padded) @ [ counted ]

    // A partial window counts the padding that it has; the operator would count what is beyond that as well.
    if isCounted && pool.Ceil then
        let sizes = PoolShape (1, place.Shape[0], place.Shape[1], place.Shape[2], vertical, horizontal)
        let divisors = sizes.Divisors true |> Array.map float32
        let shape = Shape.Of [| 1; 1; sizes.P; sizes.Q |]
        let factors = float32 (sizes.R * sizes.S) / Tensor.Wrap (shape, divisors)
        let mean = operator place (place.Parameter "mean") "AveragePool" [ place.Input ] attributes
        whole place "Mul" [ mean; constant place "factors" factors ] []
    else
        simple place "AveragePool" attributes

// Windows that differ: each row of windows is cut out and reduced, and then each column.
let private adaptivePool (place: Place) (pool: AdaptivePool2d) =
    let reduction = if pool.Max then "ReduceMax" else "ReduceMean"

    let reduced axis (windows: AdaptiveWindow) name input =
        let parts =
            List.init windows.Outputs (fun i ->
                let part = sliced place $"slice{axis}.{i}" axis (windows.Start i) (windows.End i) input

                operator place (place.Parameter $"reduced{axis}.{i}") reduction [ part ] [
                    counts "axes" [ int axis ]
                    count "keepdims" 1
                ])

        operator place name "Concat" parts [ count "axis" (int axis) ]

    place.Input
    |> reduced 2L (AdaptiveWindow (place.Shape[1], pool.To.Height)) (place.Parameter "rows")
    |> reduced 3L (AdaptiveWindow (place.Shape[2], pool.To.Width)) place.Name

// ---- Layers ----

let private activation (place: Place) (f: ActivationLayer) =
    let half name = scalar place name 0.5
    let clip low high = whole place "Clip" [ place.Input; scalar place "min" low; scalar place "max" high ] []
    let times factor = whole place "Mul" [ place.Input; factor ] []

    match f.Kind with
    | "relu" -> simple place "Relu" [] |> Some
    | "sigmoid" -> simple place "Sigmoid" [] |> Some
    | "tanh" -> simple place "Tanh" [] |> Some
    | "relu6" -> clip 0.0 6.0 |> Some
    | "leakyRelu" -> simple place "LeakyRelu" [ number "alpha" f.Number.Value ] |> Some
    | "elu" -> simple place "Elu" [ number "alpha" f.Number.Value ] |> Some
    | "selu" -> simple place "Selu" [] |> Some
    | "softplus" -> simple place "Softplus" [] |> Some
    | "hardSigmoid" -> simple place "HardSigmoid" [ number "alpha" (1.0 / 6.0); number "beta" 0.5 ] |> Some
    | "hardSwish" -> simple place "HardSwish" [] |> Some
    | "silu" -> inner place "sigmoid" "Sigmoid" [ place.Input ] |> times |> Some
    | "mish" -> inner place "softplus" "Softplus" [ place.Input ] |> fun it -> inner place "tanh" "Tanh" [ it ] |> times |> Some
    | "gelu" ->
        // x/2 · (1 + erf (x/√2)): the operator of its own came with version 20.
        let scaled = inner place "scaled" "Div" [ place.Input; scalar place "root2" (sqrt 2.0) ]
        let above = inner place "above" "Add" [ inner place "erf" "Erf" [ scaled ]; scalar place "one" 1.0 ]
        let product = inner place "product" "Mul" [ place.Input; above ]
        whole place "Mul" [ product; half "half" ] [] |> Some
    | "geluTanh" ->
        // x/2 · (1 + tanh (√(2/π)·(x + 0.044715·x³))).
        let cube = inner place "cube" "Pow" [ place.Input; scalar place "three" 3.0 ]
        let bent = inner place "bent" "Mul" [ cube; scalar place "bend" 0.044715 ]
        let sum = inner place "sum" "Add" [ place.Input; bent ]
        let scaled = inner place "scaled" "Mul" [ sum; scalar place "scale" (sqrt (2.0 / Math.PI)) ]
        let above = inner place "above" "Add" [ inner place "tanh" "Tanh" [ scaled ]; scalar place "one" 1.0 ]
        let product = inner place "product" "Mul" [ place.Input; above ]
        whole place "Mul" [ product; half "half" ] [] |> Some
    | _ -> None

let private batchNorm (place: Place) (norm: BatchNorm) =
    let own name usual =
        if place.Has name then
            place.Parameter name
        else
            constant place name (Tensor.Full (Shape.Of [| place.Shape[0] |], usual))

    whole
        place
        "BatchNormalization"
        [
            place.Input
            own "weight" 1f
            own "bias" 0f
            place.Parameter "running_mean"
            place.Parameter "running_var"
        ]
        [ number "epsilon" norm.Epsilon ]

let private dense (place: Place) (dense: Dense) =
    whole
        place
        "Gemm"
        [
            place.Input
            place.Parameter "weight"
            if dense.Bias then
                place.Parameter "bias"
        ]
        [ count "transB" 1 ]

// The operator does not know the probability 1; nothing happens outside training anyway.
let private dropout (place: Place) (dropout: Dropout) =
    if float32 dropout.Rate < 1f then
        whole place "Dropout" [ place.Input; scalar place "ratio" dropout.Rate ] []
    else
        simple place "Identity" []

let private normalize (place: Place) (normalize: Normalize) =
    let centred = inner place "centred" "Sub" [ place.Input; perChannel place "mean" normalize.Mean ]
    whole place "Div" [ centred; perChannel place "std" normalize.Std ] []

let private upsample (place: Place) (upsample: Upsample) =
    let factors = [| 1f; 1f; float32 upsample.Factor.Height; float32 upsample.Factor.Width |]
    let scales = constant place "scales" (Tensor.Wrap (Shape.Of [| 4 |], factors))

    whole place "Resize" [ place.Input; ""; scales ] [
        text "mode" "nearest"
        text "coordinate_transformation_mode" "asymmetric"
        text "nearest_mode" "floor"
    ]

/// A layer as operators: the name of what they make; None for a layer of one's own.
let private layer place (layer: Layer) : string option =
    match layer with
    | :? Conv2d as it -> conv place it |> Some
    | :? Dense as it -> dense place it |> Some
    | :? MaxPool2d as it -> maxPool place it |> Some
    | :? AvgPool2d as it -> avgPool place it |> Some
    | :? AdaptivePool2d as it -> adaptivePool place it |> Some
    | :? GlobalAvgPool -> simple place "GlobalAveragePool" [] |> Some
    | :? GlobalMaxPool -> simple place "GlobalMaxPool" [] |> Some
    | :? Scale as it -> whole place "Mul" [ place.Input; scalar place "factor" it.Factor ] [] |> Some
    | :? Normalize as it -> normalize place it |> Some
    | :? BatchNorm as it -> batchNorm place it |> Some
    | :? Dropout as it -> dropout place it |> Some
    | :? ActivationLayer as it -> activation place it
    | :? Upsample as it -> upsample place it |> Some
    | :? Flatten -> simple place "Flatten" [ count "axis" 1 ] |> Some
    | :? Softmax -> simple place "Softmax" [ count "axis" 1 ] |> Some
    | :? LogSoftmax -> simple place "LogSoftmax" [ count "axis" 1 ] |> Some
    | _ -> None

// ---- Where branches meet ----

let private join (place: Place) (inputs: string list) (shapes: Shape list) (kind: Stage.Joint) =
    match kind with
    | Stage.Added -> whole place "Add" inputs []
    | Stage.Concatenated -> whole place "Concat" inputs [ count "axis" 1 ]
    | Stage.Multiplied ->
        let images, factors = List.head shapes, List.last shapes

        // Factors that come as a vector stand over the pixels.
        let factor =
            if factors.Rank < images.Rank then
                let extents = [ 0L; int64 factors[0] ] @ List.replicate (images.Rank - 1) 1L
                inner place "factors" "Reshape" [ List.last inputs; wholes place "shape" extents ]
            elif factors.Rank > images.Rank then
                inner place "factors" "Flatten" [ List.last inputs ]
            else
                List.last inputs

        whole place "Mul" [ List.head inputs; factor ] []

let private place (graph: Graph) writer (names: string list) (vertex: Vertex) = {
    Writer = writer
    Name = vertex.Name
    Parameters = [ for i in vertex.Parameters -> graph.Parameters[i].Name ]
    Input = names[vertex.Inputs[0]]
    Shape = graph.ShapeOf vertex.Inputs[0]
}

// Names of all values so far, the newest last; each vertex adds its own.
let private addVertex (graph: Graph) writer (names: string list) (vertex: Vertex, leaf: Stage.Leaf) =
    let place = place graph writer names vertex
    let inputs = [ for i in vertex.Inputs -> names[i] ]

    match leaf.Operation with
    | Stage.Joint kind ->
        let shapes = [ for i in vertex.Inputs -> graph.ShapeOf i ]
        names @ [ join place inputs shapes kind ]
    | Stage.Single it ->
        match layer place it with
        | Some output -> names @ [ output ]
        | None ->
            raise (
                ArgumentException
                    $"onnx: stage \"{it}\" is of one's own, and ONNX has no operator for it; leave it out, or replace it by stages of Fovea's"
            )

// ---- The model ----

let private texts (pipeline: Pipeline) (classes: string list) = [
    "input",
    $"{outputName} for {inputName}: images (N, channels, height, width) as numbers from 0 to 1; the network normalises them itself where it does at all"
    if not classes.IsEmpty then
        "classes", JsonSerializer.Serialize (Array.ofList classes)
    match Stage.layers pipeline.Stages |> List.tryPick (fun it -> match it with | :? Normalize as n -> Some n | _ -> None) with
    | Some normalize ->
        "mean", JsonSerializer.Serialize (Array.ofSeq normalize.Mean)
        "std", JsonSerializer.Serialize (Array.ofSeq normalize.Std)
    | None -> ()
    "source", Pipeline.toSource pipeline
]

// What comes out has one name, whatever made it.
let private nameOutput (graph: OnnxGraph) (output: string) =
    match graph.Nodes |> Seq.tryFind (fun node -> node.Outputs.Contains output) with
    | None ->
        let node = OnnxNode (Name = "identity", Operator = "Identity")
        node.Inputs.Add output
        node.Outputs.Add outputName
        graph.Nodes.Add node
    | Some node -> node.Outputs[0] <- outputName

/// The ONNX model of a pipeline with its parameters, in the graph's order.
/// Raises an ArgumentException that names a stage of one's own.
let model (pipeline: Pipeline) (parameters: Parameter list) (classes: string list) =
    let graph = Pipeline.graph pipeline
    let writer = { Graph = OnnxGraph (Name = "Fovea"); Taken = HashSet [ inputName; outputName ] }

    for parameter in parameters do
        writer.Taken.Add parameter.Name |> ignore
        writer.Graph.Initializers.Add (OnnxTensor.Of (parameter.Name, parameter.Value))

    let names =
        List.zip (List.ofSeq graph.Vertices) (Stage.leaves pipeline.Stages)
        |> List.fold (addVertex graph writer) [ inputName ]

    nameOutput writer.Graph names[graph.Output]
    writer.Graph.Inputs.Add (OnnxValue.Batch (inputName, graph.Input))
    writer.Graph.Outputs.Add (OnnxValue.Batch (outputName, graph.OutputShape))
    let version = typeof<Pipeline>.Assembly.GetName().Version
    let model = OnnxModel (IrVersion = irVersion, Producer = "Fovea", ProducerVersion = string version, Graph = writer.Graph)
    model.OperatorSets.Add (OnnxOperatorSet (Version = operatorSet))

    for key, value in texts pipeline classes do
        model.Metadata.Add (OnnxText (Key = key, Value = value))

    model
