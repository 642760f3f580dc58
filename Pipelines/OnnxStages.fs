/// Steps as stages: what several operators say that one layer means is put together here.
module internal Fovea.OnnxStages

open Fovea.Core.Formats
open Fovea.Core.Layers
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.OnnxFlow

/// A stage, and the parameters of those of its layers that have any, in the order of its graph.
type Made = { Stage: Stage; Parameters: (string * Tensor) list list }

let private single layer parameters = {
    Stage = Stage.Layer layer
    Parameters =
        match parameters with
        | [] -> []
        | own -> [ own ]
}

let private activation (layer: ActivationLayer) = single layer []

// ---- Constants ----

let private all expected numbers = numbers |> List.forall (fun number -> abs (number - expected) <= 1e-4 * abs expected)

let private add expected step =
    match step with
    | Plain (Affine ("Add", numbers)) -> all expected numbers
    | _ -> false

let private times expected step =
    match step with
    | Plain (Affine ("Mul", numbers)) -> all expected numbers
    | Plain (Affine ("Div", numbers)) -> all (1.0 / expected) numbers
    | _ -> false

let private power expected step =
    match step with
    | Plain (Affine ("Pow", numbers)) -> all expected numbers
    | _ -> false

let private isLayer (layer: Layer) step =
    match step with
    | Plain (Is (it, _)) -> it = layer
    | _ -> false

let private row values = Tensor.Wrap (Shape.Of [| List.length values |], values |> List.map float32 |> Array.ofList)

// y = scale·x + shift of each channel, one arithmetic operator after the other.
let private affine (scale, shift) (operator, numbers) =
    match operator with
    | "Add" -> scale, List.map2 (+) shift numbers
    | "Sub" -> scale, List.map2 (-) shift numbers
    | "Mul" -> List.map2 (*) scale numbers, List.map2 (*) shift numbers
    | "Div" -> List.map2 (/) scale numbers, List.map2 (/) shift numbers
    | other -> raise (DataFormatException $"onnx: operator {other} with a constant: there is no stage for it")

// 127.5 where reckoning with float32 has made 127.49999246 of it.
let private tidy value =
    let short = meant value
    if abs (short - value) <= 1e-7 * abs value then short else value

let private normalization steps =
    match steps with
    // As it is written by those who mean it: nothing is lost to reckoning.
    | [ "Sub", mean; "Div", std ] when List.forall (fun s -> s > 0.0) std -> single (Normalize (mean, std)) []
    | _ ->
        let channels = steps |> List.head |> snd |> List.length
        let start = List.replicate channels 1.0, List.replicate channels 0.0
        let scale, shift = steps |> List.fold affine start

        if scale |> List.forall (fun s -> s > 0.0 && s < infinity) then
            let mean, std = List.map2 (fun b a -> 0.0 - b / a) shift scale, List.map (fun a -> 1.0 / a) scale
            single (Normalize (List.map tidy mean, List.map tidy std)) []
        else
            single (BatchNorm (Epsilon = 0.0)) [
                "weight", row scale
                "bias", row shift
                "running_mean", Tensor.Zeros (Shape.Of [| channels |])
                "running_var", Tensor.Ones (Shape.Of [| channels |])
            ]

// ---- Patterns ----

let private (|Affines|_|) steps =
    let rec split taken rest =
        match rest with
        | Plain (Affine (operator, numbers)) :: rest -> split ((operator, numbers) :: taken) rest
        | _ -> List.rev taken, rest

    match split [] steps with
    | [], _ -> None
    | found, rest -> Some (found, rest)

/// The input times what a branch makes of it, whichever is named first.
let private (|TimesItself|_|) step =
    match step with
    | Meet (Stage.Multiplied, (Alike | AlikeOfChannels), ([ []; branch ] | [ branch; [] ])) -> Some branch
    | _ -> None

// x³, or x·(x·x) as PyTorch writes it.
let private isCube step =
    match step with
    | TimesItself [ TimesItself [] ] -> true
    | _ -> power 3.0 step

// x·(…): what the branch is by itself names the function.
let private product branch rest =
    match branch, rest with
    | [ sigmoid ], rest when isLayer ActivationLayer.Sigmoid sigmoid -> Some (ActivationLayer.Silu, rest)
    | [ softplus; tanh ], rest when isLayer ActivationLayer.Softplus softplus && isLayer ActivationLayer.Tanh tanh ->
        Some (ActivationLayer.Mish, rest)
    | [ hard ], rest when isLayer ActivationLayer.HardSigmoid hard -> Some (ActivationLayer.HardSwish, rest)
    | [ above; six; sixth ], rest when add 3.0 above && isLayer ActivationLayer.Relu6 six && times (1.0 / 6.0) sixth ->
        Some (ActivationLayer.HardSwish, rest)
    | [ above; six ], sixth :: rest when add 3.0 above && isLayer ActivationLayer.Relu6 six && times (1.0 / 6.0) sixth ->
        Some (ActivationLayer.HardSwish, rest)
    | [ root; Plain (Function "Erf"); one ], half :: rest when times (sqrt 0.5) root && add 1.0 one && times 0.5 half ->
        Some (ActivationLayer.Gelu, rest)
    | [ Meet (Stage.Added, _, ([ []; [ cube; bend ] ] | [ [ cube; bend ]; [] ])); scale; tanh; one ], half :: rest when
        isCube cube
        && times 0.044715 bend
        && times (sqrt (2.0 / System.Math.PI)) scale
        && isLayer ActivationLayer.Tanh tanh
        && add 1.0 one
        && times 0.5 half
        ->
        Some (ActivationLayer.GeluTanh, rest)
    | _ -> None

// A border that stands before a convolution is the convolution's.
let private widened (top, bottom, left, right) (conv: Conv2d) =
    let wider low high (padding: Padding) =
        match padding.Rule with
        | PaddingRule.Valid -> Some (Padding.Of (low, high))
        | PaddingRule.Explicit -> Some (Padding.Of (padding.Low + low, padding.High + high))
        | _ -> None

    match wider top bottom conv.Vertical, wider left right conv.Horizontal with
    | Some vertical, Some horizontal ->
        Some (
            Conv2d (
                conv.Filters,
                conv.Kernel,
                Stride = conv.Stride,
                Dilation = conv.Dilation,
                Vertical = vertical,
                Horizontal = horizontal,
                Groups = conv.Groups,
                Bias = conv.Bias
            )
        )
    | _ -> None

// PyTorch writes the border of an average pool as an operator of its own.
let private isBare (top, bottom, left, right) (pool: AvgPool2d) =
    pool.Vertical = Padding.Valid
    && pool.Horizontal = Padding.Valid
    && 2 * max top bottom <= pool.Kernel.Height
    && 2 * max left right <= pool.Kernel.Width

// A constant added to what has no bias yet is its bias.
let private biased (layer: Layer) =
    match layer with
    | :? Dense as dense when not dense.Bias -> Some (Dense dense.Outputs :> Layer)
    | :? Conv2d as conv when not conv.Bias ->
        Conv2d (
            conv.Filters,
            conv.Kernel,
            Stride = conv.Stride,
            Dilation = conv.Dilation,
            Vertical = conv.Vertical,
            Horizontal = conv.Horizontal,
            Groups = conv.Groups
        )
        :> Layer
        |> Some
    | _ -> None

// ---- Stages ----

let private stagesOf made = made |> List.map _.Stage
let private parametersOf made = made |> List.collect _.Parameters

/// The stages of steps.
/// Raises a DataFormatException where what is left over of them is no stage.
let rec ofSteps (steps: Step list) : Made list = stages [] steps

and private stages made steps =
    match steps with
    | [] -> List.rev made
    | Plain (Pads (top, bottom, left, right)) :: Plain (Is ((:? Conv2d as conv), parameters)) :: rest when
        (widened (top, bottom, left, right) conv).IsSome
        ->
        let wider = (widened (top, bottom, left, right) conv).Value
        stages made (Plain (Is (wider, parameters)) :: rest)
    | Plain (Pads (top, bottom, left, right)) :: Plain (Is ((:? AvgPool2d as pool), _)) :: rest when
        isBare (top, bottom, left, right) pool
        ->
        stages
            (single
                (AvgPool2d (
                    pool.Kernel,
                    Stride = pool.Stride,
                    Vertical = Padding.Of (top, bottom),
                    Horizontal = Padding.Of (left, right),
                    Ceil = pool.Ceil
                ))
                []
             :: made)
            rest
    | Plain (Pads (top, bottom, left, right)) :: rest ->
        stages (single (Pad2d (Padding.Of (top, bottom), Padding.Of (left, right))) [] :: made) rest
    | Plain (Is (layer, ([ "weight", _ ] as own))) :: Plain (Affine ("Add", bias)) :: rest when (biased layer).IsSome ->
        stages made (Plain (Is ((biased layer).Value, own @ [ "bias", row bias ])) :: rest)
    | above :: six :: sixth :: rest when add 3.0 above && isLayer ActivationLayer.Relu6 six && times (1.0 / 6.0) sixth ->
        stages (activation ActivationLayer.HardSigmoid :: made) rest
    | relu :: Plain (Function "Min 6") :: rest when isLayer ActivationLayer.Relu relu ->
        stages (activation ActivationLayer.Relu6 :: made) rest
    | Plain (Function "Min 6") :: relu :: rest when isLayer ActivationLayer.Relu relu ->
        stages (activation ActivationLayer.Relu6 :: made) rest
    | Plain (Function "Neg") :: softplus :: Plain (Function "Neg") :: rest when
        isLayer ActivationLayer.Softplus softplus
        ->
        stages (activation ActivationLayer.LogSigmoid :: made) rest
    | sigmoid :: Plain (Function "Log") :: rest when isLayer ActivationLayer.Sigmoid sigmoid ->
        stages (activation ActivationLayer.LogSigmoid :: made) rest
    | Plain (Is ((:? GroupNorm as norm), [])) :: Plain (Affine ("Mul", scale)) :: Plain (Affine ("Add", shift)) :: rest when
        not norm.Affine
        ->
        let parameters = [ "weight", row scale; "bias", row shift ]
        stages (single (GroupNorm (norm.Groups, Epsilon = norm.Epsilon)) parameters :: made) rest
    | Affines (found, rest) -> stages (normalization found :: made) rest
    | Plain (Is (layer, parameters)) :: rest -> stages (single layer parameters :: made) rest
    | Plain (Function name) :: _ ->
        raise (DataFormatException $"onnx: operator {name}: there is no stage for it where it stands")
    | Plain (Affine _) :: _ -> failwith "Affines takes these"
    | (TimesItself branch as meeting) :: rest ->
        match product branch rest with
        | Some (function', rest) -> stages (activation function' :: made) rest
        | None -> stages (met meeting :: made) rest
    | meeting :: rest -> stages (met meeting :: made) rest

and private met step =
    match step with
    | Meet (Stage.Multiplied, (OfChannels | AlikeOfChannels), [ []; body ])
    | Meet (Stage.Multiplied, AlikeOfChannels, [ body; [] ]) ->
        let body = ofSteps body
        { Stage = Gated (stagesOf body); Parameters = parametersOf body }
    | Meet (Stage.Multiplied, _, _) ->
        raise (
            DataFormatException
                "onnx: operator Mul: a product is read where it is a gate (the image itself times a factor for each channel) or an activation such as SiLU"
        )
    | Meet (joint, _, branches) ->
        let branches = branches |> List.map ofSteps
        let parameters = branches |> List.collect parametersOf

        let stage =
            match joint, List.map stagesOf branches with
            | Stage.Added, [ body; [] ] -> Residual (body, [])
            // The sum is the same from either side, and the parameters stand in the order of the branches.
            | Stage.Added, [ []; body ] -> Residual (body, [])
            | Stage.Added, [ body; around ] -> Residual (body, around)
            | Stage.Added, several -> Parallel (several, Join.Sum)
            | _, several -> Parallel (several, Join.Concat)

        { Stage = stage; Parameters = parameters }
    | Plain _ -> failwith "a step that meets nothing"
