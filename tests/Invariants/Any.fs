namespace Fovea.Invariants

open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Generators for FsCheck, with shrinking that keeps what they promise:
/// `Prop.forAll Any.convolution (fun sizes -> ...)`.
module Any =

    let private tryBuild build =
        try
            Some (build ())
        with :? ShapeException ->
            None

    let private smaller low value = [
        if value > low then
            yield low
        if value > low + 1 then
            yield (value + low) / 2
            yield value - 1
    ]

    // ---- Windows ----

    let private window = gen {
        let! kernel = Gen.frequency [ 2, Gen.constant 1; 6, Gen.constant 3; 4, Gen.choose (2, 5); 1, Gen.choose (6, 7) ]
        let! stride = Gen.frequency [ 5, Gen.constant 1; 2, Gen.constant 2; 1, Gen.choose (3, 4) ]
        let! dilation = Gen.frequency [ 6, Gen.constant 1; 1, Gen.choose (2, 3) ]

        let! low, high =
            Gen.frequency [
                3, Gen.constant (0, 0)
                4, Gen.constant (kernel / 2, kernel / 2)
                2, Gen.zip (Gen.choose (0, kernel)) (Gen.choose (0, kernel))
                1, Gen.zip (Gen.choose (-1, 2)) (Gen.choose (-1, 2))
            ]

        return Window (kernel, stride, dilation, low, high)
    }

    let private smallerWindows (w: Window) = [
        if w.Dilation > 1 then
            yield Window (w.Kernel, w.Stride, 1, w.Low, w.High, w.Ceil)
        if w.Stride > 1 then
            yield Window (w.Kernel, w.Stride - 1, w.Dilation, w.Low, w.High, w.Ceil)
        if w.Ceil then
            yield Window (w.Kernel, w.Stride, w.Dilation, w.Low, w.High)
        for kernel in smaller 1 w.Kernel do
            yield Window (kernel, w.Stride, w.Dilation, w.Low, w.High, w.Ceil)
        if w.Low <> 0 then
            yield Window (w.Kernel, w.Stride, w.Dilation, 0, w.High, w.Ceil)
        if w.High <> 0 then
            yield Window (w.Kernel, w.Stride, w.Dilation, w.Low, 0, w.Ceil)
    ]

    let private extent = Gen.frequency [ 1, Gen.constant 1; 6, Gen.choose (2, 12); 1, Gen.choose (13, 33) ]

    // Around the width of a block, where kernels change their ways.
    let private channels =
        Gen.frequency [
            5, Gen.choose (1, 5)
            3, Gen.elements [ 15; 16; 17 ]
            2, Gen.elements [ 31; 32; 33; 48 ]
            1, Gen.choose (6, 40)
        ]

    let private images = Gen.frequency [ 1, Gen.constant 0; 4, Gen.constant 1; 4, Gen.choose (2, 4) ]

    // ---- Convolutions ----

    // Work that the naive twin does in a millisecond or so.
    let private mostMacs = 400_000L

    let private general = gen {
        let! n = images
        let! c = channels
        let! k = channels
        let! h = extent
        let! w = extent
        let! vertical = window
        let! horizontal = Gen.oneof [ window; Gen.constant vertical ]

        let! groups, c, k =
            Gen.frequency [
                7, Gen.constant (1, c, k)
                1, Gen.constant (c, c, c)
                1, Gen.elements [ 2; 3 ] |> Gen.map (fun groups -> groups, groups * (c / 3 + 1), groups * (k / 3 + 1))
                1, Gen.constant (2, 32, 32)
                1, Gen.zip (Gen.choose (2, 20)) (Gen.choose (2, 4)) |> Gen.map (fun (c, times) -> c, c, c * times)
            ]

        return tryBuild (fun () -> ConvShape (n, c, h, w, k, vertical, horizontal, groups))
    }

    // What networks are made of.
    let private common = gen {
        let! n = images
        let! c = channels
        let! k = channels
        let! h = Gen.choose (1, 14)
        let! w = Gen.frequency [ 5, Gen.choose (1, 14); 1, Gen.choose (15, 80) ]
        let! kernel, stride = Gen.elements [ 3, 1; 3, 1; 3, 2; 1, 1; 5, 1; 7, 2 ]
        let! pad = Gen.elements [ kernel / 2; kernel / 2; 0 ]
        let window = Window (kernel, stride, 1, pad, pad)
        return tryBuild (fun () -> ConvShape (n, c, h, w, k, window, window))
    }

    // Windows of one pixel, over planes around a few blocks of pixels, and channels beyond the filters of a register tile.
    let private pointwise = gen {
        let! n = images
        let! c = Gen.frequency [ 2, channels; 1, Gen.choose (1, 70) ]
        let! k = Gen.frequency [ 2, channels; 1, Gen.choose (1, 70) ]
        let! h = Gen.choose (1, 18)
        let! w = Gen.frequency [ 1, Gen.choose (1, 24); 2, Gen.choose (15, 40) ]
        let! groups, c, k = Gen.frequency [ 6, Gen.constant (1, c, k); 1, Gen.constant (2, 32, 64) ]
        return tryBuild (fun () -> ConvShape (n, c, h, w, k, Window 1, Window 1, groups))
    }

    // A dense layer is a convolution of images of one pixel.
    let private dense = gen {
        let! n = Gen.frequency [ 4, images; 1, Gen.choose (5, 40) ]
        let! features = Gen.frequency [ 3, channels; 2, Gen.choose (1, 300) ]
        let! outputs = Gen.frequency [ 3, channels; 2, Gen.choose (1, 150) ]
        return tryBuild (fun () -> ConvShape (n, features, 1, 1, outputs, Window 1, Window 1))
    }

    let private convolutionsOf (family: Gen<ConvShape option>) accepts =
        family
        |> Gen.where (function
            | Some s -> s.Macs <= mostMacs && accepts s
            | None -> false)
        |> Gen.map Option.get

    let private smallerConvolutions (s: ConvShape) =
        let build n c h w k vertical horizontal groups =
            tryBuild (fun () -> ConvShape (n, c, h, w, k, vertical, horizontal, groups))

        seq {
            if s.Groups > 1 then
                yield build s.N s.GroupC s.H s.W s.GroupK s.Vertical s.Horizontal 1
                yield build s.N (2 * s.GroupC) s.H s.W (2 * s.GroupK) s.Vertical s.Horizontal 2

            for n in smaller 1 s.N do
                yield build n s.C s.H s.W s.K s.Vertical s.Horizontal s.Groups

            for c in smaller 1 s.GroupC do
                yield build s.N (c * s.Groups) s.H s.W s.K s.Vertical s.Horizontal s.Groups

            for k in smaller 1 s.GroupK do
                yield build s.N s.C s.H s.W (k * s.Groups) s.Vertical s.Horizontal s.Groups

            for h in smaller 1 s.H do
                yield build s.N s.C h s.W s.K s.Vertical s.Horizontal s.Groups

            for w in smaller 1 s.W do
                yield build s.N s.C s.H w s.K s.Vertical s.Horizontal s.Groups

            for vertical in smallerWindows s.Vertical do
                yield build s.N s.C s.H s.W s.K vertical s.Horizontal s.Groups

            for horizontal in smallerWindows s.Horizontal do
                yield build s.N s.C s.H s.W s.K s.Vertical horizontal s.Groups
        }
        |> Seq.choose id

    /// Convolutions that a predicate accepts: rectangular and odd, strided, padded (unevenly too), dilated, grouped,
    /// of one pixel, and of an empty batch. The predicate must hold of some, or the search does not end.
    let convolutionWhere accepts : Arbitrary<ConvShape> =
        let family = Gen.frequency [ 4, general; 3, common; 2, pointwise; 1, dense ]

        Arb.fromGenShrink (convolutionsOf family accepts, smallerConvolutions >> Seq.filter accepts)

    /// Convolutions: rectangular and odd, strided, padded (unevenly too), dilated, grouped, of one pixel, and of an
    /// empty batch.
    let convolution = convolutionWhere (fun _ -> true)

    // ---- Pools ----

    let private poolWindow dilated = gen {
        let! kernel = Gen.frequency [ 4, Gen.constant 2; 3, Gen.constant 3; 2, Gen.choose (1, 5) ]
        let! stride = Gen.frequency [ 3, Gen.constant kernel; 2, Gen.constant 1; 2, Gen.choose (1, 4) ]
        let! dilation = if dilated then Gen.frequency [ 5, Gen.constant 1; 1, Gen.choose (2, 3) ] else Gen.constant 1
        let! low = Gen.frequency [ 2, Gen.constant 0; 2, Gen.choose (0, kernel / 2) ]
        let! high = Gen.oneof [ Gen.constant low; Gen.choose (0, kernel / 2) ]
        let! ceil = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]
        return Window (kernel, stride, dilation, low, high, ceil)
    }

    let private smallerPools (s: PoolShape) =
        let build n c h w vertical horizontal = tryBuild (fun () -> PoolShape (n, c, h, w, vertical, horizontal))

        seq {
            for n in smaller 1 s.N do
                yield build n s.C s.H s.W s.Vertical s.Horizontal

            for c in smaller 1 s.C do
                yield build s.N c s.H s.W s.Vertical s.Horizontal

            for h in smaller 1 s.H do
                yield build s.N s.C h s.W s.Vertical s.Horizontal

            for w in smaller 1 s.W do
                yield build s.N s.C s.H w s.Vertical s.Horizontal

            for vertical in smallerWindows s.Vertical do
                yield build s.N s.C s.H s.W vertical s.Horizontal

            for horizontal in smallerWindows s.Horizontal do
                yield build s.N s.C s.H s.W s.Vertical horizontal
        }
        |> Seq.choose id

    let private pool dilated =
        let sizes = gen {
            let! n = images
            let! c = channels
            let! h = extent
            let! w = extent
            let! vertical = poolWindow dilated
            let! horizontal = poolWindow dilated
            return tryBuild (fun () -> PoolShape (n, c, h, w, vertical, horizontal))
        }

        sizes |> Gen.where Option.isSome |> Gen.map Option.get

    /// Max pools: rectangular, overlapping, padded, dilated, with partial windows, of an empty batch.
    let maxPool: Arbitrary<PoolShape> = Arb.fromGenShrink (pool true, smallerPools)

    let private isDense (s: PoolShape) = s.Vertical.Dilation = 1 && s.Horizontal.Dilation = 1

    /// Average pools: as max pools, without dilation.
    let averagePool: Arbitrary<PoolShape> = Arb.fromGenShrink (pool false, smallerPools >> Seq.filter isDense)

    // ---- Paddings and enlargements ----

    let private copied = gen {
        let! length = extent
        let! low, high = Gen.zip (Gen.choose (-2, 4)) (Gen.choose (-2, 4))
        let! border = Gen.elements [ Border.Zeros; Border.Reflect; Border.Replicate; Border.Circular ]
        let! factor = Gen.choose (1, 4)

        return!
            Gen.elements [
                tryBuild (fun () -> ResampledAxis.Padded (length, low, high, border))
                Some (ResampledAxis.Nearest (length, length * factor))
            ]
    }

    let private mixed = gen {
        let! length = extent
        let! outputs = Gen.choose (1, 40)
        let! corners = Gen.elements [ true; false ]
        return Some (ResampledAxis.Linear (length, outputs, corners))
    }

    /// Paddings of all kinds, cropping too, and enlargements, nearest and interpolated.
    let resampling: Arbitrary<ResampleShape> =
        let sizes = gen {
            let! n = images
            let! c = channels
            let! rows, columns = Gen.oneof [ Gen.two copied; Gen.two mixed; Gen.zip copied mixed ]
            return Option.map2 (fun rows columns -> ResampleShape (n, c, rows, columns)) rows columns
        }

        let shrunk (s: ResampleShape) = seq {
            for n in smaller 1 s.N do
                yield ResampleShape (n, s.C, s.Rows, s.Columns)

            for c in smaller 1 s.C do
                yield ResampleShape (s.N, c, s.Rows, s.Columns)
        }

        Arb.fromGenShrink (sizes |> Gen.where Option.isSome |> Gen.map Option.get, shrunk)

    // ---- Normalisations ----

    let private pixels = Gen.zip extent extent |> Gen.map (fun (h, w) -> h * w)

    let private smallerBatches (s: ImageBatch) = seq {
        for n in smaller 0 s.N do
            yield ImageBatch (n, s.C, s.Pixels, s.Layout)

        for c in smaller 1 s.C do
            yield ImageBatch (s.N, c, s.Pixels, s.Layout)

        for pixels in smaller 1 s.Pixels do
            yield ImageBatch (s.N, s.C, pixels, s.Layout)
    }

    /// Batches of plain images for a batch norm: of one pixel, one channel, one image and none, channels around the width of
    /// a block.
    let batchNorm: Arbitrary<ImageBatch> =
        let sizes = gen {
            let! n = images
            let! c = channels
            let! pixels = pixels
            return ImageBatch (n, c, pixels, Layout.Plain)
        }

        Arb.fromGenShrink (sizes, smallerBatches)

    /// Group norms (of one group, and of one channel each), layer norms over the last axes and over the channels of each
    /// pixel: of one pixel, one channel, one image and none.
    let imageNorm: Arbitrary<ImageNormShape> =
        let sizes = gen {
            let! n = images
            let! c = channels
            let! h = extent
            let! w = extent

            let! divisor =
                Gen.elements [
                    for groups in 1..c do
                        if c % groups = 0 then
                            groups
                ]

            let! last = Gen.elements [ w; h * w; c * h * w ]

            let! groups =
                Gen.frequency [
                    3, Gen.constant (NormShape.OfGroups (c, h * w, divisor))
                    1, Gen.constant (NormShape.OfGroups (c, h * w, c))
                    2, Gen.constant (NormShape.OfLastAxes (c * h * w, last))
                    2, Gen.constant (NormShape.OfChannels (c, h * w))
                ]

            return ImageNormShape (n, c, h * w, groups)
        }

        Arb.fromGenShrink (sizes, fun s -> smaller 0 s.N |> Seq.map s.WithBatch)

    // ---- Tensors ----

    /// A seed for `Numbers`.
    let seed: Arbitrary<int> = Arb.fromGen (Gen.choose (0, 1_000_000))

    /// A value with a seed for its numbers, which is left as it is while the value is shrunk.
    let seeded (values: Arbitrary<'value>) : Arbitrary<'value * int> =
        Arb.fromGenShrink (
            Gen.zip values.Generator seed.Generator,
            fun (value, seed) -> values.Shrinker value |> Seq.map (fun value -> value, seed)
        )

    /// Batches of small images (N, C, H, W), normal, of whole numbers, or with NaN and infinities.
    let images4d: Arbitrary<Tensor> =
        let tensor = gen {
            let! n = images
            let! c = Gen.choose (1, 5)
            let! h = Gen.choose (1, 9)
            let! w = Gen.choose (1, 9)
            let! seed = seed.Generator
            let shape = Shape.Of [| n; c; h; w |]

            return!
                Gen.frequency [
                    4, Gen.constant (Numbers.normal shape seed)
                    2, Gen.constant (Numbers.whole shape seed)
                    1, Gen.constant (Numbers.withSpecials (Numbers.normal shape seed) seed)
                ]
        }

        let smaller (t: Tensor) = seq {
            for axis in 0..3 do
                for extent in smaller 1 t.Shape[axis] do
                    yield t.Slice (axis, 0, extent)
        }

        Arb.fromGenShrink (tensor, smaller)
