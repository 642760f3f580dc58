namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// A kernel as the checks see it: an entry of one of the dispatch tables with its naive twin.
type Kernel<'sizes> = internal {
    /// What it is called in sentences: `conv forward "direct" on blocked images`.
    Name: string
    /// Whether it multiplies what the definition multiplies; a transform's rounding error is of another kind.
    IsExact: bool
    /// Whether whole numbers give whole numbers, which no order of summation rounds.
    IsWhole: bool
    /// Whether it runs these sizes.
    Accepts: 'sizes -> bool
    /// The number of images.
    Images: 'sizes -> int
    /// The same sizes for another number of images.
    WithImages: int -> 'sizes -> 'sizes
    /// The shapes of what it reads, batches of images first.
    Operands: 'sizes -> Shape list
    /// How many of them are batches of images; the others are weights.
    Batches: int
    /// Whether the result is a batch of images, each of which has the bits that it has alone.
    GivesImages: bool
    /// Runs it over poisoned, guarded memory. Raises where something was written outside.
    Run: Conditions -> 'sizes -> float32[] list -> float32[]
    /// The naive twin in double precision.
    Twin: 'sizes -> float[] list -> float[]
    /// The twin's sums of absolute values, which rounding errors are proportional to.
    Magnitude: 'sizes -> float[] list -> float[]
    /// How many products are added up for one element of the result; 0 where it is a copy.
    Length: 'sizes -> int
} with

    override this.ToString () = this.Name

/// The kernels of the dispatch tables: one that is listed there is listed here.
module Kernels =

    let private batch n c pixels layout = ImageBatch (n, c, pixels, layout)

    let private absolute (operands: float[] list) = operands |> List.map (Array.map abs)

    let private relu (values: float[]) = values |> Array.map (fun v -> if v < 0.0 then 0.0 else v)

    let private biased (operands: 'a[] list) = List.tryItem 2 operands |> Option.defaultValue [||]

    // ---- Convolution ----

    let private pixelsIn (s: ConvShape) = s.H * s.W
    let private pixelsOut (s: ConvShape) = s.P * s.Q

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

    // ---- Convolutions without shared weights ----

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

    // ---- Pooling ----

    let private poolIn (s: PoolShape) = batch s.N s.C (s.H * s.W)
    let private poolOut (s: PoolShape) = batch s.N s.C (s.P * s.Q)

    let private maxTwin (s: PoolShape) (x: float[]) =
        let y = Array.zeroCreate<float> s.Output.Count
        let taps = Array.zeroCreate<int> y.Length
        Reference.MaxPoolingForward<float>(&s, x, y, taps)
        y, taps

    let private maxBackwardTwin (s: PoolShape) (x: float[]) (dy: float[]) =
        let dx = Array.zeroCreate<float> s.Input.Count
        let taps: int[] = snd (maxTwin s x)
        Reference.MaxPoolingBackward<float>(&s, dy, taps, dx)
        dx

    let private runMax (entry: MaxPooling) backward (conditions: Conditions) (s: PoolShape) (operands: float32[] list) =
        use blocks = new Guarded (conditions)
        let input, output = poolIn s entry.Layout, poolOut s entry.Layout
        let x = blocks.Of ("x", operands[0], input)
        let y = blocks.Take ("y", output.Floats)
        let taps = blocks.Take ("the taps", (int64 s.N * entry.TapBytes &s + 3L) / 4L)
        let noTaps = Guarded.Nothing ()
        entry.Forward (&s, x.Pointer, y.Pointer, (if backward then taps.Bytes else noTaps), conditions.Workers)

        if backward then
            let dy = blocks.Of ("dy", operands[1], output)
            let dx = blocks.Take ("dx", input.Floats)
            entry.Backward (&s, dy.Pointer, taps.Bytes, dx.Pointer, conditions.Workers)
            blocks.RequireGuards ()
            blocks.Plain (dx, input)
        else
            blocks.RequireGuards ()
            blocks.Plain (y, output)

    let private pool
        name
        whole
        (accepts: PoolShape -> bool)
        batches
        run
        twin
        magnitude
        length
        (operands: PoolShape -> Shape list)
        = {
        Name = name
        IsExact = true
        IsWhole = whole
        Accepts = accepts
        Images = fun (s: PoolShape) -> s.N
        WithImages = fun n (s: PoolShape) -> s.WithBatch n
        Operands = operands
        Batches = batches
        GivesImages = true
        Run = run
        Twin = twin
        Magnitude = magnitude
        Length = length
    }

    let private taps (s: PoolShape) = s.R * s.S

    let private maxPools (entry: MaxPooling) = [
        pool
            $"max pool \"{entry.Name}\""
            true
            (fun s -> entry.Accepts &s)
            1
            (runMax entry false)
            (fun s operands -> fst (maxTwin s operands[0]))
            (fun s operands -> fst (maxTwin s operands[0]))
            (fun _ -> 0)
            (fun s -> [ s.Input ])
        pool
            $"max pool backward \"{entry.Name}\""
            true
            (fun s -> entry.Accepts &s)
            2
            (runMax entry true)
            (fun s operands -> maxBackwardTwin s operands[0] operands[1])
            (fun s operands -> maxBackwardTwin s operands[0] (Array.map abs operands[1]))
            taps
            (fun s -> [ s.Input; s.Output ])
    ]

    let private averageForwardTwin countPadding (s: PoolShape) (operands: float[] list) =
        let y = Array.zeroCreate<float> s.Output.Count
        Reference.AveragePoolingForward<float>(&s, operands[0], s.Divisors countPadding, y)
        y

    let private averageBackwardTwin countPadding (s: PoolShape) (operands: float[] list) =
        let dx = Array.zeroCreate<float> s.Input.Count
        Reference.AveragePoolingBackward<float>(&s, operands[0], s.Divisors countPadding, dx)
        dx

    let private runAverage
        (entry: AveragePooling)
        countPadding
        backward
        (conditions: Conditions)
        (s: PoolShape)
        (operands: float32[] list)
        =
        use blocks = new Guarded (conditions)
        let input, output = poolIn s entry.Layout, poolOut s entry.Layout
        let source, target = if backward then output, input else input, output
        let from = blocks.Of ("the source", operands[0], source)
        let into = blocks.Take ("the result", target.Floats)
        let divisors = blocks.Of ("the divisors", s.Divisors countPadding)

        if backward then
            entry.Backward (&s, from.Pointer, divisors, into.Pointer, conditions.Workers)
        else
            entry.Forward (&s, from.Pointer, divisors, into.Pointer, conditions.Workers)

        blocks.RequireGuards ()
        blocks.Plain (into, target)

    let private averagePools (entry: AveragePooling) = [
        for countPadding in [ true; false ] do
            let counted = if countPadding then "" else " of real inputs"

            pool
                $"average pool{counted} \"{entry.Name}\""
                false
                (fun s -> entry.Accepts &s)
                1
                (runAverage entry countPadding false)
                (averageForwardTwin countPadding)
                (fun s operands -> averageForwardTwin countPadding s (absolute operands))
                taps
                (fun s -> [ s.Input ])

            pool
                $"average pool{counted} backward \"{entry.Name}\""
                false
                (fun s -> entry.Accepts &s)
                1
                (runAverage entry countPadding true)
                (averageBackwardTwin countPadding)
                (fun s operands -> averageBackwardTwin countPadding s (absolute operands))
                taps
                (fun s -> [ s.Output ])
    ]

    /// Every entry of the table of max poolings, forward and backward.
    let maxPoolings: Kernel<PoolShape> list = PoolingTables.Max |> Seq.collect maxPools |> List.ofSeq

    /// Every entry of the table of average poolings, forward and backward, counting padding and not.
    let averagePoolings: Kernel<PoolShape> list = PoolingTables.Average |> Seq.collect averagePools |> List.ofSeq

    // ---- Padding and enlarging ----

    let private resamplingTwin (s: ResampleShape) (operands: float[] list) =
        let y = Array.zeroCreate<float> s.Output.Count
        Reference.ResamplingForward<float>(&s, operands[0], y)
        y

    let private resamplingBackwardTwin (s: ResampleShape) (operands: float[] list) =
        let dx = Array.zeroCreate<float> s.Input.Count
        Reference.ResamplingBackward<float>(&s, operands[0], dx)
        dx

    let private resampling (entry: Resampling) layout backward =
        let run (conditions: Conditions) (s: ResampleShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let input = batch s.N s.C (s.Rows.Length * s.Columns.Length) layout
            let output = batch s.N s.C (s.Rows.Outputs * s.Columns.Outputs) layout
            let source, target = if backward then output, input else input, output
            let from = blocks.Of ("the source", operands[0], source)
            let into = blocks.Take ("the result", target.Floats)

            if backward then
                entry.Backward (&s, layout, from.Pointer, into.Pointer, conditions.Workers)
            else
                entry.Forward (&s, layout, from.Pointer, into.Pointer, conditions.Workers)

            blocks.RequireGuards ()
            blocks.Plain (into, target)

        let pass = if backward then " backward" else ""
        let twin = if backward then resamplingBackwardTwin else resamplingTwin

        {
            Name = $"resampling{pass} \"{entry.Name}\" of {layout.ToString().ToLowerInvariant()} images"
            IsExact = true
            IsWhole = (entry :? CopyResampling)
            Accepts = fun (s: ResampleShape) -> entry.Accepts (&s, layout)
            Images = _.N
            WithImages = fun n s -> s.WithBatch n
            Operands = fun s -> [ (if backward then s.Output else s.Input) ]
            Batches = 1
            GivesImages = true
            Run = run
            Twin = twin
            Magnitude = fun s operands -> twin s (absolute operands)
            Length =
                fun s ->
                    if backward then s.Rows.Outputs * s.Columns.Outputs
                    elif s.IsCopy then 0
                    else 4
        }

    /// Every entry of the table of resamplings, forward and backward, in the layouts that it takes.
    let resamplings: Kernel<ResampleShape> list = [
        for entry in ResamplingTable.All do
            for layout in [ Layout.Plain; Layout.Blocked ] do
                if not (entry :? NaiveResamplingAlgorithm && layout = Layout.Blocked) then
                    yield resampling entry layout false
                    yield resampling entry layout true
    ]
