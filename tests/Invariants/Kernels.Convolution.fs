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

    let private convForward
        (entry: ConvolutionForward)
        (layout: ConvShape -> Layout)
        (outputLayout: ConvShape -> Layout)
        suffix
        bias
        hasRelu
        =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let layout = layout s
            let outputLayout = outputLayout s
            let output = batch s.N s.K (pixelsOut s) outputLayout
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

            entry.Run (
                &s,
                x.Pointer,
                layout,
                packed.Pointer,
                epilogue,
                y.Pointer,
                outputLayout,
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

    let private plain (_: ConvShape) = Layout.Plain
    let private blocked (_: ConvShape) = Layout.Blocked

    let private convForwards (entry: ConvolutionForward) = [
        let own (s: ConvShape) = entry.InputLayout &s
        let ownOutput (s: ConvShape) = entry.OutputLayout &s
        yield convForward entry own ownOutput "" false false
        yield convForward entry own ownOutput " with bias and ReLU" true true

        if entry.ReadsAnyLayout then
            yield convForward entry plain ownOutput " on plain images with bias" true false
            yield convForward entry blocked ownOutput " on blocked images with bias" true false

        if entry.WritesAnyLayout then
            yield convForward entry own plain " giving plain images, with bias" true false

        if entry.ReadsAnyLayout && entry.WritesAnyLayout then
            yield convForward entry plain plain " from plain images to plain ones, with bias" true false
            yield convForward entry plain plain " from plain images to plain ones, with bias and ReLU" true true
    ]

    let private convBackwardInput
        (entry: ConvolutionBackwardInput)
        (gradientLayout: ConvShape -> Layout)
        (inputLayout: ConvShape -> Layout)
        suffix
        =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let gradientLayout, inputLayout = gradientLayout s, inputLayout s
            let input = batch s.N s.C (pixelsIn s) inputLayout
            let dy = blocks.Of ("dy", operands[0], batch s.N s.K (pixelsOut s) gradientLayout)
            let w = blocks.Of ("w", operands[1])
            let packed = blocks.Take ("the packed weights", entry.PackedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
            let dx = blocks.Take ("dx", input.Floats)
            let largest = s.WithBatch (s.N + 3)
            entry.Pack (&largest, w.Pointer, packed.Pointer, conditions.Workers)

            entry.Run (
                &s,
                dy.Pointer,
                gradientLayout,
                packed.Pointer,
                dx.Pointer,
                inputLayout,
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

    let private convBackwardsInput (entry: ConvolutionBackwardInput) = [
        let own (s: ConvShape) = entry.GradientLayout &s
        let ownInput (s: ConvShape) = entry.InputLayout &s
        yield convBackwardInput entry own ownInput ""

        if entry.TakesAnyLayout then
            yield convBackwardInput entry plain ownInput " from plain images"
            yield convBackwardInput entry plain plain " from plain images to plain ones"
    ]

    let private convBackwardWeights
        (entry: ConvolutionBackwardWeights)
        (layout: ConvShape -> Layout)
        (gradientLayout: ConvShape -> Layout)
        suffix
        =
        let run (conditions: Conditions) (s: ConvShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let layout = layout s
            let x = blocks.Of ("x", operands[0], batch s.N s.C (pixelsIn s) layout)
            let gradientLayout = gradientLayout s
            let dy = blocks.Of ("dy", operands[1], batch s.N s.K (pixelsOut s) gradientLayout)
            let shared = blocks.Take ("the shared scratch", entry.SharedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
            let dw = blocks.Take ("dw", s.WeightCount)

            entry.Run (
                &s,
                x.Pointer,
                layout,
                dy.Pointer,
                gradientLayout,
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
        let own (s: ConvShape) = entry.InputLayout &s
        let gradient (s: ConvShape) = entry.GradientLayout &s

        if entry.ReadsAnyLayout then
            yield convBackwardWeights entry plain gradient " on plain images"
            yield convBackwardWeights entry blocked gradient " on blocked images"
        else
            yield convBackwardWeights entry own gradient ""

        if entry.ReadsAnyGradient then
            yield convBackwardWeights entry plain plain " on plain images and gradients"
    ]

    /// Every entry of the convolution tables, in the layouts that it takes.
    let convolutions: Kernel<ConvShape> list = [
        for entry in ConvolutionTables.Forward do
            yield! convForwards entry
        for entry in ConvolutionTables.BackwardInput do
            yield! convBackwardsInput entry
        for entry in ConvolutionTables.BackwardWeights do
            yield! convBackwardsWeights entry
    ]

    /// The entries that take several layouts, each in all of them: bits do not depend on the layout.
    let layouts: Kernel<ConvShape> list list = [
        for entry in ConvolutionTables.Forward do
            if entry.ReadsAnyLayout && entry.WritesAnyLayout then
                [
                    for input in [ plain; blocked ] do
                        for output in [ plain; blocked ] do
                            convForward entry input output " in every layout" true false
                ]
        for entry in ConvolutionTables.BackwardInput do
            if entry.TakesAnyLayout then
                [
                    for gradient in [ plain; blocked ] do
                        for input in [ plain; blocked ] do
                            convBackwardInput entry gradient input " in every layout"
                ]
    ]
