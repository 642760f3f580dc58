namespace Fovea.Invariants

open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Work channel by channel: gates, and leaky ReLUs with learned slopes.
module internal ChannelKernels =

    open KernelParts

    let private inLayout layout (s: ImageBatch) = ImageBatch (s.N, s.C, s.Pixels, layout)
    let private images (s: ImageBatch) = Shape.Of [| s.N; s.C; s.Pixels |]
    let private factors (s: ImageBatch) = Shape.Of [| s.N; s.C |]
    let private count (s: ImageBatch) = s.N * s.C * s.Pixels

    // What runs a pass: over blocks, and images in the entry's layout.
    type private ChannelRun = Guarded -> ImageBatch -> float32[] list -> float32[]

    let private kernel name layout operands batches givesImages length (run: ChannelRun) twin = {
        Name = $"{name} of {layout.ToString().ToLowerInvariant()} images"
        IsExact = true
        IsWhole = true
        Accepts = fun (_: ImageBatch) -> true
        Images = fun (s: ImageBatch) -> s.N
        WithImages = fun n (s: ImageBatch) -> ImageBatch (n, s.C, s.Pixels, s.Layout)
        Operands = operands
        Batches = batches
        GivesImages = givesImages
        Run =
            fun conditions s operands ->
                use blocks = new Guarded (conditions)
                run blocks (inLayout layout s) operands
        Twin = twin
        Magnitude = fun s operands -> twin s (absolute operands)
        Length = length
    }

    let private gateTwin (s: ImageBatch) (operands: float[] list) =
        let y = Array.zeroCreate<float>(count s)
        Reference.GateForward<float>(s.Pixels, operands[0], operands[1], y)
        y

    let private factorsTwin (s: ImageBatch) (operands: float[] list) =
        let ds = Array.zeroCreate<float>(s.N * s.C)
        Reference.GateBackwardFactors<float>(s.Pixels, operands[0], operands[1], ds)
        ds

    let private gatesIn layout (entry: Gating) = [
        kernel
            $"gate \"{entry.Name}\""
            layout
            (fun s -> [ images s; factors s ])
            2
            true
            (fun _ -> 1)
            (fun blocks s operands ->
                let x = blocks.Of ("x", operands[0], s)
                let factors = blocks.Of ("s", operands[1], batch s.N s.C 1 layout)
                let y = blocks.Take ("y", s.Floats)
                entry.Forward (s, x.Pointer, factors.Pointer, y.Pointer, blocks.Workers)
                blocks.RequireGuards ()
                blocks.Plain (y, s))
            gateTwin

        kernel
            $"gate backward factors \"{entry.Name}\""
            layout
            (fun s -> [ images s; images s ])
            2
            true
            _.Pixels
            (fun blocks s operands ->
                let x, dy = blocks.Of ("x", operands[0], s), blocks.Of ("dy", operands[1], s)
                let factors = batch s.N s.C 1 layout
                let ds = blocks.Take ("ds", factors.Floats)
                entry.BackwardFactors (s, dy.Pointer, x.Pointer, ds.Pointer, blocks.Workers)
                blocks.RequireGuards ()
                blocks.Plain (ds, factors))
            factorsTwin
    ]

    // One slope for all channels, or one for each.
    let private slopes shared (s: ImageBatch) = if shared then 1 else s.C

    let private bendTwin (s: ImageBatch) (operands: float[] list) =
        let y = Array.zeroCreate<float>(count s)
        Reference.Bend<float>(s.C, s.Pixels, operands[0], operands[1], operands[2], y)
        y

    let private slopesTwin shared (s: ImageBatch) (x: float[]) (dy: float[]) =
        let dslopes = Array.zeroCreate<float>(slopes shared s)
        Reference.BendBackwardSlopes<float>(s.C, s.Pixels, x, dy, dslopes)
        dslopes

    let private bendingsIn layout (entry: Bending) = [
        for shared in [ false; true ] do
            let also = if shared then " with one slope" else ""

            {
                kernel
                    $"prelu{also} \"{entry.Name}\""
                    layout
                    (fun s -> [ images s; images s; Shape.Of [| slopes shared s |] ])
                    2
                    true
                    (fun _ -> 1)
                    (fun blocks s operands ->
                        let x, v = blocks.Of ("x", operands[0], s), blocks.Of ("v", operands[1], s)
                        let slope = blocks.Of ("slopes", operands[2])
                        let y = blocks.Take ("y", s.Floats)
                        entry.Run (s, x.Pointer, v.Pointer, slope.Pointer, slopes shared s, y.Pointer, blocks.Workers)
                        blocks.RequireGuards ()
                        blocks.Plain (y, s))
                    bendTwin with
                    // Where x stands decides, whatever its size.
                    Magnitude = fun s operands -> bendTwin s (operands.Head :: absolute operands.Tail)
            }

            {
                kernel
                    $"prelu backward slopes{also} \"{entry.Name}\""
                    layout
                    (fun s -> [ images s; images s ])
                    2
                    false
                    (fun s -> s.N * s.C * s.Pixels)
                    (fun blocks s operands ->
                        let x, dy = blocks.Of ("x", operands[0], s), blocks.Of ("dy", operands[1], s)
                        let dslopes = blocks.Take ("dslopes", int64 (slopes shared s))
                        let scratch = blocks.Take("the shared scratch", entry.SharedFloats s).Pointer
                        let count = slopes shared s
                        entry.Gradient (s, x.Pointer, dy.Pointer, dslopes.Pointer, count, scratch, blocks.Workers)
                        blocks.RequireGuards ()
                        dslopes.Span.ToArray ())
                    (fun s operands -> slopesTwin shared s operands[0] operands[1]) with
                    Magnitude =
                        fun s operands -> slopesTwin shared s operands[0] (Array.map abs operands[1]) |> Array.map abs
            }
    ]

    let private inLayouts
        (accepts: 'entry -> Layout -> bool)
        (describe: Layout -> 'entry -> Kernel<ImageBatch> list)
        entries
        = [
        for entry in entries do
            for layout in [ Layout.Plain; Layout.Blocked ] do
                if accepts entry layout then
                    yield! describe layout entry
    ]

    /// Every entry of the table of gates, forward and backward, in the layouts that it takes.
    let gates = ChannelTables.Gates |> inLayouts (fun entry layout -> entry.Accepts layout) gatesIn

    /// Every entry of the table of leaky ReLUs with learned slopes, forward and backward, in the layouts that it takes.
    let bendings = ChannelTables.Bendings |> inLayouts (fun entry layout -> entry.Accepts layout) bendingsIn
