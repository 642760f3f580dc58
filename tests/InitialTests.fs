/// How parameters begin.
module Fovea.Tests.InitialTests

open System
open Expecto
open Fovea
open Fovea.Core.Operations
open Fovea.Core.Shapes

let private isWeight (p: Parameter) = p.Role = ParameterRole.Weight

/// The weights of one layer that begins in a way.
let private begun (layer: Pipeline -> Pipeline) pipeline (initial: Initializer) =
    let model = pipeline |> layer |> Model.initWith 7 (fun p -> if isWeight p then initial else Initial.usual)

    (Model.parameters model |> List.find isWeight).Value

let private moments (t: Tensor) =
    let mean = t.Values |> Array.averageBy float
    mean, t.Values |> Array.averageBy (fun v -> (float v - mean) ** 2.0) |> sqrt

// Of 20,000 draws a deviation is known to a hundredth.
let private hasDeviation expected (t: Tensor) =
    let mean, deviation = moments t
    Expect.isTrue (abs mean < 0.03 * expected) $"mean {mean}"
    Expect.isTrue (abs (deviation / expected - 1.0) < 0.03) $"deviation {deviation}, expected {expected}"

let private hasBound bound (t: Tensor) =
    let largest = t.Values |> Array.map (abs >> float) |> Array.max
    Expect.isTrue (largest <= bound * 1.000001 && largest > 0.99 * bound) $"largest {largest}, expected {bound}"

// 40 filters over 20 channels of 5×5: fan-in 500, fan-out 1000.
let private wide = begun (conv (40, 5)) (input (20, 8, 8))

let private distributions = [
    "He's normal, forward", Initial.heNormal (), sqrt (2.0 / 500.0), false
    "He's normal, backward", Initial.heNormal (fan = Fan.Out), sqrt (2.0 / 1000.0), false
    "He's normal for leaky ReLUs", Initial.heNormal (slope = 0.5), sqrt (2.0 / 1.25 / 500.0), false
    "He's uniform, forward", Initial.heUniform (), sqrt (2.0 / 500.0), true
    "He's uniform as PyTorch's layers begin", Initial.heUniform (slope = sqrt 5.0), sqrt (1.0 / 1500.0), true
    "Xavier's normal", Initial.xavierNormal (gain = 2.0), 2.0 * sqrt (2.0 / 1500.0), false
    "Xavier's uniform", Initial.xavierUniform (), sqrt (2.0 / 1500.0), true
    "normal", Initial.normal (deviation = 0.02), 0.02, false
    "uniform", Initial.uniform (-0.3, 0.3), 0.3 / sqrt 3.0, true
]

let private product (a: Tensor) = a.MatMul (a.Transpose (1, 0))

let private expectOrthogonal gain (t: Tensor) =
    let rows = t.Shape[0]
    let matrix = t.Reshape (Shape.Of [| rows; t.Count / rows |])
    let gram = if matrix.Shape[0] <= matrix.Shape[1] then product matrix else product (matrix.Transpose (1, 0))

    for i in 0 .. gram.Shape[0] - 1 do
        for j in 0 .. gram.Shape[1] - 1 do
            let expected = if i = j then gain * gain else 0.0
            Expect.isTrue (abs (float gram[i, j] - expected) < 1e-5) $"({i}, {j}): {gram[i, j]}"

let private withThreads count work =
    let before = Threads.Count
    Threads.Count <- count

    try
        work ()
    finally
        Threads.Count <- before

let private whitened =
    lazy
        let images = Generated.load (40, 5) |> fst |> Data.images

        let network =
            input (3, 32, 32)
            |> normalize ([ 0.5; 0.4; 0.45 ], [ 0.25; 0.25; 0.25 ])
            |> frozen (conv (24, 2, name = "whiten", bias = false))
            |> relu
            |> globalAvgPool
            |> flatten
            |> dense 10

        images, network, network |> Model.init 1 |> Model.whitenWith 1e-6 "whiten" images

let tests =
    testList "Initial values" [
        for name, initial, deviation, isUniform in distributions do
            testCase name (fun () ->
                let weights = wide initial
                hasDeviation deviation weights

                if isUniform then
                    hasBound (sqrt 3.0 * deviation) weights

                Expect.equal (wide initial) weights "the same seed, the same weights")

        testCase "a constant" (fun () ->
            Expect.all (wide (Initial.constant 0.25)).Values (fun v -> v = 0.25f) "everywhere")

        testCase "orthogonal: wide, tall and square, with a gain" (fun () ->
            expectOrthogonal 1.0 (begun (conv (5, 3)) (input (2, 4, 4)) (Initial.orthogonal ()))
            expectOrthogonal 1.5 (begun (dense 17) (inputVector 4) (Initial.orthogonal (gain = 1.5)))
            expectOrthogonal 1.0 (begun (dense 6) (inputVector 6) (Initial.orthogonal ()))
            expectOrthogonal 1.0 (begun (dense 1) (inputVector 1) (Initial.orthogonal ())))

        testCase "orthogonal matrices have no preferred sign" (fun () ->
            let positive =
                [
                    for seed in 1..60 ->
                        let model =
                            inputVector 2
                            |> dense (2, bias = false)
                            |> Model.initWith seed (fun _ -> Initial.orthogonal ())

                        (Model.parameter "dense1.weight" model)[0, 0] > 0f
                ]
                |> List.filter id
                |> List.length

            Expect.isTrue (positive > 15 && positive < 45) $"{positive} of 60")

        testCase "Dirac's filters pass their channels on" (fun () ->
            let image = Tensor.Normal (Shape.Of [| 1; 3; 5; 6 |], 1)
            let weights = begun (conv (4, 3, pad = Same)) (input (3, 5, 6)) (Initial.dirac ())
            let passed = Ops.convolve2d (image, weights, pad = Same)
            Expect.equal (Tensor.concat 1 [ image; Tensor.Zeros (Shape.Of [| 1; 1; 5; 6 |]) ]) passed "and zeros"

            let grouped = begun (conv (4, 3, groups = 2)) (input (4, 5, 6)) (Initial.dirac (groups = 2))

            let ones = [
                for k in 0..3 do
                    for c in 0..1 -> grouped[k, c, 1, 1]
            ]

            Expect.equal ones [ 1f; 0f; 0f; 1f; 1f; 0f; 0f; 1f ] "in each group"
            Expect.equal (grouped.Sum ()) 4f "nothing else")

        testCase "what it is not for is said, with the parameter's name" (fun () ->
            let said initial =
                try
                    inputVector 3 |> dense 2 |> Model.initWith 1 (fun _ -> initial) |> ignore
                    ""
                with :? ShapeException as fault ->
                    fault.Message

            Expect.stringContains
                (said (Initial.orthogonal ()))
                "dense1.bias: orthogonal: expected weights with two axes or more, got (2)"
                "orthogonal"

            Expect.stringContains (said (Initial.heNormal ())) "give vectors, such as biases, a constant" "He"
            Expect.stringContains (said (Initial.dirac ())) "dense1.weight: dirac: expected filters" "Dirac")

        testCase "rules see names and roles" (fun () ->
            let model =
                input (3, 4, 4)
                |> conv (4, 3)
                |> batchNorm
                |> flatten
                |> named "head" (dense 2)
                |> Model.initWith 3 (fun p ->
                    if p.Name.StartsWith "head." then Initial.constant 0.0
                    elif p.Role = ParameterRole.Scale then Initial.constant 0.5
                    else Initial.usual)

            Expect.all (Model.parameter "head.dense1.weight" model).Values ((=) 0f) "the head"
            Expect.all (Model.parameter "batchNorm1.weight" model).Values ((=) 0.5f) "the scale"
            let usual = input (3, 4, 4) |> conv (4, 3) |> Model.init 3
            Expect.equal (Model.parameter "conv1.weight" model) (Model.parameter "conv1.weight" usual) "the others")

        testCase "whitened filters see uncorrelated directions of variance 1" (fun () ->
            let images, network, model = whitened.Value
            let normal = network |> Pipeline.take 1 |> Model.init 0 |> Model.logits images
            let seen = Ops.convolve2d (normal, Model.parameter "whiten.conv1.weight" model)
            let rows = seen.Transpose(1, 0, 2, 3).Reshape(Shape.Of [| 24; seen.Count / 24 |])
            let moments = product rows

            for i in 0..11 do
                for j in 0..11 do
                    let moment = float moments[i, j] / float rows.Shape[1]
                    let expected = if i = j then 1.0 else 0.0
                    Expect.isTrue (abs (moment - expected) < 0.02) $"({i}, {j}): {moment}"

                    Expect.isTrue
                        (abs (float moments[i, j + 12] / float rows.Shape[1] + expected) < 0.02)
                        $"the negative of {i} and {j}")

        testCase "whitening does not hang on the threads, and leaves everything else alone" (fun () ->
            let images, network, model = whitened.Value
            let again = withThreads 1 (fun () -> network |> Model.init 1 |> Model.whitenWith 1e-6 "whiten" images)
            Expect.equal (Model.parameters again) (Model.parameters model) "one thread"

            for name in [ "dense1.weight"; "dense1.bias" ] do
                Expect.equal (Model.parameter name model) (network |> Model.init 1 |> Model.parameter name) name)

        testCase "what cannot be whitened is said" (fun () ->
            let images = Tensor.Zeros (Shape.Of [| 1; 3; 4; 4 |])
            let whiten filters name = input (3, 4, 4) |> conv (filters, 2) |> Model.init 1 |> Model.whiten name images

            let said work =
                try
                    work () |> ignore
                    ""
                with fault ->
                    fault.Message

            Expect.stringContains
                (said (fun () -> whiten 26 "conv1"))
                "at most 24 for patches of 12 elements, got 26"
                "too many"

            Expect.stringContains (said (fun () -> whiten 3 "conv1")) "expected an even number of filters" "odd"

            Expect.stringContains
                (said (fun () -> whiten 4 "stem"))
                "there is no convolution named \"stem\"; there are conv1"
                "a name")
    ]
