/// Ten steps of a small network against PyTorch's, and, for the optimizers that PyTorch 1.13 lacks, against their papers'
/// formulas over the gradients of the double-precision witness.
module Fovea.Tests.TrajectoryTests

open System
open System.Collections.Generic
open Expecto
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Core.Training
open Fovea.Tests.Fixtures

let private fixture = lazy (read "training/training.json")

let private network =
    input (3, 6, 5)
    |> conv (4, 3, pad = 1, bias = false)
    |> batchNorm
    |> relu
    |> maxPool 2
    |> conv (6, (1, 2), groups = 2)
    |> preluWith (perChannel = true)
    |> groupNorm 3
    |> flatten
    |> dense 5

let private graph = Pipeline.graph network
let private isBuffer (p: GraphParameter) = p.Spec.Role = ParameterRole.Buffer

// PyTorch's parameters come in the graph's order, and its buffers are as every batch norm's are at first.
let private parameters () =
    let starts = Queue (fixture.Value |> field "networkStarts" |> list |> List.map tensor)

    [
        for p in graph.Parameters do
            let value =
                if isBuffer p then p.Spec.Create(p.Name, Unchecked.defaultof<_>, false).Value else starts.Dequeue ()

            Expect.equal value.Shape p.Spec.Shape p.Name
            Parameter (p.Name, p.Spec.Role, value, p.Trains)
    ]

let private batches () = [
    for batch in fixture.Value |> field "networkBatches" |> list ->
        tensor (field "images" batch), integers (field "labels" batch)
]

let private loss = CrossEntropy ()
let private outputs count = graph.OutputShape.Prepend count

/// Losses and last parameters in float32, as networks are trained, with exact algorithms.
let private trained (optimizer: Optimizer) (schedule: Schedule) =
    let parameters, batches = parameters (), batches ()
    let count = (fst batches.Head).Shape[0]
    let plan = Plan.Create (graph, PlanOptions.Training (count, true), Workers.Shared.Count)
    use session = new Session (plan, [| for p in parameters -> p.Value |], Workers.Shared)
    let state = optimizer.Start (ResizeArray parameters)

    let losses = [
        for step, (images, labels) in List.indexed batches do
            images.Values.AsSpan().CopyTo(session.Input count)
            session.Forward count
            loss.Value (session.Output, outputs count, Targets.op_Implicit labels, session.OutputGradient)
            session.Backward ()
            state.Step (GradientOf (fun p -> session.Gradient p), schedule.At (step, batches.Length))
    ]

    losses, parameters |> List.map (fun p -> p.Value.Values |> Array.map float)

// ---- PyTorch's ----

let private isVector (p: Parameter) = p.Shape.Rank = 1

let private optimizers: (string * Optimizer * Schedule) list =
    let own name optimizer = name, optimizer, Schedule.Constant

    [
        own "Sgd" (Sgd 0.1)
        own "Sgd momentum" (Sgd (0.05, momentum = 0.9, dampening = 0.2, weightDecay = 0.01))
        own "Sgd nesterov" (Sgd (0.05, momentum = 0.9, nesterov = true, weightDecay = 5e-4))
        "Sgd one-cycle", Sgd (0.3, momentum = 0.9), OneCycle (0.3, cycleMomentum = true)
        own "Sgd clip norm" (Sgd(0.1, momentum = 0.9).ClipNorm 0.5)
        own "Sgd clip value" (Sgd(0.1).ClipValue 0.02)
        own "Sgd groups" (Sgd(0.05, momentum = 0.9, weightDecay = 0.01).For(isVector, rateFactor = 2, weightDecay = 0))
        own "Adam" (Adam 1e-2)
        own "Adam settings" (Adam (3e-2, 0.8, 0.95, 1e-3, 0.1))
        own "Adam amsgrad" (Adam (1e-2, beta2 = 0.5, amsgrad = true))
        own "AdamW" (AdamW (1e-2, weightDecay = 0.1))
        own "RmsProp" (RmsProp 3e-3)
        own "RmsProp centered" (RmsProp (3e-3, 0.9, momentum = 0.7, centered = true))
        own "Adagrad" (Adagrad (3e-2, 0.1))
    ]

let private expectSame (losses: float list, values: float[] list) (expectedLosses: float seq) (expected: float[] list) =
    expectNear 1e-4 0.0 "the losses" losses expectedLosses

    for p, actual, expected in List.zip3 (List.ofSeq graph.Parameters) values expected do
        let largest = expected |> Array.map abs |> Array.max
        expectNear 1e-4 largest p.Name actual expected

// ---- The papers' ----

/// One parameter's rule in double precision: its step from 1, its value, which it changes, and its gradient.
type private Rule = int -> float[] -> float[] -> unit

let private lion rate beta1 beta2 decay : Rule =
    let mutable momentum = [||]

    fun step w g ->
        if step = 1 then
            momentum <- Array.zeroCreate w.Length

        for i in 0 .. w.Length - 1 do
            let update = float (sign (beta1 * momentum[i] + (1.0 - beta1) * g[i]))
            w[i] <- w[i] - rate * (update + decay * w[i])
            momentum[i] <- beta2 * momentum[i] + (1.0 - beta2) * g[i]

let private sgd rate momentum : Rule =
    let mutable velocity = [||]

    fun step w g ->
        velocity <- if step = 1 then Array.copy g else Array.map2 (fun v g -> momentum * v + g) velocity g

        for i in 0 .. w.Length - 1 do
            w[i] <- w[i] - rate * velocity[i]

let private muon rows rate mu decay : Rule =
    let mutable momentum = [||]

    fun step w g ->
        if step = 1 then
            momentum <- Array.zeroCreate w.Length

        let columns = w.Length / rows
        momentum <- Array.map2 (fun m g -> mu * m + (1.0 - mu) * g) momentum g
        let lerped = Array.map2 (fun m g -> (1.0 - mu) * g + mu * m) momentum g
        let matrix = Array2D.init rows columns (fun i j -> lerped[i * columns + j])
        let update = OptimizerTests.orthogonal 5 matrix
        let factor = sqrt (max 1.0 (float rows / float columns))

        for i in 0 .. w.Length - 1 do
            w[i] <- (1.0 - rate * decay) * w[i] - rate * factor * update[i / columns, i % columns]

let private lookahead every alpha (inner: Rule) : Rule =
    let mutable slow = [||]

    fun step w g ->
        if step = 1 then
            slow <- Array.copy w

        inner step w g

        if step % every = 0 then
            for i in 0 .. w.Length - 1 do
                slow[i] <- slow[i] + alpha * (w[i] - slow[i])
                w[i] <- slow[i]

let private followed (rule: GraphParameter -> Rule) =
    let values = parameters () |> List.map (fun p -> Array.map float p.Value.Values) |> Array.ofList
    let rules = [ for p in graph.Parameters -> rule p ]

    let losses = [
        for step, (images, labels) in List.indexed (batches ()) do
            let count = images.Shape[0]
            let witness = Witness<float>(graph, values, Array.map float images.Values, count, RunMode.Training)
            let gradient = Array.zeroCreate<float> witness.Output.Length
            loss.Value (ReadOnlySpan witness.Output, outputs count, Targets.op_Implicit labels, gradient.AsSpan ())
            witness.Backward (ReadOnlySpan gradient)

            for i, p in Seq.indexed graph.Parameters do
                if isBuffer p then
                    values[i] <- witness.Parameters[i]
                else
                    rules[i] (step + 1) values[i] witness.Gradients[i]
    ]

    losses, List.ofArray values

let private papers: (string * Optimizer * (GraphParameter -> Rule)) list = [
    "Lion", Lion (0.01, 0.9, 0.95, 0.1), (fun _ -> lion 0.01 0.9 0.95 0.1)
    "Muon, with Sgd for vectors",
    Muon(0.02, 0.9, 0.05).For(isVector, Sgd (0.05, momentum = 0.8)),
    (fun p -> if p.Spec.Shape.Rank = 1 then sgd 0.05 0.8 else muon p.Spec.Shape[0] 0.02 0.9 0.05)
    "Lookahead", Lookahead (Sgd (0.1, momentum = 0.9), 3, 0.4), (fun _ -> lookahead 3 0.4 (sgd 0.1 0.9))
    "Sgd, as a check of the rules themselves", Sgd (0.1, momentum = 0.9), (fun _ -> sgd 0.1 0.9)
]

let tests =
    testList "Ten steps of a network" [
        testList "are PyTorch's" [
            testCase "every case of the fixture is tested" (fun () ->
                let names = fixture.Value |> field "trajectories" |> list |> List.map (field "name" >> text)
                Expect.equal (optimizers |> List.map (fun (name, _, _) -> name)) names "the names")

            for name, optimizer, schedule in optimizers do
                testCase name (fun () ->
                    let it =
                        fixture.Value
                        |> field "trajectories"
                        |> list
                        |> List.find (fun it -> text (field "name" it) = name)

                    expectSame
                        (trained optimizer schedule)
                        (numbers (field "losses" it))
                        (it |> field "weights" |> list |> List.map numbers))
        ]

        testList "are their papers'" [
            for name, optimizer, rule in papers do
                testCase name (fun () ->
                    let losses, values = followed rule
                    expectSame (trained optimizer Schedule.Constant) losses values)
        ]
    ]
