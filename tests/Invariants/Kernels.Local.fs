namespace Fovea.Invariants

open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Convolution without shared weights.
module internal LocalKernels =

    open KernelParts

    let private localOutputs (s: ConvShape) = Shape.Of [| s.K; s.P; s.Q |]
    let private localWeights (s: ConvShape) = Shape.Of [| s.K; s.P; s.Q; s.C; s.R; s.S |]

    let private localForwardTwin (s: ConvShape) (operands: float[] list) =
        let y = Array.zeroCreate<float> s.Output.Count
        let b: float[] = biased operands
        Reference.LocalForward<float>(&s, operands[0], operands[1], b, y)
        y

    let private localInputTwin (s: ConvShape) (operands: float[] list) =
        let dx = Array.zeroCreate<float> s.Input.Count
        Reference.LocalBackwardInput<float>(&s, operands[0], operands[1], dx)
        dx

    // The gradients of the weights, and then those of the biases.
    let private localWeightsTwin bias (s: ConvShape) (operands: float[] list) =
        let weights, outputs = (localWeights s).Count, (localOutputs s).Count
        let dw, db = Array.zeroCreate<float> weights, Array.zeroCreate<float> outputs
        Reference.LocalBackwardWeights<float>(&s, operands[0], operands[1], dw)
        Reference.LocalBiasGradient<float>(&s, operands[1], db)
        if bias then Array.append dw db else dw

    // What runs a pass: over blocks, images like its inputs and like its outputs, and scratch.
    type private LocalRun =
        Guarded -> ImageBatch -> ImageBatch -> nativeptr<float32> -> Workers -> ConvShape -> float32[] list -> float32[]

    let private local
        (entry: LocalConvolution)
        pass
        operands
        batches
        (twin: ConvShape -> float[] list -> float[])
        length
        (run: LocalRun)
        = {
        Name = $"locally connected {pass} \"{entry.Name}\""
        IsExact = true
        IsWhole = true
        // The weights of an empty batch cost no work, but memory.
        Accepts = fun (s: ConvShape) -> s.Groups = 1 && (s.WithBatch 1).Macs <= 400_000L && entry.Accepts &s
        Images = fun (s: ConvShape) -> s.N
        WithImages = fun n s -> s.WithBatch n
        Operands = operands
        Batches = batches
        GivesImages = batches = 1
        Run =
            fun (conditions: Conditions) (s: ConvShape) operands ->
                use blocks = new Guarded (conditions)
                let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)
                let batches = [ batch s.N s.C (pixelsIn s) Layout.Plain; batch s.N s.K (pixelsOut s) Layout.Plain ]
                run blocks batches[0] batches[1] scratch.Pointer conditions.Workers s operands
        Twin = twin
        Magnitude = fun s operands -> twin s (absolute operands)
        Length = length
    }

    let private locals (entry: LocalConvolution) = [
        for bias in [ false; true ] do
            let also = if bias then " with bias" else ""

            local
                entry
                $"forward{also}"
                (fun s -> [
                    s.Input
                    localWeights s
                    if bias then
                        localOutputs s
                ])
                1
                localForwardTwin
                (fun s -> s.C * s.R * s.S + 1)
                (fun blocks input output scratch workers s operands ->
                    let x, w = blocks.Of ("x", operands[0], input), blocks.Of ("w", operands[1])
                    let b = if bias then blocks.Of("b", biased operands).Pointer else Guarded.Nothing ()
                    let y = blocks.Take ("y", output.Floats)
                    entry.Forward (&s, x.Pointer, w.Pointer, b, y.Pointer, scratch, workers)
                    blocks.RequireGuards ()
                    blocks.Plain (y, output))

            local
                entry
                $"backward weights{also}"
                (fun (s: ConvShape) -> [ s.Input; s.Output ])
                2
                (localWeightsTwin bias)
                _.N
                (fun blocks input output scratch workers s operands ->
                    let x, dy = blocks.Of ("x", operands[0], input), blocks.Of ("dy", operands[1], output)
                    let dw = blocks.Take ("dw", int64 (localWeights s).Count)
                    let db = blocks.Take ("db", int64 (localOutputs s).Count)
                    let wanted = if bias then db.Pointer else Guarded.Nothing ()
                    entry.BackwardWeights (&s, x.Pointer, dy.Pointer, dw.Pointer, wanted, scratch, workers)
                    blocks.RequireGuards ()
                    Array.append (dw.Span.ToArray ()) (if bias then db.Span.ToArray () else [||]))

        local
            entry
            "backward input"
            (fun s -> [ s.Output; localWeights s ])
            1
            localInputTwin
            (fun s -> s.K * s.R * s.S)
            (fun blocks input output scratch workers s operands ->
                let dy, w = blocks.Of ("dy", operands[0], output), blocks.Of ("w", operands[1])
                let dx = blocks.Take ("dx", input.Floats)
                entry.BackwardInput (&s, dy.Pointer, w.Pointer, dx.Pointer, scratch, workers)
                blocks.RequireGuards ()
                blocks.Plain (dx, input))
    ]

    /// Every entry of the table of convolutions without shared weights, forward and backward, with biases and without.
    let localConvolutions: Kernel<ConvShape> list = LocalTable.All |> Seq.collect locals |> List.ofSeq
