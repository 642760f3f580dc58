namespace Fovea.Invariants

open System
open System.Collections.Generic
open Fovea
open Fovea.Core.Plans
open Fovea.Core.Randomness
open Fovea.Core.Tensors
open Fovea.Core.Training

/// A network to be checked: a pipeline with values for its parameters.
[<RequireQualifiedAccess>]
type Network = {
    /// What it was built from.
    Pipeline: Pipeline
    /// Its operations.
    Graph: Graph
    /// The values of its parameters, in the graph's order.
    Values: Tensor list
    /// Whether batch statistics and dropout are on.
    Mode: RunMode
    /// The draws that inputs and labels come from.
    Seed: int
}

/// How values that can be checked become networks: pipelines with parameters in general position (no bias is zero), models
/// with their own.
type NetworkOf =
    | NetworkOf

    static member ($) (NetworkOf, pipeline: Pipeline) : Network =
        let graph = Pipeline.graph pipeline
        let key = RandomKey.Of(0).Child "network"

        let value (p: GraphParameter) =
            let initial = p.Spec.Create(p.Name, key.Child p.Name, p.Trains).Value
            initial.Map2 (Tensor.Normal (initial.Shape, key.Child(p.Name).Child "shaken"), fun a b -> a + 0.1f * b)

        {
            Pipeline = pipeline
            Graph = graph
            Values = graph.Parameters |> Seq.map value |> List.ofSeq
            Mode = RunMode.Evaluation
            Seed = 0
        }

    static member ($) (NetworkOf, model: Model) : Network = {
        Pipeline = model.Pipeline
        Graph = Pipeline.graph model.Pipeline
        Values = Model.parameters model |> List.map _.Value
        Mode = RunMode.Evaluation
        Seed = 0
    }

    static member ($) (NetworkOf, network: Network) : Network = network

/// Running networks, in double precision and in float32.
module internal Runs =

    /// Images for a network.
    let images (network: Network) count = (Numbers.normal (network.Graph.Input.Prepend count) (network.Seed + 1)).Values

    let wide (network: Network) = network.Values |> List.map (fun value -> Numbers.wide value.Values) |> Array.ofList

    /// Whether a node is a user's own, which computes in float32 everywhere.
    let isCustom (network: Network) = network.Graph.Vertices |> Seq.exists (fun vertex -> vertex.Node :? CustomNode)

    /// A loss on the outputs as logits, or on the outputs' values where there is one class, and its targets.
    let loss (network: Network) count : Loss * Targets =
        let shape = network.Graph.OutputShape.Prepend count
        let random = CounterRandom (RandomKey.Of(network.Seed).Child "labels")

        if shape[1] > 1 then
            CrossEntropy (), Targets.op_Implicit (Array.init (shape.Count / shape[1]) (fun _ -> random.Next shape[1]))
        else
            MeanSquaredError (), Targets.op_Implicit (Numbers.normal shape (network.Seed + 2))

    /// The loss of a batch, and its gradient with respect to the outputs.
    let lossOf (network: Network) count (outputs: float[]) (gradient: float[]) =
        let loss, targets = loss network count
        loss.Value (ReadOnlySpan outputs, network.Graph.OutputShape.Prepend count, targets, Span gradient)

    let witness (network: Network) (values: float[][]) (input: float[]) count =
        Witness<float>(network.Graph, values, input, count, network.Mode)

    /// Outputs, and gradients with respect to input and parameters, of a session.
    let session
        (network: Network)
        (options: PlanOptions)
        (workers: Fovea.Core.Dispatch.Workers)
        count
        (input: float32[])
        (outputGradient: float32[])
        =
        let plan = Plan.Create (network.Graph, options, workers.Count)
        // Training moves the buffers.
        use session = new Session (plan, [| for value in network.Values -> value.Copy () |], workers)
        input.AsSpan().CopyTo(session.Input count)
        session.Forward count
        let output = session.Output.ToArray ()

        if options.HasBackward then
            outputGradient.AsSpan().CopyTo session.OutputGradient
            session.Backward ()

        let gradients = [
            if options.HasBackward then
                for p in 0 .. network.Graph.Parameters.Count - 1 do
                    session.Gradient(p).ToArray()
        ]

        output, (if options.InputGradient then session.InputGradient.ToArray () else [||]), gradients
