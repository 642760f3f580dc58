namespace Fovea.Invariants

open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Convolution.
module internal ConvolutionKernels =

    open KernelParts

    let private convForwardTwin (s: ConvShape) (operands: float[] list) =
        let y = Array.zeroCreate<float> s.Output.Count
        let b: float[] = biased operands
        Reference.ConvolutionForward<float>(&s, operands[0], operands[1], b, y)
        y

    // The layouts that an entry takes: its own, or both.
    let private taken any (own: ConvShape -> Layout) =
        if any then
            [ "plain", (fun _ -> Layout.Plain); "blocked", (fun _ -> Layout.Blocked) ]
        else
            [ "its own", own ]

    let private convForward (entry: ConvolutionForward) suffix (reads: ConvShape -> Layout) writes bias hasRelu =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let input = batch s.N s.C (pixelsIn s) (reads s)
            let output = batch s.N s.K (pixelsOut s) (writes s)
            let x = blocks.Of ("x", operands[0], input)
            let w = blocks.Of ("w", operands[1])
            let packed = blocks.Take ("the packed weights", entry.PackedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
            let y = blocks.Take ("y", output.Floats)

            let epilogue =
                if bias then
                    Epilogue (blocks.Of("b", biased operands).Pointer, hasRelu)
                else
                    Epilogue (Guarded.Nothing (), hasRelu)

            // Packed for one batch, run for another: sessions do so.
            let largest = s.WithBatch (s.N + 3)
            entry.Pack (&largest, w.Pointer, packed.Pointer, conditions.Workers)

            entry.Run (
                &s,
                x.Pointer,
                input.Layout,
                packed.Pointer,
                epilogue,
                y.Pointer,
                output.Layout,
                scratch.Pointer,
                conditions.Workers
            )

            blocks.RequireGuards ()
            blocks.Plain (y, output)

        {
            Name = $"conv forward \"{entry.Name}\"{suffix}"
            IsExact = entry.IsExact
            IsWhole = entry.IsExact
            Accepts = fun s -> entry.Accepts &s
            Images = _.N
            WithImages = fun n s -> s.WithBatch n
            Operands =
                fun s -> [
                    s.Input
                    s.Weights
                    if bias then
                        Shape.Of [| s.K |]
                ]
            Batches = 1
            GivesImages = true
            Run = run
            Twin = fun s operands -> convForwardTwin s operands |> if hasRelu then relu else id
            Magnitude = fun s operands -> convForwardTwin s (absolute operands)
            Length = fun s -> s.GroupC * s.R * s.S + 1
        }

    let private ownForward (entry: ConvolutionForward) suffix =
        convForward entry suffix (fun s -> entry.InputLayout &s) (fun s -> entry.OutputLayout &s)

    let private convForwardsInLayouts (entry: ConvolutionForward) = [
        if entry.ReadsAnyLayout || entry.WritesAnyLayout then
            for input, reads in taken entry.ReadsAnyLayout (fun s -> entry.InputLayout &s) do
                for output, writes in taken entry.WritesAnyLayout (fun s -> entry.OutputLayout &s) do
                    convForward entry $" with bias and ReLU, from {input} to {output} layout" reads writes true true
    ]

    let private convForwards (entry: ConvolutionForward) = [
        yield ownForward entry "" false false
        yield ownForward entry " with bias and ReLU" true true
        yield! convForwardsInLayouts entry
    ]

    let private convBackwardInput (entry: ConvolutionBackwardInput) suffix (reads: ConvShape -> Layout) writes =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let gradient = batch s.N s.K (pixelsOut s) (reads s)
            let input = batch s.N s.C (pixelsIn s) (writes s)
            let dy = blocks.Of ("dy", operands[0], gradient)
            let w = blocks.Of ("w", operands[1])
            let packed = blocks.Take ("the packed weights", entry.PackedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
            let dx = blocks.Take ("dx", input.Floats)
            let largest = s.WithBatch (s.N + 3)
            entry.Pack (&largest, w.Pointer, packed.Pointer, conditions.Workers)

            entry.Run (
                &s,
                dy.Pointer,
                gradient.Layout,
                packed.Pointer,
                dx.Pointer,
                input.Layout,
                scratch.Pointer,
                conditions.Workers
            )

            blocks.RequireGuards ()
            blocks.Plain (dx, input)

        let twin (s: ConvShape) (operands: float[] list) =
            let dx = Array.zeroCreate<float> s.Input.Count
            Reference.ConvolutionBackwardInput<float>(&s, operands[0], operands[1], dx)
            dx

        {
            Name = $"conv backward input \"{entry.Name}\"{suffix}"
            IsExact = entry.IsExact
            IsWhole = entry.IsExact
            Accepts = fun s -> entry.Accepts &s
            Images = _.N
            WithImages = fun n s -> s.WithBatch n
            Operands = fun s -> [ s.Output; s.Weights ]
            Batches = 1
            GivesImages = true
            Run = run
            Twin = twin
            Magnitude = fun s operands -> twin s (absolute operands)
            Length = fun s -> s.GroupK * s.R * s.S
        }

    let private ownBackwardInput (entry: ConvolutionBackwardInput) =
        convBackwardInput entry "" (fun s -> entry.GradientLayout &s) (fun s -> entry.InputLayout &s)

    let private convBackwardInputsInLayouts (entry: ConvolutionBackwardInput) = [
        if entry.TakesAnyLayout then
            for gradient, reads in taken true (fun s -> entry.GradientLayout &s) do
                for input, writes in taken true (fun s -> entry.InputLayout &s) do
                    convBackwardInput entry $" with gradients from {gradient} to {input} layout" reads writes
    ]

    let private convBackwardWeights (entry: ConvolutionBackwardWeights) suffix (reads: ConvShape -> Layout) gradients =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let input = batch s.N s.C (pixelsIn s) (reads s)
            let gradient = batch s.N s.K (pixelsOut s) (gradients s)
            let x = blocks.Of ("x", operands[0], input)
            let dy = blocks.Of ("dy", operands[1], gradient)
            let shared = blocks.Take ("the shared scratch", entry.SharedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
            let dw = blocks.Take ("dw", s.WeightCount)

            entry.Run (
                &s,
                x.Pointer,
                input.Layout,
                dy.Pointer,
                gradient.Layout,
                dw.Pointer,
                shared.Pointer,
                scratch.Pointer,
                conditions.Workers
            )

            blocks.RequireGuards ()
            dw.Span.ToArray ()

        let twin (s: ConvShape) (operands: float[] list) =
            let dw = Array.zeroCreate<float>(int s.WeightCount)
            Reference.ConvolutionBackwardWeights<float>(&s, operands[0], operands[1], dw)
            dw

        {
            Name = $"conv backward weights \"{entry.Name}\"{suffix}"
            IsExact = entry.IsExact
            IsWhole = entry.IsExact
            Accepts = fun s -> entry.Accepts &s
            Images = _.N
            WithImages = fun n s -> s.WithBatch n
            Operands = fun s -> [ s.Input; s.Output ]
            Batches = 2
            GivesImages = false
            Run = run
            Twin = twin
            Magnitude = fun s operands -> twin s (absolute operands)
            Length = fun s -> s.N * s.P * s.Q
        }

    let private convBackwardsWeights (entry: ConvolutionBackwardWeights) = [
        for x, reads in taken entry.ReadsAnyLayout (fun s -> entry.InputLayout &s) do
            for dy, gradients in taken entry.ReadsAnyGradient (fun s -> entry.GradientLayout &s) do
                if entry.ReadsAnyLayout || entry.ReadsAnyGradient then
                    convBackwardWeights entry $" on {x} images, {dy} gradients" reads gradients
                else
                    convBackwardWeights entry "" reads gradients
    ]

    /// Every entry of the convolution tables, in every layout that it reads or writes.
    let convolutions: Kernel<ConvShape> list = [
        for entry in ConvolutionTables.Forward do
            yield! convForwards entry
        for entry in ConvolutionTables.BackwardInput do
            yield ownBackwardInput entry
            yield! convBackwardInputsInLayouts entry
        for entry in ConvolutionTables.BackwardWeights do
            yield! convBackwardsWeights entry
    ]

    /// The entries that give the same bits in any layout: in their own, and in all.
    let ofAnyLayout: (Kernel<ConvShape> * Kernel<ConvShape> list) list = [
        for entry in ConvolutionTables.Forward do
            yield ownForward entry " with bias and ReLU" true true, convForwardsInLayouts entry
        for entry in ConvolutionTables.BackwardInput do
            yield ownBackwardInput entry, convBackwardInputsInLayouts entry
    ]
