/// What an ONNX graph passes between its operators, as far as a pipeline can say it.
module internal Fovea.OnnxFlow

open System
open Fovea.Core.Formats
open Fovea.Core.Layers
open Fovea.Core.Tensors

/// An operator before its neighbours are looked at.
type Piece =
    /// A layer, with its parameters by the names that it has for them.
    | Is of Layer * (string * Tensor) list
    /// Add, Sub, Mul, Div or Pow with a number for each channel.
    | Affine of operator: string * numbers: float list
    /// A function that is no layer by itself.
    | Function of string
    /// Zeros around an image.
    | Pads of top: int * bottom: int * left: int * right: int

/// What meets, where values are multiplied.
type Factors =
    /// Values of one shape, which is how sums and concats meet too.
    | Alike
    /// Values of one shape with one number for each channel: either is a factor of the other.
    | AlikeOfChannels
    /// A value, and then a factor for each of its channels.
    | OfChannels

/// What stands in a network's place: pieces one after the other, and branches that meet.
type Step =
    | Plain of Piece
    | Meet of Stage.Joint * Factors * branches: Step list list

/// How the file has the numbers of an image or a vector; we have channels first.
type Order =
    /// As we have them.
    | ChannelsFirst
    /// An image (H, W, C).
    | ChannelsLast
    /// The vector of an image of that shape, its channels last.
    | FlatChannelsLast of Shape
    /// A vector of C as an image (C, 1, 1).
    | Spread
    /// A vector of C as an image (1, 1, C).
    | SpreadLast
    /// Groups of channels, each as one long channel.
    | Grouped of int

/// A batch of images or vectors.
type Flow = {
    /// The operation that makes it, from 1; 0 is what is fed to the network.
    Id: int
    /// Of one image as we have it.
    Shape: Shape
    Order: Order
}

/// A value of the graph.
type Value =
    | Flow of Flow
    /// A constant; it is read where it is used.
    | Constant of OnnxTensor
    /// Whole numbers that are reckoned with, such as extents; None for the batch.
    | Numbers of int64 option list

/// An operation over flows.
type Operation = {
    /// As messages name it.
    Name: string
    Inputs: int list
    Makes: Made
}

and Made =
    | One of Piece list
    | Many of Stage.Joint * Factors

/// Raises the sentence of an operator.
let fail (node: OnnxNode) (sentence: string) : 'result =
    let domain = if node.Domain = "" || node.Domain = "ai.onnx" then "" else node.Domain + "."
    let name = if node.Name = "" then Seq.tryHead node.Outputs |> Option.defaultValue "" else node.Name
    raise (DataFormatException $"onnx: operator {domain}{node.Operator} \"{name}\": {sentence}")

// ---- What an operator is told ----

let private attribute name (node: OnnxNode) = node.Attributes |> Seq.tryFind (fun it -> it.Name = name)

let has name node = (attribute name node).IsSome
let wholeOf name usual node = attribute name node |> Option.map _.Whole |> Option.defaultValue usual

let singleOf name (usual: float) node =
    attribute name node |> Option.map (_.Single >> float) |> Option.defaultValue usual

/// A number that was written in single precision, as it was meant: 0.001 and not 0.001000000047.
let meant (value: float) =
    Double.Parse ((float32 value).ToString ("G7", Globalization.CultureInfo.InvariantCulture), Globalization.CultureInfo.InvariantCulture)

let textOf name usual node = attribute name node |> Option.map _.Text |> Option.defaultValue usual
let wholesOf name node = attribute name node |> Option.map (_.Wholes >> List.ofSeq)
let singlesOf name node = attribute name node |> Option.map (_.Singles >> List.ofSeq)
let tensorOf name node = attribute name node |> Option.bind (_.Tensor >> Option.ofObj)

/// A number of an attribute that a window or a place can have.
let bounded node (what: string) low (value: int64) =
    if value >= low && value <= int64 Limits.window then
        int value
    else
        fail node $"{what} is {value}; expected {low}..{Limits.window}"

// ---- Values ----

/// The whole numbers of a value, such as axes and extents.
let wholesIn node (value: Value) =
    match value with
    | Numbers numbers -> numbers
    | Constant tensor ->
        match tensor.ToWholes () with
        | null -> fail node "expected whole numbers"
        | numbers -> numbers |> Seq.map Some |> List.ofSeq
    | Flow _ -> fail node "expected numbers that do not depend on the images"

let constantIn node value =
    match value with
    | Constant tensor -> tensor.ToTensor ()
    | Numbers _
    | Flow _ -> fail node "expected a constant; weights that are reckoned while the network runs are not read"

let flowIn node value =
    match value with
    | Flow flow -> flow
    | Constant _
    | Numbers _ -> fail node "expected images, got a constant"

/// The extents of a flow as the file has them, the batch first.
let extents (flow: Flow) =
    None
    :: List.map
        (int64 >> Some)
        (match flow.Order, List.ofSeq flow.Shape with
         | ChannelsLast, [ channels; height; width ] -> [ height; width; channels ]
         | Spread, [ channels ] -> [ channels; 1; 1 ]
         | SpreadLast, [ channels ] -> [ 1; 1; channels ]
         | Grouped groups, _ -> [ groups; flow.Shape.Count / groups ]
         | _, own -> own)

/// A vector of channels-last order in ours: what a weight over it is to be permuted to, along its last axis.
let inOurOrder (flow: Flow) (rows: Tensor) =
    match flow.Order, rows.Rank with
    | FlatChannelsLast image, 2 ->
        rows.Reshape(rows.Shape[0], image[1], image[2], image[0]).Transpose(0, 3, 1, 2).Reshape(rows.Shape[0], -1)
    | _ -> rows

/// A constant that is spread over a flow, as a number for each channel.
let perChannel node (flow: Flow) (value: Tensor) =
    let channels = if flow.Shape.Rank = 0 then 1 else flow.Shape[0]
    let file = extents flow |> List.tail |> List.length
    // Its extents, outermost ones of 1 left away and missing ones put in.
    let own = List.ofSeq value.Shape

    let own =
        if own.Length > file then
            List.skip (own.Length - file) own
        else
            List.replicate (file - own.Length) 1 @ own

    let along =
        match flow.Order with
        | ChannelsLast
        | SpreadLast -> file - 1
        | _ -> 0

    let others = own |> List.indexed |> List.filter (fun (axis, extent) -> axis <> along && extent <> 1)

    if value.Count = 1 then
        List.replicate channels (float (value.Reshape(1).ToScalar()))
    elif value.Count = channels && others.IsEmpty then
        let ours = inOurOrder flow (value.Reshape (1, channels))
        ours.Values |> Array.map float |> List.ofArray
    else
        fail
            node
            $"a constant of shape {value.Shape} over {flow.Shape}: only one number, or one for each channel, is read"
