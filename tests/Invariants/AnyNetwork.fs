namespace Fovea.Invariants

open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Layers

/// Generators of networks, small enough that the witness runs them in a blink.
module AnyNetwork =

    // Multiply-accumulates of one image: beyond them only element-wise stages follow.
    let private mostMacs = 30_000L

    let private isImage (pipeline: Pipeline) = (Pipeline.outputShape pipeline).Rank = 3
    let private isSignal (pipeline: Pipeline) = (Pipeline.outputShape pipeline).Rank = 2
    let private extent axis pipeline = (Pipeline.outputShape pipeline)[axis]
    let private fits pipeline stage = stage pipeline |> Pipeline.fault |> Option.isNone

    // ---- Stages for a running shape ----

    let private padding kernel =
        Gen.frequency [
            3, Gen.constant Same
            1, Gen.constant SameSymmetric
            2, Gen.constant Valid
            1, Gen.choose (0, kernel) |> Gen.map Pad.op_Implicit
            1, Gen.four (Gen.choose (0, kernel)) |> Gen.map pads
        ]

    let private filters = Gen.frequency [ 6, Gen.choose (1, 6); 1, Gen.elements [ 15; 16; 17; 20 ] ]

    let private size most = gen {
        let! height = Gen.choose (1, most)
        let! width = Gen.frequency [ 2, Gen.constant height; 1, Gen.choose (1, most) ]
        return Size (height, width)
    }

    let private convolution pipeline = gen {
        let channels = extent 0 pipeline
        let! kernel = Gen.frequency [ 3, Gen.constant (Size (3, 3)); 1, Gen.constant (Size (1, 1)); 3, size 5 ]
        let! stride = Gen.frequency [ 4, Gen.constant (Size (1, 1)); 1, size 3 ]
        let! dilation = Gen.frequency [ 6, Gen.constant (Size (1, 1)); 1, size 2 ]
        let! pad = padding kernel.Height

        let! groups =
            Gen.frequency [
                4, Gen.constant 1
                1,
                Gen.elements [
                    for g in 1..channels do
                        if channels % g = 0 then
                            g
                ]
            ]

        let! filters = filters
        let! bias = Gen.elements [ true; true; false ]
        let! border = Gen.frequency [ 3, Gen.constant Zeros; 2, Gen.elements [ Reflect; Replicate; Circular ] ]

        return
            conv (
                (filters + groups - 1) / groups * groups,
                kernel,
                stride = stride,
                pad = pad,
                border = border,
                dilation = dilation,
                groups = groups,
                bias = bias
            )
    }

    // Outputs grow: by no more than a few times.
    let private transposed pipeline = gen {
        let channels = extent 0 pipeline
        let! kernel = size 4
        let! stride = size 2

        let! pad =
            Gen.frequency [
                2, Gen.constant Same
                2, Gen.choose (0, 2) |> Gen.map Pad.op_Implicit
                1, Gen.constant Valid
            ]

        let! dilation = Gen.frequency [ 4, Gen.constant (Size (1, 1)); 1, size 2 ]
        let! groups = Gen.elements [ 1; 1; channels ]
        let! filters = Gen.choose (1, 3)
        let! bias = Gen.elements [ true; true; false ]
        let more = if pad = Same then Size (0, 0) else Size (stride.Height - 1, stride.Width - 1)

        return
            convTranspose (
                filters * groups,
                kernel,
                stride = stride,
                pad = pad,
                outputPad = more,
                dilation = dilation,
                groups = groups,
                bias = bias
            )
    }

    let private resized =
        Gen.oneof [
            gen {
                let! factor = size 2
                let! mode, corners = Gen.elements [ Nearest, false; Bilinear, false; Bilinear, true ]
                return upsample (factor, mode = mode, alignCorners = corners)
            }
            gen {
                let! border = Gen.elements [ Zeros; Reflect; Replicate; Circular ]
                let! top, bottom, left, right = Gen.four (Gen.choose (-1, 2))
                return pad (pads (top, bottom, left, right), border = border)
            }
        ]

    let private pool = gen {
        let! kernel = Gen.frequency [ 3, Gen.constant (Size (2, 2)); 2, size 4 ]
        let! stride = Gen.frequency [ 2, Gen.constant kernel; 2, size 3 ]
        let! pad = Gen.choose (0, min kernel.Height kernel.Width / 2) |> Gen.map Pad.op_Implicit
        let! ceil = Gen.elements [ false; false; true ]
        let! counted = Gen.elements [ true; false ]

        return!
            Gen.elements [
                maxPool (kernel, stride = stride, pad = pad, ceil = ceil)
                avgPool (kernel, stride = stride, pad = pad, ceil = ceil, countPad = counted)
                avgPool (kernel, stride = stride, pad = pad, ceil = ceil, divisor = 3)
                softplus >> lpPool (2.5, kernel, stride = stride, ceil = ceil)
            ]
    }

    let private activations =
        Gen.elements [
            relu
            relu
            relu
            sigmoid
            activation Tanh
            leakyRelu 0.1
            elu 1.0
            celu 0.5
            gelu
            silu
            mish
            softplus
            softsign
            logSigmoid
            hardTanh
            prelu
            preluWith (perChannel = true)
        ]

    let private normalization pipeline =
        let channels = extent 0 pipeline
        normalize (List.init channels (fun c -> 0.1 * float c), List.init channels (fun c -> 0.5 + 0.1 * float c))

    // Blocks in which values are used twice.
    let private branching pipeline = gen {
        let channels = extent 0 pipeline
        let same = conv (channels, 3, pad = Same)
        let! filters = filters
        let! f = activations

        return!
            Gen.elements [
                residual (same >> f)
                residual (same >> f >> same) >> f
                residual (conv (filters, 3, stride = 2, pad = 1) >> f, shortcut = conv (filters, 1, stride = 2))
                residual f
                residual (residual (conv (channels, 1)) >> relu)
                shared $"twice{channels}" same >> f >> shared $"twice{channels}" same
                named "block" (same >> f)
                frozen same >> f
                conv (filters, 3, pad = 1, bias = false) >> batchNorm >> f
                frozen (same >> batchNorm) >> f
                f >> dropout 0.5
                residual (same >> f >> stochasticDepth 0.3)
                tag "block" (same >> f)
                same >> groupNorm (if channels % 2 = 0 then 2 else 1) >> f
                same >> layerNorm >> f
                same >> channelNorm >> f
                same >> instanceNormWith (affine = true) >> f
                same >> instanceNormWith (track = true) >> f
                layerNormWith (axes = 1, affine = false) >> f
                softmaxOver 0
                logSoftmaxOver -1
                concat [ same; id; conv (filters, 1) >> f ]
                concat [ conv (16, 1); conv (filters, 3, pad = 1) ]
                sumOf [ same; f; id ]
                maxPool (2, name = "pooled") >> conv (channels, 1) >> f >> maxUnpool "pooled"
                squeezeExcite 2
            ]
    }

    let private forImages pipeline =
        if Pipeline.macs pipeline > mostMacs then
            Gen.oneof [ activations; Gen.constant globalAvgPool ]
        else
            Gen.frequency [
                5, convolution pipeline
                3, pool
                1, transposed pipeline
                1, resized
                4, activations
                2, branching pipeline
                1, Gen.constant (normalization pipeline)
                1, Gen.constant globalAvgPool
            ]

    let private forVectors pipeline =
        Gen.frequency [
            3, Gen.choose (1, 20) |> Gen.map (fun outputs -> dense outputs)
            1, Gen.choose (1, 8) |> Gen.map (fun outputs -> dense (outputs, bias = false))
            3, activations
            1, Gen.constant (residual (dense (extent 0 pipeline) >> relu))
            1, Gen.elements [ layerNorm; channelNorm; groupNorm 1; batchNorm; logSoftmax ]
            1, Gen.constant (normalization pipeline)
        ]

    // Over signals (channels, length).
    let private forSignals pipeline = gen {
        let channels = extent 0 pipeline
        let! filters = filters
        let! kernel, stride, dilation = Gen.zip3 (Gen.choose (1, 5)) (Gen.choose (1, 3)) (Gen.choose (1, 2))
        let! pad = padding kernel
        let! border = Gen.frequency [ 3, Gen.constant Zeros; 2, Gen.elements [ Reflect; Replicate; Circular ] ]
        let! groups = Gen.elements [ 1; 1; channels ]
        let! f = activations
        let half = kernel / 2

        return!
            Gen.frequency [
                6,
                Gen.constant (
                    conv1d (
                        (filters + groups - 1) / groups * groups,
                        kernel,
                        stride = stride,
                        pad = pad,
                        border = border,
                        dilation = dilation,
                        groups = groups
                    )
                )
                2,
                Gen.constant (
                    convTranspose1d (2 * groups, kernel, stride = stride, groups = groups, outputPad = stride - 1)
                )
                4,
                Gen.elements [
                    maxPool1d (2, stride = stride)
                    avgPool1d (kernel, pad = half, ceil = true)
                    softplus >> lpPool1d (2.5, kernel, stride = stride, ceil = true)
                    maxPool1d (2, name = "pooled") >> conv1d (channels, 1) >> f >> maxUnpool1d "pooled"
                    adaptiveAvgPool1d kernel
                    adaptiveMaxPool1d kernel
                    globalAvgPool
                    globalMaxPool
                    batchNorm >> f
                    pad1d (pads (0, 0, 1, 2), border = border)
                    residual (conv1d (channels, 3, pad = Same) >> f)
                ]
                3, Gen.constant f
            ]
    }

    let private next pipeline = gen {
        let! stage =
            if isImage pipeline then Gen.frequency [ 12, forImages pipeline; 1, Gen.constant flatten ]
            elif isSignal pipeline then Gen.frequency [ 12, forSignals pipeline; 1, Gen.constant flatten ]
            else forVectors pipeline

        return if fits pipeline stage then stage pipeline else pipeline
    }

    let rec private grown length pipeline = gen {
        if length = 0 then
            return pipeline
        else
            let! longer = next pipeline
            return! grown (length - 1) longer
    }

    // ---- Beginnings and ends ----

    let private images = gen {
        let! channels = Gen.frequency [ 5, Gen.choose (1, 4); 1, Gen.elements [ 16; 17 ] ]
        let! height = Gen.choose (1, 10)
        let! width = Gen.choose (1, 10)
        return input (channels, height, width)
    }

    let private signals =
        Gen.zip (Gen.choose (1, 4)) (Gen.choose (1, 24))
        |> Gen.map (fun (channels, length) -> input (channels, length))

    let private start = Gen.frequency [ 8, images; 2, signals; 1, Gen.choose (1, 20) |> Gen.map inputVector ]

    let private head pipeline = gen {
        let! classes = Gen.choose (2, 6)
        return pipeline |> (if isImage pipeline || isSignal pipeline then flatten else id) |> dense classes
    }

    let private sound = gen {
        let! start = start
        let! length = Gen.choose (0, 6)
        let! body = grown length start
        return! Gen.frequency [ 4, head body; 1, Gen.constant body; 1, head body |> Gen.map softmax ]
    }

    // ---- Shrinking ----

    let private rebuilt input stages =
        List.fold (fun pipeline stage -> Pipeline.add stage pipeline) (Pipeline.ofShape input) stages

    let private without (pipeline: Pipeline) = seq {
        for i in 0 .. pipeline.Stages.Length - 1 do
            let before, after = List.splitAt i pipeline.Stages
            yield rebuilt pipeline.Input (before @ after.Tail)

            match after.Head with
            | Residual (body, _)
            | Named (_, body)
            | Tagged (_, body)
            | Frozen body
            | BiasesOnly body
            | Gated body
            | Shared (_, body) -> yield rebuilt pipeline.Input (before @ body @ after.Tail)
            | Parallel (branches, _) ->
                for body in branches do
                    yield rebuilt pipeline.Input (before @ body @ after.Tail)
            | Layer _ -> ()

        for axis in 0 .. pipeline.Input.Rank - 1 do
            if pipeline.Input[axis] > 1 then
                let extents = pipeline.Input.ToArray ()
                extents[axis] <- extents[axis] - 1
                yield rebuilt (Shape.Of extents) pipeline.Stages
    }

    let private isSound pipeline = Pipeline.fault pipeline |> Option.isNone

    /// Networks whose stages fit: convolutions of all kinds, pools, element-wise functions, residuals, shared and frozen
    /// blocks, dense layers; most of them end in a few logits.
    let pipeline: Arbitrary<Pipeline> = Arb.fromGenShrink (sound, without >> Seq.filter isSound)

    // ---- Faults ----

    let private misfit pipeline =
        if isImage pipeline then
            let channels, height, tooHigh = extent 0 pipeline, extent 1 pipeline, extent 1 pipeline + 3
            let tooWide = extent 2 pipeline + 2

            Gen.elements [
                dense 10
                conv (4, Size (tooHigh, 1))
                maxPool tooHigh
                conv (channels + 1, 1, groups = channels + 1)
                maxPool (2, pad = 2)
                softmax
                residual (conv (channels + 1, 1))
                conv (4, 3, pad = tooWide, border = Circular)
                pad (height, border = Reflect)
                convTranspose (4, 3, stride = 2, outputPad = 2)
                convTranspose (channels + 1, 1, groups = channels + 1)
                maxUnpool "nowhere"
                conv1d (4, 3)
                normalize ([ for _ in 0..channels -> 0.0 ], [ for _ in 0..channels -> 1.0 ])
            ]
        elif isSignal pipeline then
            Gen.elements [
                dense 10
                conv (4, 3)
                conv1d (4, extent 1 pipeline + 3)
                maxPool1d (2, pad = 2)
                convTranspose1d (4, 3, stride = 2, outputPad = 2)
                pad1d (extent 1 pipeline, border = Reflect)
                maxUnpool1d "nowhere"
            ]
        else
            Gen.elements [ conv (4, 3); maxPool 2; globalAvgPool; residual (dense (extent 0 pipeline + 1)) ]

    /// Networks that carry a fault: sound stages, one that does not fit, and a few that are not looked at any more.
    let faulty: Arbitrary<Pipeline> =
        let broken = gen {
            let! start = start
            let! length = Gen.choose (0, 4)
            let! body = grown length start
            let! misfit = misfit body
            let! rest = Gen.choose (0, 2)
            return! List.replicate rest relu |> List.fold (|>) (misfit body) |> Gen.constant
        }

        Arb.fromGenShrink (broken, without >> Seq.filter (isSound >> not))
