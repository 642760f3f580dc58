namespace Fovea.Invariants

open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Pooling and max-unpooling.
module internal PoolingKernels =

    open KernelParts

    let private poolIn (s: PoolShape) = batch s.N s.C (s.H * s.W)
    let private poolOut (s: PoolShape) = batch s.N s.C (s.P * s.Q)

    let private relu = Activation.Of ActivationKind.Relu

    // The maxima, max(0, ·) of them where a ReLU follows, and where they stand.
    let private maxTwin isRelu (s: PoolShape) (x: float[]) =
        let y = Array.zeroCreate<float> s.Output.Count
        let taps = Array.zeroCreate<int> y.Length
        Reference.MaxPoolingForward<float>(&s, x, y, taps)

        if isRelu then
            relu.Reference<float>(System.ReadOnlySpan (Array.copy y), System.Span y)

        y, taps

    let private maxBackwardTwin isRelu (s: PoolShape) (x: float[]) (dy: float[]) =
        let dx = Array.zeroCreate<float> s.Input.Count
        let y, taps = maxTwin isRelu s x
        let reached = Array.copy dy

        if isRelu then
            relu.ReferenceBackward<float>(
                System.ReadOnlySpan y,
                System.ReadOnlySpan y,
                System.ReadOnlySpan dy,
                System.Span reached
            )

        Reference.MaxPoolingBackward<float>(&s, reached, taps, dx)
        dx

    let private runMax
        (entry: MaxPooling)
        isRelu
        backward
        (conditions: Conditions)
        (s: PoolShape)
        (operands: float32[] list)
        =
        use blocks = new Guarded (conditions)
        let input, output = poolIn s entry.Layout, poolOut s entry.Layout
        let x = blocks.Of ("x", operands[0], input)
        let y = blocks.Take ("y", output.Floats)
        let taps = blocks.Take ("the taps", (int64 s.N * entry.TapBytes &s + 3L) / 4L)
        let noTaps = Guarded.Nothing ()
        entry.Forward (&s, x.Pointer, y.Pointer, (if backward then taps.Bytes else noTaps), isRelu, conditions.Workers)

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

    let private maxPoolsOf isRelu (entry: MaxPooling) =
        let accepts (s: PoolShape) = entry.Accepts &s && (not isRelu || entry.FusesRelu &s)
        let after = if isRelu then " and relu" else ""

        [
            pool
                $"max pool{after} \"{entry.Name}\""
                true
                accepts
                1
                (runMax entry isRelu false)
                (fun s operands -> fst (maxTwin isRelu s operands[0]))
                (fun s operands -> fst (maxTwin isRelu s operands[0]))
                (fun _ -> 0)
                (fun s -> [ s.Input ])
            pool
                $"max pool{after} backward \"{entry.Name}\""
                true
                accepts
                2
                (runMax entry isRelu true)
                (fun s operands -> maxBackwardTwin isRelu s operands[0] operands[1])
                (fun s operands -> maxBackwardTwin isRelu s operands[0] (Array.map abs operands[1]))
                taps
                (fun s -> [ s.Input; s.Output ])
        ]

    let private maxPools (entry: MaxPooling) = [
        yield! maxPoolsOf false entry

        let smallest = PoolShape ()

        if entry.FusesRelu &smallest then
            yield! maxPoolsOf true entry
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
