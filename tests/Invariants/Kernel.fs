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

    let private local (entry: LocalConvolution) pass operands batches (twin: ConvShape -> float[] list -> float[]) length (run: LocalRun) = {
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

    // Sums of powers of numbers of both signs cancel, and have no root where they are negative.
    let private rooted norm (x: 'a[]) (size: 'a -> 'a) = if norm = 1.0 || norm = 2.0 then x else Array.map size x

    let private lpTwin norm (s: PoolShape) (x: float[]) =
        let y = Array.zeroCreate<float> s.Output.Count
        Reference.LpPoolingForward<float>(&s, norm, x, y)
        y

    let private lpBackwardTwin norm (s: PoolShape) (x: float[]) (dy: float[]) =
        let dx = Array.zeroCreate<float> s.Input.Count
        Reference.LpPoolingBackward<float>(&s, norm, x, lpTwin norm s x, dy, dx)
        dx

    let private runLp
        (entry: LpPooling)
        norm
        backward
        (conditions: Conditions)
        (s: PoolShape)
        (operands: float32[] list)
        =
        use blocks = new Guarded (conditions)
        let input, output = poolIn s entry.Layout, poolOut s entry.Layout
        let x = blocks.Of ("x", rooted norm operands[0] abs, input)
        let y = blocks.Take ("y", output.Floats)
        entry.Forward (&s, norm, x.Pointer, y.Pointer, conditions.Workers)

        if backward then
            let dy = blocks.Of ("dy", operands[1], output)
            let dx = blocks.Take ("dx", input.Floats)
            entry.Backward (&s, norm, x.Pointer, y.Pointer, dy.Pointer, dx.Pointer, conditions.Workers)
            blocks.RequireGuards ()
            blocks.Plain (dx, input)
        else
            blocks.RequireGuards ()
            blocks.Plain (y, output)

    let private lpPools (entry: LpPooling) = [
        for norm in [ 1.0; 1.5; 2.0; 3.0 ] do
            pool
                $"pool by the {norm}-norm \"{entry.Name}\""
                false
                (fun s -> entry.Accepts &s)
                1
                (runLp entry norm false)
                (fun s operands -> lpTwin norm s (rooted norm operands[0] abs))
                (fun s operands -> lpTwin norm s (Array.map abs operands[0]))
                taps
                (fun s -> [ s.Input ])

            pool
                $"pool by the {norm}-norm backward \"{entry.Name}\""
                false
                (fun s -> entry.Accepts &s)
                2
                (runLp entry norm true)
                (fun s operands -> lpBackwardTwin norm s (rooted norm operands[0] abs) operands[1])
                (fun s operands -> lpBackwardTwin norm s (Array.map abs operands[0]) (Array.map abs operands[1]))
                taps
                (fun s -> [ s.Input; s.Output ])
    ]

    let private maxIndices (s: PoolShape) (x: float[]) =
        let indices = Array.zeroCreate<int> s.Output.Count
        Reference.MaxPoolingIndices<float>(&s, x, indices)
        indices

    let private unpoolTwin (s: PoolShape) (operands: float[] list) =
        let y, indices = Array.zeroCreate<float> s.Input.Count, maxIndices s operands[1]
        Reference.UnpoolingForward<float>(s.N * s.C, s.H * s.W, s.P * s.Q, indices, operands[0], y)
        y

    let private unpoolBackwardTwin (s: PoolShape) (operands: float[] list) =
        let dv, indices = Array.zeroCreate<float> s.Output.Count, maxIndices s operands[1]
        Reference.UnpoolingBackward<float>(s.N * s.C, s.H * s.W, s.P * s.Q, indices, operands[0], dv)
        dv

    let private runUnpool
        (entry: MaxUnpooling)
        backward
        (conditions: Conditions)
        (s: PoolShape)
        (operands: float32[] list)
        =
        use blocks = new Guarded (conditions)
        let large, small = poolIn s entry.Layout, poolOut s entry.Layout
        let values = if backward then Array.zeroCreate<float32> s.Output.Count else operands[0]
        let v, x = blocks.Of ("v", values, small), blocks.Of ("x", operands[1], large)
        let y = blocks.Take ("y", large.Floats)
        let taps = blocks.Take ("the taps", (int64 s.N * entry.TapBytes &s + 3L) / 4L)
        entry.Forward (&s, v.Pointer, x.Pointer, taps.Bytes, y.Pointer, conditions.Workers)

        if backward then
            let dy, dv = blocks.Of ("dy", operands[0], large), blocks.Take ("dv", small.Floats)
            entry.Backward (&s, dy.Pointer, taps.Bytes, dv.Pointer, conditions.Workers)
            blocks.RequireGuards ()
            blocks.Plain (dv, small)
        else
            blocks.RequireGuards ()
            blocks.Plain (y, large)

    let private unpools (entry: MaxUnpooling) =
        let isApart (window: Window) = window.Extent <= window.Stride
        let accepts (s: PoolShape) = entry.Accepts &s && isApart s.Vertical && isApart s.Horizontal

        [
            for backward, pass, twin in [ false, "", unpoolTwin; true, " backward", unpoolBackwardTwin ] do
                pool
                    $"max unpool{pass} \"{entry.Name}\""
                    true
                    accepts
                    2
                    (runUnpool entry backward)
                    twin
                    twin
                    (fun _ -> 0)
                    (fun s -> if backward then [ s.Input; s.Input ] else [ s.Output; s.Input ])
        ]

    /// Every entry of the table of poolings by the p-norm, forward and backward, for several p.
    let lpPoolings: Kernel<PoolShape> list = PoolingTables.Lp |> Seq.collect lpPools |> List.ofSeq

    /// Every entry of the table of max-unpoolings, forward and backward.
    let maxUnpoolings: Kernel<PoolShape> list = PoolingTables.Unpool |> Seq.collect unpools |> List.ofSeq

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

            let floats = entry.ScratchFloats (&s, layout) * int64 conditions.Workers.Count
            let scratch = blocks.Take ("the scratch", floats)

            if backward then
                entry.Backward (&s, layout, from.Pointer, into.Pointer, scratch.Pointer, conditions.Workers)
            else
                entry.Forward (&s, layout, from.Pointer, into.Pointer, scratch.Pointer, conditions.Workers)

            blocks.RequireGuards ()
            blocks.Plain (into, target)

        let pass = if backward then " backward" else ""
        let twin = if backward then resamplingBackwardTwin else resamplingTwin

        {
            Name = $"resampling{pass} \"{entry.Name}\" of {layout.ToString().ToLowerInvariant()} images"
            IsExact = true
            IsWhole = false
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

    // ---- Normalisation ----

    let private epsilon = 1e-3

    /// Which elements a normalisation takes together, whichever it is: an element's group and weight by its place.
    type private Norm = { Elements: int; Groups: int; Length: int; GroupOf: int -> int; WeightOf: int -> int }

    let private ofBatch (s: ImageBatch) =
        let channel i = i / s.Pixels % s.C

        {
            Elements = s.N * s.C * s.Pixels
            Groups = s.C
            Length = s.N * s.Pixels
            GroupOf = channel
            WeightOf = channel
        }

    let private ofImages (s: ImageNormShape) = {
        Elements = s.N * s.Groups.Elements
        Groups = s.N * s.Groups.Groups
        Length = s.Groups.Length
        GroupOf = s.Groups.GroupOf
        WeightOf = s.Groups.WeightOf
    }

    let private sums count (key: int -> int) (values: float[]) =
        let sums = Array.zeroCreate<float> count
        values |> Array.iteri (fun i v -> sums[key i] <- sums[key i] + v)
        sums

    // How large x̂ is while it is computed, before mean and x cancel: what its rounding error is proportional to.
    let private normalMagnitude norm (variance: float[]) (x: float[]) =
        let largest = Array.zeroCreate<float> norm.Groups
        x |> Array.iteri (fun i v -> largest[norm.GroupOf i] <- max largest[norm.GroupOf i] (abs v))

        x
        |> Array.mapi (fun i v -> (abs v + largest[norm.GroupOf i]) / sqrt (variance[norm.GroupOf i] + epsilon))

    let private outputMagnitude norm variance (x: float[]) (scale: float[]) (shift: float[]) =
        normalMagnitude norm variance x
        |> Array.mapi (fun i normal -> normal * abs scale[norm.WeightOf i] + abs shift[norm.WeightOf i])

    // dx, dscale and dshift, each with the absolute values of what is added up for it.
    let private gradientMagnitudes norm (variance: float[]) own (x: float[]) (dy: float[]) (scale: float[]) weights =
        let normal = normalMagnitude norm variance x
        let g = dy |> Array.mapi (fun i v -> abs (v * scale[norm.WeightOf i]))
        let mean values = sums norm.Groups norm.GroupOf values |> Array.map (fun sum -> sum / float (max 1 norm.Length))
        let ofG, ofProducts = mean g, mean (Array.map2 (*) g normal)

        let dx i =
            let group = norm.GroupOf i
            let rest = if own then ofG[group] + normal[i] * ofProducts[group] else 0.0
            (g[i] + rest) / sqrt (variance[group] + epsilon)

        let dscale = Array.map2 (fun v normal -> abs v * normal) dy normal |> sums weights norm.WeightOf
        let dshift = dy |> Array.map abs |> sums weights norm.WeightOf
        Array.init norm.Elements dx, Array.append dscale dshift

    type private NormPass =
        | Output
        | InputGradient
        | WeightGradients

    let private passName pass =
        match pass with
        | Output -> ""
        | InputGradient -> " backward input"
        | WeightGradients -> " backward weights"

    // Operands are x, dy, scale and shift; of given statistics mean and the variance's root as well.
    let private batchStatistics own (s: ImageBatch) (operands: float[] list) =
        if own then
            let mean, variance = Array.zeroCreate<float> s.C, Array.zeroCreate<float> s.C
            Reference.BatchStatistics<float>(s.N, s.C, s.Pixels, operands[0], mean, variance)
            mean, variance
        else
            operands[4], operands[5] |> Array.map (fun v -> v * v)

    let private batchNorm (entry: BatchNormalization) layout own pass =
        let run (conditions: Conditions) (sizes: ImageBatch) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let s = batch sizes.N sizes.C sizes.Pixels layout
            let x, y = blocks.Of ("x", operands[0], s), blocks.Take ("y", s.Floats)
            let scale, shift = blocks.Of ("the scale", operands[2]), blocks.Of ("the shift", operands[3])
            let zeros = Array.zeroCreate<float32>(ChannelNormalization.Lanes s.C)

            let given index change =
                operands |> List.tryItem index |> Option.iter (Array.iteri (fun c v -> zeros[c] <- change v))
                blocks.Of ("statistics", if own then Array.create zeros.Length nanf else zeros)

            let mean, variance = given 4 id, given 5 (fun v -> v * v)
            let shared = blocks.Take ("the shared scratch", entry.SharedFloats s)

            entry.Forward (
                s,
                own,
                epsilon,
                x.Pointer,
                scale.Pointer,
                shift.Pointer,
                mean.Pointer,
                variance.Pointer,
                y.Pointer,
                shared.Pointer,
                conditions.Workers
            )

            let backward (dx: nativeptr<float32>) dscale dshift =
                entry.Backward (
                    s,
                    own,
                    epsilon,
                    blocks.Of("dy", operands[1], s).Pointer,
                    x.Pointer,
                    scale.Pointer,
                    mean.Pointer,
                    variance.Pointer,
                    dx,
                    dscale,
                    dshift,
                    shared.Pointer,
                    conditions.Workers
                )

                blocks.RequireGuards ()

            match pass with
            | Output ->
                blocks.RequireGuards ()
                blocks.Plain (y, s)
            | InputGradient ->
                let dx = blocks.Take ("dx", s.Floats)
                backward dx.Pointer (Guarded.Nothing ()) (Guarded.Nothing ())
                blocks.Plain (dx, s)
            | WeightGradients ->
                let dscale, dshift = blocks.Take ("dscale", int64 s.C), blocks.Take ("dshift", int64 s.C)
                backward (Guarded.Nothing ()) dscale.Pointer dshift.Pointer
                Array.append (dscale.Span.ToArray ()) (dshift.Span.ToArray ())

        let twin (s: ImageBatch) (operands: float[] list) =
            let (mean: float[]), (variance: float[]) = batchStatistics own s operands
            let x, dy, scale, shift = operands[0], operands[1], operands[2], operands[3]
            let y = Array.zeroCreate<float> x.Length
            let dscale, dshift = Array.zeroCreate<float> s.C, Array.zeroCreate<float> s.C

            if pass = Output then
                Reference.BatchNormForward<float>(s.N, s.C, s.Pixels, x, mean, variance, epsilon, scale, shift, y)
            else
                Reference.BatchNormBackward<float>(
                    s.N,
                    s.C,
                    s.Pixels,
                    x,
                    mean,
                    variance,
                    epsilon,
                    scale,
                    dy,
                    own,
                    y,
                    dscale,
                    dshift
                )

            if pass = WeightGradients then Array.append dscale dshift else y

        let magnitude (s: ImageBatch) (operands: float[] list) =
            let norm = ofBatch s
            let mean, variance = batchStatistics own s operands
            // A given mean cancels against x as well.
            let x = operands[0] |> Array.mapi (fun i v -> abs v + abs mean[norm.GroupOf i])

            match pass with
            | Output -> outputMagnitude norm variance x operands[2] operands[3]
            | InputGradient -> gradientMagnitudes norm variance own x operands[1] operands[2] s.C |> fst
            | WeightGradients -> gradientMagnitudes norm variance own x operands[1] operands[2] s.C |> snd

        let statistics = if own then "" else " by given statistics"

        {
            Kernel.Name =
                $"batch norm{statistics}{passName pass} \"{entry.Name}\" of {layout.ToString().ToLowerInvariant()} images"
            IsExact = true
            IsWhole = false
            Accepts = fun _ -> true
            Images = fun (s: ImageBatch) -> s.N
            WithImages = fun n (s: ImageBatch) -> ImageBatch (n, s.C, s.Pixels, s.Layout)
            Operands =
                fun (s: ImageBatch) -> [
                    let images, each = Shape.Of [| s.N; s.C; s.Pixels |], Shape.Of [| s.C |]
                    images
                    images
                    each
                    each

                    if not own then
                        each
                        each
                ]
            Batches = 2
            GivesImages = not own && pass <> WeightGradients
            Run = run
            Twin = twin
            Magnitude = magnitude
            Length = fun s -> max 1 (s.N * s.Pixels)
        }

    /// Every entry of the table of batch norms, forward and backward, by the batch's statistics and by given ones.
    let batchNorms: Kernel<ImageBatch> list = [
        for entry in NormalizationTables.Batch do
            for layout in [ Layout.Plain; Layout.Blocked ] do
                for own in [ true; false ] do
                    for pass in [ Output; InputGradient; WeightGradients ] do
                        if entry.Accepts layout then
                            yield batchNorm entry layout own pass
    ]

    let private imageNorm (entry: ImageNormalization) layout affine pass =
        let run (conditions: Conditions) (s: ImageNormShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let images = batch s.N s.C s.Pixels layout
            let x, y = blocks.Of ("x", operands[0], images), blocks.Take ("y", images.Floats)

            let weight name index = if affine then blocks.Of(name, operands[index]).Pointer else Guarded.Nothing ()

            let scale, shift = weight "the scale" 2, weight "the shift" 3
            let groups = int64 (s.N * s.Groups.Groups)
            let mean, variance = blocks.Take ("mean", groups), blocks.Take ("variance", groups)
            let shared = blocks.Take ("the shared scratch", entry.SharedFloats &s)
            let scratch = blocks.Take ("the scratch", entry.ScratchFloats &s * int64 conditions.Workers.Count)

            entry.Forward (
                &s,
                layout,
                epsilon,
                x.Pointer,
                scale,
                shift,
                y.Pointer,
                mean.Pointer,
                variance.Pointer,
                scratch.Pointer,
                conditions.Workers
            )

            let backward (dx: nativeptr<float32>) dscale dshift =
                entry.Backward (
                    &s,
                    layout,
                    epsilon,
                    blocks.Of("dy", operands[1], images).Pointer,
                    x.Pointer,
                    scale,
                    mean.Pointer,
                    variance.Pointer,
                    dx,
                    dscale,
                    dshift,
                    shared.Pointer,
                    scratch.Pointer,
                    conditions.Workers
                )

                blocks.RequireGuards ()

            match pass with
            | Output ->
                blocks.RequireGuards ()
                blocks.Plain (y, images)
            | InputGradient ->
                let dx = blocks.Take ("dx", images.Floats)
                backward dx.Pointer (Guarded.Nothing ()) (Guarded.Nothing ())
                blocks.Plain (dx, images)
            | WeightGradients ->
                let weights = int64 s.Groups.Weights
                let dscale, dshift = blocks.Take ("dscale", weights), blocks.Take ("dshift", weights)
                backward (Guarded.Nothing ()) dscale.Pointer dshift.Pointer
                Array.append (dscale.Span.ToArray ()) (dshift.Span.ToArray ())

        let weights (s: ImageNormShape) (operands: float[] list) =
            if affine then
                operands[2], operands[3]
            else
                Array.create s.Groups.Weights 1.0, Array.zeroCreate s.Groups.Weights

        let statistics (s: ImageNormShape) (x: float[]) =
            let groups = s.N * s.Groups.Groups
            let mean, variance = Array.zeroCreate<float> groups, Array.zeroCreate<float> groups
            let shape = s.Groups
            Reference.NormStatistics<float>(&shape, s.N, x, mean, variance)
            mean, variance

        let twin (s: ImageNormShape) (operands: float[] list) =
            let x, (scale, shift), shape = operands[0], weights s operands, s.Groups
            let mean, variance = statistics s x
            let y = Array.zeroCreate<float> x.Length
            let dscale, dshift = Array.zeroCreate<float> scale.Length, Array.zeroCreate<float> scale.Length

            if pass = Output then
                Reference.NormForward<float>(&shape, s.N, x, mean, variance, epsilon, scale, shift, y)
            else
                Reference.NormBackward<float>(
                    &shape,
                    s.N,
                    x,
                    mean,
                    variance,
                    epsilon,
                    scale,
                    operands[1],
                    true,
                    y,
                    dscale,
                    dshift
                )

            if pass = WeightGradients then Array.append dscale dshift else y

        let magnitude (s: ImageNormShape) (operands: float[] list) =
            let norm, (scale, shift) = ofImages s, weights s operands
            let _, variance = statistics s operands[0]

            match pass with
            | Output -> outputMagnitude norm variance operands[0] scale shift
            | InputGradient -> gradientMagnitudes norm variance true operands[0] operands[1] scale scale.Length |> fst
            | WeightGradients -> gradientMagnitudes norm variance true operands[0] operands[1] scale scale.Length |> snd

        let kind = if affine then "image norm" else "image norm without weights"

        {
            Name = $"{kind}{passName pass} \"{entry.Name}\" of {layout.ToString().ToLowerInvariant()} images"
            IsExact = true
            IsWhole = false
            Accepts = fun s -> entry.Accepts (&s, layout)
            Images = _.N
            WithImages = fun n s -> s.WithBatch n
            Operands =
                fun s -> [
                    s.Input
                    s.Input

                    if affine then
                        Shape.Of [| s.Groups.Weights |]
                        Shape.Of [| s.Groups.Weights |]
                ]
            Batches = 2
            GivesImages = pass <> WeightGradients
            Run = run
            Twin = twin
            Magnitude = magnitude
            Length =
                fun s ->
                    if pass = WeightGradients then
                        max 1 (s.N * s.Groups.Elements / s.Groups.Weights) + s.Groups.Length
                    else
                        s.Groups.Length
        }

    /// Every entry of the table of group, layer and instance norms, forward and backward, in the layouts that it takes.
    let imageNorms: Kernel<ImageNormShape> list = [
        for entry in NormalizationTables.Image do
            for layout in [ Layout.Plain; Layout.Blocked ] do
                let some = ImageNormShape (1, 2, 6, NormShape.OfGroups (2, 6, 1))

                if layout = Layout.Plain || entry.Accepts (&some, layout) then
                    for affine, pass in
                        [
                            true, Output
                            true, InputGradient
                            true, WeightGradients
                            false, Output
                            false, InputGradient
                        ] do
                        yield imageNorm entry layout affine pass
    ]
