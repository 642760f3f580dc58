module Fovea.Tests.OptimizerTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea.Core.Dispatch
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Core.Training

// ---- Running an optimizer over given gradients ----

let parameter name (values: float32[]) =
    Parameter (name, ParameterRole.Weight, Tensor.Wrap (Shape.Of [| values.Length |], Array.copy values), true)

let tensors (like: Parameter list) (gradients: float32[] list) =
    List.map2 (fun (p: Parameter) (g: float32[]) -> Tensor.Wrap (p.Shape, g)) like gradients
    |> ResizeArray

/// A step for each element of `steps`, which holds a gradient for each parameter.
let train (optimizer: Optimizer) (parameters: Parameter list) (steps: float32[] list list) =
    let state = optimizer.Start (ResizeArray parameters)
    steps |> List.iter (fun gradients -> state.Step (tensors parameters gradients))
    state

let weights (parameters: Parameter list) = parameters |> List.map _.Value.Values

// ---- PyTorch's ----

let cycle momentum = OneCycle (0.3, cycleMomentum = momentum)
let second (p: Parameter) = p.Name = "second"

let fixtureOptimizers: (string * Optimizer * Schedule) list =
    let own name optimizer = name, optimizer, Schedule.Constant

    [
        own "Sgd" (Sgd 0.1f)
        own "Sgd weight decay" (Sgd (0.1, weightDecay = 0.05))
        own "Sgd momentum" (Sgd (0.1f, momentum = 0.9f))
        own "Sgd dampening" (Sgd (0.1, momentum = 0.8, dampening = 0.3, weightDecay = 0.01))
        own "Sgd nesterov" (Sgd (0.05f, momentum = 0.9f, nesterov = true, weightDecay = 5e-4f))
        "Sgd one-cycle", Sgd (0.3, momentum = 0.9, nesterov = true), cycle false
        "Sgd one-cycle momentum", Sgd (1, momentum = 0.9), cycle true
        own "Sgd clip norm" (Sgd(0.1, momentum = 0.9).ClipNorm 1.5)
        own "Sgd clip norm far" (Sgd(0.1).ClipNorm 1e3)
        own "Sgd clip value" (Sgd(0.1).ClipValue 0.25)
        own "Sgd groups" (Sgd(0.05, momentum = 0.9, weightDecay = 0.1).For(second, rateFactor = 4, weightDecay = 0))
        own "Adam" (Adam 1e-2f)
        own "Adam settings" (Adam (3e-2, 0.8, 0.95, 1e-3, 0.1))
        own "Adam amsgrad" (Adam (1e-2, beta2 = 0.5, amsgrad = true))
        "Adam one-cycle momentum", Adam 0.3, cycle true
        own "AdamW" (AdamW 1e-2f)
        own "AdamW settings" (AdamW (3e-2, 0.8, 0.95, 1e-3, 0.3))
        own "AdamW amsgrad" (AdamW (1e-2, beta2 = 0.5, amsgrad = true))
        own "RmsProp" (RmsProp 1e-2f)
        own "RmsProp settings" (RmsProp (1e-2, 0.8, 1e-3, 0.1, 0.7))
        own "RmsProp centered" (RmsProp (1e-2, 0.9, centered = true))
        own "RmsProp centered momentum" (RmsProp (1e-2, 0.9, momentum = 0.7, centered = true))
        own "Adagrad" (Adagrad 1e-1)
        own "Adagrad settings" (Adagrad (1e-1, 0.1, 0.1, 0.3, 1e-3))
    ]

let fixture = lazy (Fixtures.read "training/training.json")
let fixtureCases () = fixture.Force () |> Fixtures.field "optimizers" |> Fixtures.list
let fixtureName case = Fixtures.text (Fixtures.field "name" case)

let fixtureGradients () =
    fixture.Force ()
    |> Fixtures.field "gradients"
    |> Fixtures.list
    |> List.map (Fixtures.list >> List.map Fixtures.singles)

let fixtureParameters () =
    fixture.Force ()
    |> Fixtures.field "starts"
    |> Fixtures.list
    |> List.map2 (fun name start -> Parameter (name, ParameterRole.Weight, Fixtures.tensor start, true)) [
        "first"
        "second"
    ]

let equalsPyTorch (optimizer: Optimizer) (schedule: Schedule) case =
    let parameters, gradients = fixtureParameters (), fixtureGradients ()
    let state = optimizer.Start (ResizeArray parameters)

    for step, gradient in List.indexed gradients do
        state.Step (tensors parameters gradient, schedule.At (step, gradients.Length))

        match Fixtures.tryField (string (step + 1)) (Fixtures.field "weights" case) with
        | None -> ()
        | Some expected ->
            for parameter, expected in Seq.zip parameters (Fixtures.list expected) do
                let what = $"{parameter.Name} after step {step + 1}"
                Fixtures.expectNear 1e-6 0.2 what (Seq.map float parameter.Value.Values) (Fixtures.numbers expected)

// ---- The papers' formulas, naively and in double precision ----

let naively start gradients update =
    let weights = Array.map float start
    gradients |> List.iteri (fun step gradient -> update (step + 1) weights (Array.map float gradient))
    weights

let naiveLion rate beta1 beta2 decay start gradients =
    let momentum = Array.zeroCreate<float>(Array.length start)

    naively start gradients (fun _ w g ->
        for i in 0 .. w.Length - 1 do
            let update = float (sign (beta1 * momentum[i] + (1.0 - beta1) * g[i]))
            w[i] <- w[i] - rate * (update + decay * w[i])
            momentum[i] <- beta2 * momentum[i] + (1.0 - beta2) * g[i])

let naiveLookahead every alpha rate (start: float32[]) gradients =
    let slow = Array.map float start

    naively start gradients (fun step w g ->
        for i in 0 .. w.Length - 1 do
            w[i] <- w[i] - rate * g[i]

            if step % every = 0 then
                slow[i] <- slow[i] + alpha * (w[i] - slow[i])
                w[i] <- slow[i])

let naiveAverage decay rate (start: float32[]) gradients =
    let average = Array.map float start

    naively start gradients (fun step w g ->
        for i in 0 .. w.Length - 1 do
            w[i] <- w[i] - rate * g[i]
            average[i] <- decay step * average[i] + (1.0 - decay step) * w[i])
    |> ignore

    average

let product (a: float[,]) (b: float[,]) =
    Array2D.init (Array2D.length1 a) (Array2D.length2 b) (fun i j ->
        Seq.sum [ for k in 0 .. Array2D.length2 a - 1 -> a[i, k] * b[k, j] ])

let zip f (a: float[,]) (b: float[,]) = Array2D.mapi (fun i j x -> f x b[i, j]) a
let transpose (a: float[,]) = Array2D.init (Array2D.length2 a) (Array2D.length1 a) (fun i j -> a[j, i])
let frobenius (a: float[,]) = a |> Seq.cast<float> |> Seq.sumBy (fun x -> x * x) |> sqrt

/// On the matrix as it stands, of more rows or of fewer: the odd polynomial of X is the same either way.
let orthogonal iterations matrix =
    let step x =
        let a = product x (transpose x)
        let b = zip (fun a aa -> -4.7750 * a + 2.0315 * aa) a (product a a)
        zip (fun x bx -> 3.4445 * x + bx) x (product b x)

    let norm = max (frobenius matrix) 1e-7
    Seq.fold (fun x _ -> step x) (Array2D.map (fun x -> x / norm) matrix) [ 1..iterations ]

type MuonSettings = {
    Rate: float
    Momentum: float
    Decay: float
    Nesterov: bool
    Iterations: int
    Factor: float
    Normalize: bool
}

let naiveMuon settings rows start gradients =
    let columns = Array.length start / rows
    let asMatrix (values: float[]) = Array2D.init rows columns (fun i j -> values[i * columns + j])
    let momentum = Array.zeroCreate<float> start.Length

    naively start gradients (fun _ w g ->
        let mu = settings.Momentum

        for i in 0 .. w.Length - 1 do
            momentum[i] <- mu * momentum[i] + (1.0 - mu) * g[i]

        let lerped = if settings.Nesterov then Array.map2 (fun g m -> (1.0 - mu) * g + mu * m) g momentum else momentum
        let update = orthogonal settings.Iterations (asMatrix lerped)
        let size = if settings.Normalize then sqrt (float rows) / frobenius (asMatrix w) else 1.0

        for i in 0 .. w.Length - 1 do
            let decayed = w[i] * size * (1.0 - settings.Rate * settings.Decay)
            w[i] <- decayed - settings.Rate * settings.Factor * update[i / columns, i % columns])

let singles count = Gen.choose (-3000, 3000) |> Gen.map (fun i -> float32 i / 1000.0f) |> Gen.arrayOfLength count

/// A start and some gradients of a length.
let run length = gen {
    let! start = singles length
    let! steps = Gen.choose (1, 7)
    let! gradients = Gen.listOfLength steps (singles length)
    return start, gradients
}

let forRuns low high check = Prop.forAll (Gen.choose (low, high) |> Gen.bind run |> Arb.fromGen) check

let trainedAlone optimizer start gradients =
    let own = parameter "w" start
    let state = train optimizer [ own ] (List.map List.singleton gradients)
    own.Value.Values, state

let expectClose what (actual: float32[]) (expected: float[]) =
    Fixtures.expectNear 1e-5 1.0 what (Seq.map float actual) expected

// ---- Every optimizer whose elements are independent of each other ----

let elementwise: Optimizer list = [
    Sgd (0.1, weightDecay = 0.01)
    Sgd(0.1, momentum = 0.9, nesterov = true).ClipValue 0.5
    Adam (0.01, weightDecay = 0.1, amsgrad = true)
    AdamW 0.01
    RmsProp (0.01, momentum = 0.5, centered = true)
    RmsProp (0.01, momentum = 0.5)
    Adagrad ()
    Lion (0.01, weightDecay = 0.2)
    Lookahead (Adam (), 2)
    Ema (Sgd 0.1, 0.7)
]

let everyOptimizer: Optimizer list =
    let muon: Optimizer = Muon (0.02)

    muon.For ((fun p -> p.Shape.Rank < 2), Sgd (0.1, momentum = 0.9))
    :: Sgd(0.1, momentum = 0.9).ClipNorm 1
    :: elementwise

let withWorkers count work =
    let before = Workers.Shared.Count
    Workers.SetShared count

    try
        work ()
    finally
        Workers.SetShared before

let random length seed =
    let random = Random (seed: int)
    Array.init length (fun _ -> float32 (random.NextDouble () - 0.5))

let network () = [
    Parameter ("conv.weight", ParameterRole.Weight, Tensor.Wrap (Shape.Of [| 40; 5; 3; 3 |], random 1800 1), true)
    Parameter ("conv.bias", ParameterRole.Bias, Tensor.Wrap (Shape.Of [| 40 |], random 40 2), true)
    Parameter ("dense.weight", ParameterRole.Weight, Tensor.Wrap (Shape.Of [| 10; 4001 |], random 40010 3), true)
    Parameter ("frozen", ParameterRole.Weight, Tensor.Wrap (Shape.Of [| 3; 3 |], random 9 4), false)
    Parameter ("norm.mean", ParameterRole.Buffer, Tensor.Wrap (Shape.Of [| 7 |], random 7 5), false)
]

let randomGradients (parameters: Parameter list) step =
    parameters |> List.mapi (fun i p -> random p.Shape.Count (100 + 10 * step + i))

let stepped (state: OptimizerState) parameters steps =
    for step in steps do
        state.Step (tensors parameters (randomGradients parameters step), Schedule.Constant.At (step, 20))

/// The network after steps 0..steps-1.
let trained (optimizer: Optimizer) steps =
    let parameters = network ()
    let state = optimizer.Start (ResizeArray parameters)
    stepped state parameters [ 0 .. steps - 1 ]
    parameters, state

let expectThrows<'fault when 'fault :> exn> parts work =
    let said =
        try
            work ()
            failtest "nothing was thrown"
        with :? 'fault as fault ->
            fault.Message

    parts |> List.iter (fun (part: string) -> Expect.stringContains said part "the message")

let tests =
    testList "Optimizers" [
        testList "ten steps equal PyTorch's" [
            for name, optimizer, schedule in fixtureOptimizers do
                testCase name (fun () ->
                    match fixtureCases () |> List.filter (fun case -> fixtureName case = name) with
                    | [ case ] -> equalsPyTorch optimizer schedule case
                    | cases -> failtestf "%d cases" cases.Length)
        ]

        testCase "every case of the fixture is tested" (fun () ->
            let names = fixtureOptimizers |> List.map (fun (name, _, _) -> name)
            Expect.equal (fixtureCases () |> List.map fixtureName) names "the names")

        testCase "gradients are clipped as PyTorch clips them, and nobody's gradient is written to" (fun () ->
            let gradients = List.head (fixtureGradients ())

            for case in fixture.Force () |> Fixtures.field "clipping" |> Fixtures.list do
                let plain: Optimizer = Sgd 1

                let optimizer =
                    match (fixtureName case).Split ' ' with
                    | [| "norm"; most |] -> plain.ClipNorm (float most)
                    | [| _; most |] -> plain.ClipValue (float most)
                    | _ -> failtest (fixtureName case)

                let zeros =
                    fixtureParameters () |> List.map (fun p -> Parameter (p.Name, p.Role, Tensor.Zeros p.Shape, true))

                let given = gradients |> List.map Array.copy
                let state = train optimizer zeros [ given ]
                Expect.equal given gradients "the gradients are as they were"

                for zero, expected in Seq.zip zeros (Fixtures.list (Fixtures.field "gradients" case)) do
                    let moved = zero.Value.Values |> Seq.map (fun w -> -(float w))
                    Fixtures.expectNear 1e-6 1e-3 (fixtureName case) moved (Fixtures.numbers expected)

                match Fixtures.tryField "norm" case with
                | Some norm ->
                    Fixtures.expectNear 1e-6 0.0 "norm" [ state.GradientNorm.Value ] [ Fixtures.number norm ]
                | None -> Expect.isFalse state.GradientNorm.HasValue "no norm was asked for")

        testProperty "Lion does what its paper says"
        <| forRuns 1 20 (fun (start, gradients) ->
            // A sum of 0 has no sign, and rounding decides where it is almost 0: gradients of equal sign keep away from it.
            let gradients = gradients |> List.map (Array.map (fun g -> abs g + 0.1f))
            let actual, _ = trainedAlone (Lion (0.01, 0.9, 0.95, 0.1)) start gradients
            expectClose "weights" actual (naiveLion 0.01 0.9 0.95 0.1 start gradients))

        testCase "Lion turns when its momentum does, and stays where there is nothing" (fun () ->
            let gradients = [ [| 1.0f; 0.0f |]; [| 1.0f; 0.0f |]; [| -9.0f; 0.0f |]; [| -9.0f; 0.0f |] ]
            let actual, _ = trainedAlone (Lion 0.125) [| 0.0f; 1.0f |] gradients
            expectClose "weights" actual (naiveLion 0.125 0.9 0.99 0.0 [| 0.0f; 1.0f |] gradients)
            Expect.equal actual [| 0.0f; 1.0f |] "two steps down, two up")

        testProperty "Lookahead does what its paper says"
        <| forRuns 1 20 (fun (start, gradients) ->
            let actual, _ = trainedAlone (Lookahead (Sgd 0.1, 3, 0.25)) start gradients
            expectClose "weights" actual (naiveLookahead 3 0.25 0.1 start gradients))

        testProperty "an exponential average follows the weights and leaves them alone"
        <| forRuns 1 20 (fun (start, gradients) ->
            for warmUp in [ false; true ] do
                let actual, state = trainedAlone (Ema (Sgd 0.1, 0.6, warmUp)) start gradients
                let plain, _ = trainedAlone (Sgd 0.1) start gradients
                Expect.equal actual plain "the weights"
                let decay step = if warmUp then min 0.6 ((1.0 + float step) / (10.0 + float step)) else 0.6
                expectClose "the average" state.Evaluated[0].Value.Values (naiveAverage decay 0.1 start gradients))

        testPropertyWith
            (propertyConfig.WithMaxTest 40)
            "Muon does what its authors say, on wide matrices and tall ones"
        <| Prop.forAll
            (Arb.fromGen (
                gen {
                    let! rows = Gen.choose (1, 6)
                    let! columns = Gen.choose (1, 40)
                    let! run = run (rows * columns)
                    return rows, columns, run
                }
            ))
            (fun (rows, columns, (start, gradients)) ->
                let settings = {
                    Rate = 0.05
                    Momentum = 0.9
                    Decay = 0.1
                    Nesterov = true
                    Iterations = 3
                    Factor = sqrt (max 1.0 (float rows / float columns))
                    Normalize = false
                }

                let larger = float (max rows columns)

                let kinds: (Optimizer * MuonSettings) list = [
                    Muon (0.05, 0.9, iterations = 3), settings
                    Muon (0.05, 0.9, nesterov = false, iterations = 3), { settings with Nesterov = false }
                    Muon (0.05, 0.9, 0, iterations = 3, scale = MuonScale.MatchAdamW),
                    { settings with Decay = 0.0; Factor = 0.2 * sqrt larger }
                    Muon (0.05, 0.9, iterations = 3, scale = MuonScale.None, normalize = true),
                    { settings with Factor = 1.0; Normalize = true }
                ]

                // A sum of squares near 0 is divided by: gradients and weights that vanish are left to the test below.
                let large = Array.exists (fun x -> abs x > 0.1f)

                if large start && large gradients.Head then
                    for optimizer, settings in kinds do
                        let first = List.truncate 1 gradients
                        let matrix = Tensor.Wrap (Shape.Of [| rows; columns |], Array.copy start)
                        let own = Parameter ("w", ParameterRole.Weight, matrix, true)
                        train optimizer [ own ] (List.map List.singleton first) |> ignore
                        let expected = naiveMuon settings rows start first
                        Fixtures.expectNear 1e-4 1.0 (string optimizer) (Seq.map float matrix.Values) expected)

        testCase "Muon takes a bank of filters for a matrix, and makes its singular values almost equal" (fun () ->
            let zero = Parameter ("w", ParameterRole.Weight, Tensor.Zeros (Shape.Of [| 8; 3; 3; 3 |]), true)
            let state = train (Muon (1, 0, 0, scale = MuonScale.None)) [ zero ] [ [ random (8 * 27) 7 ] ]
            let matrix = Array2D.init 8 27 (fun i j -> float zero.Value.Values[i * 27 + j])
            let gram = product matrix (transpose matrix)

            for i in 0..7 do
                Expect.isTrue (gram[i, i] > 0.4 && gram[i, i] < 1.6) $"row {i}: {gram[i, i]}"
                Expect.isLessThan (abs gram[i, (i + 1) % 8]) 0.4 $"row {i} and the next"

            Expect.equal state.Steps 1L "steps"
            let still, _ = trainedAlone ((Muon 0.1 :> Optimizer).For((fun _ -> true), Sgd 1)) [| 1.0f |] [ [| 0.0f |] ]
            Expect.equal still [| 1.0f |] "a vector that was given another optimizer"

            let flat =
                Parameter (
                    "w",
                    ParameterRole.Weight,
                    Tensor.Wrap (Shape.Of [| 2; 2 |], [| 1.0f; 2.0f; 3.0f; 4.0f |]),
                    true
                )

            train (Muon (0.5, weightDecay = 0)) [ flat ] [ [ Array.zeroCreate 4 ] ] |> ignore
            Expect.equal flat.Value.Values [| 1.0f; 2.0f; 3.0f; 4.0f |] "a gradient of 0 moves nothing")

        testProperty "an element's result does not depend on where it stands, to the bit"
        <| forRuns 2 70 (fun (start, gradients) ->
            for optimizer in elementwise do
                let whole, _ = trainedAlone optimizer start gradients
                let cut = start.Length / 3

                let halves =
                    [ parameter "a" start[.. cut - 1]; parameter "b" start[cut..] ]
                    |> List.filter (fun p -> p.Shape.Count > 0)

                let parts (g: float32[]) = [ g[.. cut - 1]; g[cut..] ] |> List.filter (fun g -> g.Length > 0)
                train optimizer halves (List.map parts gradients) |> ignore
                Expect.equal (Array.concat (weights halves)) whole (string optimizer))

        testCase "the number of workers changes no bit" (fun () ->
            for optimizer in everyOptimizer do
                let results =
                    [ 1; 2; 4 ]
                    |> List.map (fun count -> withWorkers count (fun () -> weights (fst (trained optimizer 3))))

                Expect.equal (List.distinct results).Length 1 (string optimizer))

        testCase "a repeated run gives the same bits, and every optimizer moves what trains and nothing else" (fun () ->
            for optimizer in everyOptimizer do
                let parameters, state = trained optimizer 3
                Expect.equal (weights (fst (trained optimizer 3))) (weights parameters) "again"

                for before, after in List.zip (network ()) parameters do
                    let moved = Seq.exists2 (<>) before.Value.Values after.Value.Values
                    Expect.equal moved after.Trains $"{optimizer}: {after}"
                    Expect.all after.Value.Values Single.IsFinite "finite"

                Expect.equal state.Steps 3L "steps")

        testProperty "NaN in a gradient is NaN in that weight, and in no other"
        <| forRuns 2 40 (fun (start, gradients) ->
            for optimizer in elementwise do
                let spoilt = gradients |> List.map (Array.mapi (fun i g -> if i = 1 then nanf else g))
                let clean, _ = trainedAlone optimizer start gradients
                let actual, _ = trainedAlone optimizer start spoilt
                Expect.isTrue (Single.IsNaN actual[1]) $"{optimizer}: NaN"
                let others = Array.removeAt 1
                Expect.equal (others actual) (others clean) $"{optimizer}: the others")

        testCase "NaN in a gradient is NaN in the norm, and so in every weight" (fun () ->
            let actual, state = trainedAlone (Sgd(0.1).ClipNorm 1) [| 1.0f; 2.0f |] [ [| nanf; 1.0f |] ]
            Expect.isTrue (Double.IsNaN state.GradientNorm.Value) "norm"
            Expect.all actual Single.IsNaN "weights")

        testCase "a parameter without a gradient is left out, and its steps are not counted" (fun () ->
            for optimizer in elementwise do
                let alone, _ = trainedAlone optimizer [| 1.0f; 2.0f |] [ [| 0.5f; -0.5f |] ]
                let first, other = parameter "w" [| 1.0f; 2.0f |], parameter "other" [| 1.0f |]
                let state = optimizer.Start (ResizeArray [ first; other ])
                let missing = GradientOf (fun i -> if i = 0 then ReadOnlySpan.Empty else ReadOnlySpan [| 1.0f |])

                let present =
                    GradientOf (fun i -> if i = 0 then ReadOnlySpan [| 0.5f; -0.5f |] else ReadOnlySpan.Empty)

                match optimizer with
                | :? Lookahead -> ()
                | _ ->
                    state.Step missing
                    Expect.equal first.Value.Values [| 1.0f; 2.0f |] $"{optimizer}: nothing yet"
                    state.Step present
                    Expect.equal first.Value.Values alone $"{optimizer}: its first step")

        testCase "after the first step, a step allocates nothing" (fun () ->
            withWorkers 1 (fun () ->
                for optimizer in everyOptimizer do
                    let parameters = network ()
                    let state = optimizer.Start (ResizeArray parameters)
                    let gradients = randomGradients parameters 0 |> Array.ofList
                    let source = GradientOf (fun i -> ReadOnlySpan gradients[i])
                    let schedule: Schedule = OneCycle ()

                    for step in 0..9 do
                        state.Step (source, schedule.At (step, 50))

                    let allocated () =
                        let before = GC.GetAllocatedBytesForCurrentThread ()

                        for step in 10..19 do
                            state.Step (source, schedule.At (step, 50))

                        GC.GetAllocatedBytesForCurrentThread () - before

                    // The runtime may recompile a method meanwhile, and that allocates now and then; a step would always.
                    Expect.equal (List.min [ for _ in 1..5 -> allocated () ]) 0L (string optimizer)))

        testList "parameter groups" [
            let bias (p: Parameter) = p.Role = ParameterRole.Bias
            let dense (p: Parameter) = p.Name.StartsWith "dense"
            let named name = network () |> List.find (fun p -> p.Name = name)

            testCase "a group overrides what was said before about the same setting, and leaves the rest" (fun () ->
                let optimizer =
                    Sgd(0.1, momentum = 0.9, weightDecay = 0.01)
                        .For(bias, weightDecay = 0)
                        .For(dense, rateFactor = 3, schedule = CosineAnnealing ())
                        .For((fun p -> p.Name.EndsWith "weight"), weightDecay = 0.5)

                let settings name =
                    let settings = optimizer.SettingsFor (named name)
                    settings.RateFactor, settings.WeightDecay, isNull settings.Schedule

                Expect.equal (settings "conv.bias") (1.0, 0.0, true) "bias"
                Expect.equal (settings "dense.weight") (3.0, 0.5, false) "dense"
                Expect.equal (settings "conv.weight") (1.0, 0.5, true) "conv"
                Expect.equal (settings "norm.mean") (1.0, 0.01, true) "in no group")

            testCase
                "a group may have another optimizer, which keeps its proportion to a rate that is given outright"
                (fun () ->
                    let optimizer = Adam(0.01).For(second, Sgd (0.1, weightDecay = 0.5))
                    let parameters = [ parameter "first" [| 1.0f |]; parameter "second" [| 1.0f |] ]
                    let state = optimizer.Start (ResizeArray parameters)
                    state.Step (tensors parameters [ [| 1.0f |]; [| 1.0f |] ], SchedulePoint.Rate 0.02)
                    Fixtures.expectNear 1e-6 0.0 "Adam at 0.02" [ float parameters[0].Value.Values[0] ] [ 0.98 ]

                    Fixtures.expectNear 1e-6 0.0 "Sgd at 0.2" [ float parameters[1].Value.Values[0] ] [
                        1.0 - 0.2 * 1.5
                    ])

            testCase "a group with a schedule of its own follows that" (fun () ->
                let own = Schedule.Custom (fun x -> if x < 0.5 then 1.0 else 0.0)
                let optimizer = Sgd(0.1).For(second, schedule = own, rateFactor = 2)
                let parameters = [ parameter "first" [| 0.0f |]; parameter "second" [| 0.0f |] ]
                let state = optimizer.Start (ResizeArray parameters)

                for step in 0..3 do
                    state.Step (tensors parameters [ [| -1.0f |]; [| -1.0f |] ], (OneCycle 1).WarmUp(0).At(step, 4))

                Fixtures.expectNear 1e-6 0.0 "two steps of 0.2" [ float parameters[1].Value.Values[0] ] [ 0.4 ]
                Expect.isGreaterThan parameters[0].Value.Values[0] 1.0f "the other follows the run's"

                expectThrows<InvalidOperationException> [ "Schedule.At" ] (fun () ->
                    state.Step (tensors parameters [ [| -1.0f |]; [| -1.0f |] ])))

            testCase "groups and clipping of a wrapped optimizer are those of the one inside" (fun () ->
                let wrapped = Ema(Sgd (0.1, weightDecay = 1), 0.5).For(second, weightDecay = 0).ClipValue 1

                Expect.equal
                    (string wrapped)
                    "Ema (Sgd (0.1, weightDecay = 1).For (…, weightDecay = 0).ClipValue 1, decay = 0.5)"
                    "text"

                Expect.equal (wrapped.SettingsFor (parameter "second" [||])).WeightDecay 0.0 "settings")
        ]

        testList "what was remembered can be carried over" [
            testCase "a run that is resumed gives the bits of one that was not" (fun () ->
                for optimizer in everyOptimizer do
                    let whole, wholeState = trained optimizer 6
                    let parameters, state = trained optimizer 3
                    let copies = parameters |> List.map _.Copy()
                    let resumed = optimizer.Start (ResizeArray copies)
                    resumed.Import (state.Export ())
                    stepped resumed copies [ 3..5 ]
                    Expect.equal (weights copies) (weights whole) (string optimizer)
                    Expect.equal resumed.Steps wholeState.Steps "steps"
                    let evaluated (state: OptimizerState) = state.Evaluated |> Seq.map _.Value.Values |> List.ofSeq
                    Expect.equal (evaluated resumed) (evaluated wholeState) $"{optimizer}: the evaluated weights")

            testCase "it goes by names, and is a copy" (fun () ->
                let _, state = trained (Adam ()) 1
                let memories = state.Export ()
                Expect.contains memories.Keys "conv.weight.mean" "mean"
                Expect.contains memories.Keys "conv.weight.square" "square"
                Expect.equal memories["conv.bias.step"].Values [| 1.0f |] "step"
                memories["conv.bias.mean"].Values[ 0 ] <- 99.0f
                Expect.isLessThan (state.Export().["conv.bias.mean"].Values[0]) 1.0f "a copy")

            testCase "what does not fit is refused by name, and nothing is changed" (fun () ->
                let _, adam = trained (Adam ()) 2
                let parameters, sgd = trained (Sgd (0.1, momentum = 0.9)) 1
                let before = sgd.Export().["conv.bias.momentum"].Values

                expectThrows<ArgumentException> [ "conv.weight.momentum"; "none" ] (fun () ->
                    sgd.Import (adam.Export ()))

                let more = Collections.Generic.Dictionary (sgd.Export ())
                more["conv.bias.momentum"] <- Tensor.Zeros (Shape.Of [| 3 |])
                expectThrows<ArgumentException> [ "conv.bias.momentum (40)"; "(3)" ] (fun () -> sgd.Import more)
                more["conv.bias.momentum"] <- Tensor.Zeros (Shape.Of [| 40 |])
                more["else"] <- Tensor.Zeros (Shape.Of [| 1 |])
                expectThrows<ArgumentException> [ "else" ] (fun () -> sgd.Import more)
                Expect.equal (sgd.Export().["conv.bias.momentum"].Values) before "as it was"
                Expect.equal parameters.Length 5 "the network")
        ]

        testCase "Lookahead and averages treat running statistics as asked" (fun () ->
            let statistics =
                Parameter ("mean", ParameterRole.Buffer, Tensor.Wrap (Shape.Of [| 1 |], [| 0.0f |]), false)

            let own = parameter "w" [| 0.0f |]

            let after (optimizer: Optimizer) =
                statistics.Value.Values[0] <- 0.0f
                let state = optimizer.Start (ResizeArray [ own; statistics ])
                statistics.Value.Values[0] <- 8.0f
                state.Step (tensors [ own; statistics ] [ [| 0.0f |]; [| 0.0f |] ])
                statistics.Value.Values[0], state.Evaluated[1].Value.Values[0]

            Expect.equal (after (Ema (Sgd 0.1, 0.75))) (8.0f, 2.0f) "averaged"
            Expect.equal (after (Ema (Sgd 0.1, 0.75, buffers = false))) (8.0f, 8.0f) "as they are"
            Expect.equal (after (Lookahead (Sgd 0.1, 1, 0.25))) (8.0f, 8.0f) "left alone"
            Expect.equal (after (Lookahead (Sgd 0.1, 1, 0.25, buffers = true))) (2.0f, 2.0f) "slowed")

        testCase "Lookahead's step follows its schedule" (fun () ->
            let optimizer = Lookahead (Sgd 1, 1, 0.5, schedule = PolynomialDecay ())
            let own = parameter "w" [| 0.0f |]
            let state = optimizer.Start (ResizeArray [ own ])

            for step in 0..1 do
                state.Step (tensors [ own ] [ [| -1.0f |] ], Schedule.Constant.At (step, 2))

            Expect.equal own.Value.Values [| 0.75f |] "half a step, then a quarter")

        testCase "0.9f means 0.9, and a number may be given in any type" (fun () ->
            Expect.equal
                (Adam(1e-3f).LearningRate, Adam(1e-3).LearningRate, Sgd(1).LearningRate)
                (0.001, 0.001, 1.0)
                "learning rates"

            let same = trainedAlone (Adam (0.1f, 0.8f, 0.99f)) [| 1.0f |] [ [| 0.3f |]; [| -0.1f |] ] |> fst

            Expect.equal
                (fst (trainedAlone (Adam (0.1, 0.8, 0.99)) [| 1.0f |] [ [| 0.3f |]; [| -0.1f |] ]))
                same
                "Adam")

        testList "what makes no sense is said, with the mend" [
            let says name parts work =
                testCase name (fun () ->
                    let said = LossTests.sentence work
                    parts |> List.iter (fun (part: string) -> Expect.stringContains said part "the message"))

            says "a negative learning rate" [ "Sgd"; "0 or more"; "-1" ] (fun () -> Sgd -1)
            says "a momentum that is no number" [ "momentum" ] (fun () -> Sgd (0.1, nan))
            says "Nesterov without momentum" [ "momentum = 0.9" ] (fun () -> Sgd (0.1, nesterov = true))
            says "a beta of 1" [ "beta1"; "less than 1" ] (fun () -> Adam (beta1 = 1))
            says "Muon on a vector" [ "two axes"; "w (1)"; "For" ] (fun () -> trainedAlone (Muon ()) [| 1.0f |] [])

            says "two parameters of one name" [ "two parameters are named w" ] (fun () ->
                train (Sgd 0.1) [ parameter "w" [||]; parameter "w" [||] ] [])

            says "a gradient of another length" [ "w (2)"; "3" ] (fun () ->
                let state = (Sgd 0.1).Start(ResizeArray [ parameter "w" [| 1.0f; 2.0f |] ])
                state.Step (GradientOf (fun _ -> ReadOnlySpan [| 1.0f; 2.0f; 3.0f |])))

            says "too few gradients" [ "expected 1 gradients"; "got 0" ] (fun () ->
                (Sgd 0.1).Start(ResizeArray [ parameter "w" [| 1.0f |] ]).Step(ResizeArray<Tensor>()))

            says "a momentum for an optimizer that has none" [ "Adagrad"; "cycleMomentum" ] (fun () ->
                let own = parameter "w" [| 1.0f |]
                (Adagrad ()).Start(ResizeArray [ own ]).Step(tensors [ own ] [ [| 1.0f |] ], (cycle true).At(0, 9)))

            says "a wrapper for some parameters only" [ "all parameters" ] (fun () ->
                (Sgd 0.1).For(second, Ema (Sgd 0.1)))
        ]

        testCase "an optimizer prints as it is typed" (fun () ->
            let typed: (Optimizer * string) list = [
                Sgd (0.05f, momentum = 0.9f, nesterov = true), "Sgd (0.05, momentum = 0.9, nesterov = true)"
                AdamW (), "AdamW (0.001)"
                Adam (1e-3f, weightDecay = 1e-5), "Adam (0.001, weightDecay = 1e-05)"
                Sgd(0.1).For(second, rateFactor = 2, name = "biases").ClipNorm 1,
                "Sgd (0.1).For (biases, rateFactor = 2).ClipNorm 1"
                Lookahead (Lion (), alpha = 0.8), "Lookahead (Lion (0.0001), alpha = 0.8)"
                Muon (0.24, 0.6, scale = MuonScale.None), "Muon (0.24, momentum = 0.6, scale = MuonScale.None)"
            ]

            for optimizer, text in typed do
                Expect.equal (string optimizer) text "text")
    ]
