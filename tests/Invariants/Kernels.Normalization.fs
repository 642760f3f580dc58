namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Normalisation.
module internal NormalizationKernels =

    open KernelParts

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
                null,
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
                    null,
                    y.Pointer,
                    blocks.Of("dy", operands[1], s).Pointer,
                    x.Pointer,
                    scale.Pointer,
                    shift.Pointer,
                    mean.Pointer,
                    variance.Pointer,
                    dx,
                    dscale,
                    dshift,
                    shared.Pointer,
                    Guarded.Nothing (),
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
