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

    let private convForward (entry: ConvolutionForward) (layout: ConvShape -> Layout) suffix bias hasRelu =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let layout = layout s
            let output = batch s.N s.K (pixelsOut s) (entry.OutputLayout &s)
            let x = blocks.Of ("x", operands[0], batch s.N s.C (pixelsIn s) layout)
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
            entry.Run (&s, x.Pointer, layout, packed.Pointer, epilogue, y.Pointer, scratch.Pointer, conditions.Workers)
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

    let private convForwards (entry: ConvolutionForward) = [
        let own (s: ConvShape) = entry.InputLayout &s
        yield convForward entry own "" false false
        yield convForward entry own " with bias and ReLU" true true

        if entry.ReadsAnyLayout then
            yield convForward entry (fun _ -> Layout.Plain) " on plain images with bias" true false
            yield convForward entry (fun _ -> Layout.Blocked) " on blocked images with bias" true false
    ]

    let private convBackwardInput (entry: ConvolutionBackwardInput) =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let input = batch s.N s.C (pixelsIn s) (entry.InputLayout &s)
            let dy = blocks.Of ("dy", operands[0], batch s.N s.K (pixelsOut s) (entry.GradientLayout &s))
            let w = blocks.Of ("w", operands[1])
            let packed = blocks.Take ("the packed weights", entry.PackedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
            let dx = blocks.Take ("dx", input.Floats)
            let largest = s.WithBatch (s.N + 3)
            entry.Pack (&largest, w.Pointer, packed.Pointer, conditions.Workers)
            entry.Run (&s, dy.Pointer, packed.Pointer, dx.Pointer, scratch.Pointer, conditions.Workers)
            blocks.RequireGuards ()
            blocks.Plain (dx, input)

        let twin (s: ConvShape) (operands: float[] list) =
            let dx = Array.zeroCreate<float> s.Input.Count
            Reference.ConvolutionBackwardInput<float>(&s, operands[0], operands[1], dx)
            dx

        {
            Name = $"conv backward input \"{entry.Name}\""
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

    let private convBackwardWeights (entry: ConvolutionBackwardWeights) (layout: ConvShape -> Layout) suffix =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let layout = layout s
            let x = blocks.Of ("x", operands[0], batch s.N s.C (pixelsIn s) layout)
            let dy = blocks.Of ("dy", operands[1], batch s.N s.K (pixelsOut s) (entry.GradientLayout &s))
            let shared = blocks.Take ("the shared scratch", entry.SharedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
            let dw = blocks.Take ("dw", s.WeightCount)

            entry.Run (
                &s,
                x.Pointer,
                layout,
                dy.Pointer,
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
        if entry.ReadsAnyLayout then
            yield convBackwardWeights entry (fun _ -> Layout.Plain) " on plain images"
            yield convBackwardWeights entry (fun _ -> Layout.Blocked) " on blocked images"
        else
            yield convBackwardWeights entry (fun s -> entry.InputLayout &s) ""
    ]

    /// Every entry of the convolution tables, in every layout that it reads.
    let convolutions: Kernel<ConvShape> list = [
        for entry in ConvolutionTables.Forward do
            yield! convForwards entry
        for entry in ConvolutionTables.BackwardInput do
            yield convBackwardInput entry
        for entry in ConvolutionTables.BackwardWeights do
            yield! convBackwardsWeights entry
    ]
