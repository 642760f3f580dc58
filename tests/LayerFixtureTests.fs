/// Operations as PyTorch computes them: tests/fixtures/layers.py wrote what is expected.
module Fovea.Tests.LayerFixtureTests

open System
open System.Text.Json
open Expecto
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes
open Fovea.Invariants
open Fovea.Tests.Fixtures

let private layers = lazy (read "layers/layers.json")

let private pair name json =
    let numbers = integers (field name json)
    Size (numbers[0], numbers[1])

let private padding json : Pad =
    let numbers = integers (field "padding" json)
    pads (numbers[0], numbers[0], numbers[1], numbers[1])

let private flag name (json: JsonElement) = (field name json).GetBoolean()
let private floats name json = numbers (field name json)
let private like (t: Tensor) name json = Tensor.Wrap (t.Shape, singles (field name json))

/// Inputs are multiples of 1/8: float32 holds products exactly, and sums as long as they are short.
let private near what (actual: Tensor) json name =
    expectNear 1e-5 1.0 what (actual.Values |> Seq.map float) (floats name json)

let private cases name test =
    testList name [
        for i, json in layers.Force () |> field name |> list |> List.indexed do
            testCase $"case {i + 1}" (fun () -> test json)
    ]

let private result name json = tensor (field name json)

/// The algorithms of all passes that run a case.
let private algorithms (x: Tensor) (w: Tensor) stride pad dilation groups =
    Ops.algorithms (x.Shape, w.Shape, stride = stride, pad = pad, dilation = dilation, groups = groups)

let private convolution json =
    let x, w, y = result "x" json, result "w" json, result "y" json
    let stride, dilation, pad = pair "stride" json, pair "dilation" json, padding json
    let groups = (field "groups" json).GetInt32()
    let dy = like y "dy" json
    let bias = tryField "b" json |> Option.map tensor

    for algorithm in algorithms x w stride pad dilation groups do
        let name = algorithm.Name

        if algorithm.Pass = "Forward" then
            let actual =
                Ops.convolve2d (
                    x,
                    w,
                    ?bias = bias,
                    stride = stride,
                    pad = pad,
                    dilation = dilation,
                    groups = groups,
                    algorithm = name
                )

            Expect.equal actual.Shape y.Shape "shape"

            expectNear
                1e-5
                1.0
                $"y, {name}"
                (actual.Values |> Seq.map float)
                (numbers (field "values" (field "y" json)))

    let gradients = Ops.convolve2dGradients (x, w, dy, stride = stride, pad = pad, dilation = dilation, groups = groups)
    near "dx" gradients.Input json "dx"
    near "dw" gradients.Weights json "dw"

    if bias.IsSome then
        near "db" gradients.Bias json "db"

let private ofTensor (t: Tensor) = t.Values |> Seq.map float

let private paddedConvolution json =
    let x, w, y = result "x" json, result "w" json, result "y" json
    let sides = field "padding" json
    let side name = (field name sides).GetInt32()
    let pad = pads (side "top", side "bottom", side "left", side "right")

    let border =
        match text (field "mode" json) with
        | "reflect" -> Fovea.Border.Reflect
        | "replicate" -> Fovea.Border.Replicate
        | "circular" -> Fovea.Border.Circular
        | _ -> Fovea.Border.Zeros

    let actual = Ops.convolve2d (x, w, pad = pad, border = border)
    Expect.equal actual (Ops.convolve2d (Ops.pad (x, pad, border = border), w)) "padded, then convolved"
    expectNear 1e-5 1.0 "y" (ofTensor actual) (field "y" json |> field "values" |> numbers)
    let gradients = Ops.convolve2dGradients (x, w, like y "dy" json, pad = pad, border = border)
    near "dx" gradients.Input json "dx"
    near "dw" gradients.Weights json "dw"

let private transposedConvolution json =
    let x, w, b, y = result "x" json, result "w" json, result "b" json, result "y" json

    let stride, dilation, pad, outputPad =
        pair "stride" json, pair "dilation" json, padding json, pair "outputPadding" json

    let groups = (field "groups" json).GetInt32()

    let actual =
        Ops.convTranspose2d (
            x,
            w,
            bias = b,
            stride = stride,
            pad = pad,
            outputPad = outputPad,
            dilation = dilation,
            groups = groups
        )

    Expect.equal actual.Shape y.Shape "shape"
    expectNear 1e-5 1.0 "y" (ofTensor actual) (field "y" json |> field "values" |> numbers)

    let gradients =
        Ops.convTranspose2dGradients (
            x,
            w,
            like y "dy" json,
            stride = stride,
            pad = pad,
            outputPad = outputPad,
            dilation = dilation,
            groups = groups
        )

    near "dx" gradients.Input json "dx"
    near "dw" gradients.Weights json "dw"
    near "db" gradients.Bias json "db"

let private lpPool json =
    let x, y = result "x" json, result "y" json

    let norm, window, stride, ceil =
        number (field "norm" json), pair "window" json, pair "stride" json, flag "ceil" json

    let actual = Ops.lpPool (x, norm, window, stride = stride, ceil = ceil)
    expectNear 1e-5 1.0 "y" (ofTensor actual) (field "y" json |> field "values" |> numbers)
    near "dx" (Ops.lpPoolGradient (x, like y "dy" json, norm, window, stride = stride, ceil = ceil)) json "dx"

let private upsample json =
    let x, y = result "x" json, result "y" json
    let mode = if text (field "mode" json) = "bilinear" then Bilinear else Nearest
    let corners = flag "alignCorners" json
    let actual = Ops.upsample (x, pair "to" json, mode = mode, alignCorners = corners)
    expectNear 1e-5 1.0 "y" (ofTensor actual) (field "y" json |> field "values" |> numbers)
    near "dx" (Ops.upsampleGradient (x, like y "dy" json, mode = mode, alignCorners = corners)) json "dx"

let private maxPool json =
    let x, y = result "x" json, result "y" json
    let dy = like y "dy" json

    let window, stride, dilation, pad, ceil =
        pair "window" json, pair "stride" json, pair "dilation" json, padding json, flag "ceil" json

    let indices = Ops.maxPoolIndices (x, window, stride = stride, pad = pad, dilation = dilation, ceil = ceil)
    Expect.equal (indices.Values |> Array.map int) (integers (field "indices" json)) "indices"

    for algorithm in [ "naive"; "blocked" ] do
        Expect.equal
            (Ops.maxPool (
                x,
                window,
                stride = stride,
                pad = pad,
                dilation = dilation,
                ceil = ceil,
                algorithm = algorithm
            ))
            y
            $"y, {algorithm}"

        let dx =
            Ops.maxPoolGradient (
                x,
                dy,
                window,
                stride = stride,
                pad = pad,
                dilation = dilation,
                ceil = ceil,
                algorithm = algorithm
            )

        near $"dx, {algorithm}" dx json "dx"

let private averagePool json =
    let x, y = result "x" json, result "y" json
    let dy = like y "dy" json

    let window, stride, pad, ceil, counted =
        pair "window" json, pair "stride" json, padding json, flag "ceil" json, flag "countIncludePad" json

    let divisor =
        tryField "divisor" json
        |> Option.filter (fun value -> value.ValueKind <> JsonValueKind.Null)
        |> Option.map _.GetInt32()

    for algorithm in [ "naive"; "blocked" ] do
        let actual =
            Ops.avgPool (
                x,
                window,
                stride = stride,
                pad = pad,
                ceil = ceil,
                countPad = counted,
                ?divisor = divisor,
                algorithm = algorithm
            )

        Expect.isTrue (actual.AllClose (y, 1e-6f, 1e-6f)) $"y, {algorithm}"

        let dx =
            Ops.avgPoolGradient (
                x,
                dy,
                window,
                stride = stride,
                pad = pad,
                ceil = ceil,
                countPad = counted,
                ?divisor = divisor,
                algorithm = algorithm
            )

        near $"dx, {algorithm}" dx json "dx"

let private softmax json =
    let x, axis = result "x" json, (field "axis" json).GetInt32()
    let dy = like x "dy" json
    near "softmax" (Ops.softmax (x, axis)) json "softmax"
    near "its gradient" (Ops.softmaxGradient (x, dy, axis)) json "dxSoftmax"
    near "logarithm" (Ops.logSoftmax (x, axis)) json "logSoftmax"
    near "its gradient" (Ops.logSoftmaxGradient (x, dy, axis)) json "dxLogSoftmax"

let private weightsOf json = tryField "scale" json |> Option.map tensor, tryField "shift" json |> Option.map tensor
let private eps json = number (field "epsilon" json)

let private nearY (y: Tensor) json =
    expectNear 1e-5 1.0 "y" (y.Values |> Seq.map float) (field "y" json |> field "values" |> numbers)

let private groupNorm json =
    let scale, shift = weightsOf json
    let groups = (field "groups" json).GetInt32()
    nearY (Ops.groupNorm (result "x" json, groups, ?scale = scale, ?shift = shift, eps = eps json)) json

let private layerNorm json =
    let scale, shift = weightsOf json
    let axes = (field "axes" json).GetInt32()
    nearY (Ops.layerNorm (result "x" json, axes, ?scale = scale, ?shift = shift, eps = eps json)) json

let private instanceNorm json =
    if not (flag "track" json) then
        let scale, shift = weightsOf json
        nearY (Ops.instanceNorm (result "x" json, ?scale = scale, ?shift = shift, eps = eps json)) json

let private activations =
    testList "activations" [
        for name, f in [ "relu", Relu; "sigmoid", Sigmoid; "tanh", Activation.Tanh ] do
            testCase name (fun () ->
                let places = layers.Force () |> field "activationPlaces" |> singles

                let expected =
                    layers.Force ()
                    |> field "activations"
                    |> list
                    |> List.find (fun json -> text (field "name" json) = name)

                let x = Tensor.Wrap (Shape.Of [| places.Length |], places)
                let relative = 2e-6
                let actual, slope = Ops.activation (f, x), Ops.activationGradient (f, x, Tensor.Ones x.Shape)
                expectNear relative 1e-3 "y" (actual.Values |> Seq.map float) (floats "y" expected)
                expectNear relative 1.0 "slope" (slope.Values |> Seq.map float) (floats "slope" expected))
    ]

let tests =
    testList "Operations are PyTorch's" [
        cases "convolutions" convolution
        cases "paddedConvolutions" paddedConvolution
        cases "transposedConvolutions" transposedConvolution
        cases "lpPools" lpPool
        cases "upsamples" upsample
        cases "maxPools" maxPool
        cases "averagePools" averagePool
        cases "softmaxes" softmax
        cases "groupNorms" groupNorm
        cases "layerNorms" layerNorm
        cases "instanceNorms" instanceNorm

        testCase "a normalisation whose weights do not fit says so" (fun () ->
            let x = Tensor.Ones (Shape.Of [| 2; 6; 3; 3 |])

            for part, work in
                [
                    "channels in 4 equal groups, got (2, 6, 3, 3)", (fun () -> Ops.groupNorm (x, 4))
                    "expected a scale", (fun () -> Ops.groupNorm (x, 2, scale = Tensor.Ones (Shape.Of [| 3 |])))
                    "does not have 5 axes; normalise its last 1..4", (fun () -> Ops.layerNorm (x, axes = 5))
                ] do
                Expect.throwsC (fun () -> work () |> ignore) (fun fault ->
                    Expect.stringContains fault.Message part "the sentence"))
        activations
    ]
