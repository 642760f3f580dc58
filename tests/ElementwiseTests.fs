/// Work element by element, channel by channel and row by row, against its definition: what no table lists.
module Fovea.Tests.ElementwiseTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes
open Fovea.Invariants

let private conditions = lazy { Workers = new Workers (3); Lanes = 0f; LanesAreZero = true }

let private batches = gen {
    let! n = Gen.choose (0, 3)
    let! c = Gen.frequency [ 3, Gen.choose (1, 5); 2, Gen.elements [ 15; 16; 17; 33 ] ]
    let! pixels = Gen.frequency [ 1, Gen.constant 1; 4, Gen.choose (2, 70) ]
    let! layout = Gen.elements [ Layout.Plain; Layout.Blocked ]
    let! seed = Any.seed.Generator
    return ImageBatch (n, c, pixels, layout), seed
}

let private forBatches property = Prop.forAll (Arb.fromGen batches) property

let private numbers count seed = (Numbers.normal (Shape.Of [| count |]) seed).Values

let private near (expected: float[]) (actual: float32[]) tolerance what =
    Expect.equal actual.Length expected.Length "length"

    for i in 0 .. expected.Length - 1 do
        let error = abs (expected[i] - float actual[i])
        let same = expected[i].Equals(float actual[i])

        Expect.isTrue
            (same || error <= tolerance * (1.0 + abs expected[i]))
            $"{what}: element {i} is {actual[i]}, not {expected[i]}"

let private channelTests =
    testList "channels" [
        testProperty "a layout there and back is the batch, with zero past the last channel"
        <| forBatches (fun (batch, seed) ->
            let x = numbers (batch.N * batch.C * batch.Pixels) seed
            use blocks = new Guarded (conditions.Force ())
            let block = blocks.Of ("x", x, batch)
            Expect.equal (blocks.Plain (block, batch)) x "there and back"
            blocks.RequireGuards ())

        testProperty "blocked, channel c of pixel p stands at lane c mod 16 of block c / 16"
        <| forBatches (fun (batch, seed) ->
            let batch = ImageBatch (batch.N, batch.C, batch.Pixels, Layout.Blocked)
            let x = numbers (batch.N * batch.C * batch.Pixels) seed
            use blocks = new Guarded (conditions.Force ())
            let blocked = blocks.Of("x", x, batch).Span.ToArray()

            x
            |> Array.iteri (fun i v ->
                let n, c, p = i / batch.Pixels / batch.C, i / batch.Pixels % batch.C, i % batch.Pixels
                let place = n * int batch.ImageFloats + (c / 16 * batch.Pixels + p) * 16 + c % 16

                if blocked[place] <> v then
                    failtest $"image {n}, channel {c}, pixel {p}"))

        testProperty "factors and terms of channels"
        <| forBatches (fun (batch, seed) ->
            let x, scale, shift =
                numbers (batch.N * batch.C * batch.Pixels) seed, numbers batch.C (seed + 1), numbers batch.C (seed + 2)

            use blocks = new Guarded (conditions.Force ())
            let y = blocks.Take ("y", batch.Floats)

            Images.Affine (
                batch,
                blocks.Of("x", x, batch).Pointer,
                blocks.Of("scale", scale).Pointer,
                blocks.Of("shift", shift).Pointer,
                y.Pointer,
                blocks.Workers
            )

            blocks.RequireGuards ()
            let expected = Array.zeroCreate<float> x.Length

            Reference.ChannelAffine<float>(
                batch.N,
                batch.C,
                batch.Pixels,
                Numbers.wide x,
                Numbers.wide scale,
                Numbers.wide shift,
                expected
            )

            near expected (blocks.Plain (y, batch)) 1e-6 "affine")

        testProperty "sums of channels"
        <| forBatches (fun (batch, seed) ->
            let dy = numbers (batch.N * batch.C * batch.Pixels) seed
            use blocks = new Guarded (conditions.Force ())
            let sums = blocks.Take ("sums", int64 batch.C)

            Images.Sum (
                batch,
                blocks.Of("dy", dy, batch).Pointer,
                sums.Pointer,
                blocks.Take("partial", Images.SumFloats batch).Pointer,
                blocks.Workers
            )

            blocks.RequireGuards ()
            let expected = Array.zeroCreate<float> batch.C
            Reference.ChannelSum<float>(batch.N, batch.C, batch.Pixels, Numbers.wide dy, expected)
            near expected (sums.Span.ToArray ()) 1e-5 "sums")
    ]

let private kinds = [ ActivationKind.Relu; ActivationKind.Sigmoid; ActivationKind.Tanh ]

let private awkward = [|
    0f
    -0f
    1f
    -1f
    1e-30f
    -1e-30f
    1e-10f
    0.5f
    -0.5f
    8f
    -8f
    17f
    -17f
    88f
    -88f
    104f
    -104f
    1e30f
    -1e30f
    Single.MaxValue
    Single.MinValue
    infinityf
    -infinityf
    nanf
|]

let private activationTests =
    testList "activations" [
        for kind in kinds do
            let f = Activation.Of kind

            let forward (x: float32[]) =
                use blocks = new Guarded (conditions.Force ())
                let y = blocks.Take ("y", int64 x.Length)
                f.Forward (blocks.Of("x", x).Pointer, y.Pointer, int64 x.Length, blocks.Workers)
                blocks.RequireGuards ()
                y.Span.ToArray ()

            let backward (x: float32[]) (dy: float32[]) =
                use blocks = new Guarded (conditions.Force ())
                let dx = blocks.Take ("dx", int64 x.Length)

                f.Backward (
                    blocks.Of("x", x).Pointer,
                    blocks.Of("y", forward x).Pointer,
                    blocks.Of("dy", dy).Pointer,
                    dx.Pointer,
                    int64 x.Length,
                    blocks.Workers
                )

                blocks.RequireGuards ()
                dx.Span.ToArray ()

            testList (string kind) [
                testProperty "agrees with its naive twin, forward and backward"
                <| Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, 300)) Any.seed.Generator)) (fun (count, seed) ->
                    let x = Array.append (numbers count seed |> Array.map (fun v -> 4f * v)) awkward
                    let dy = numbers x.Length (seed + 1)
                    let y, dx = Array.zeroCreate<float> x.Length, Array.zeroCreate<float> x.Length
                    f.Reference<float>(Numbers.wide x, y)
                    near y (forward x) 1e-6 "y"
                    // From the y that the fast one gave: at the ends, 1 - y cancels.
                    let given = forward x |> Numbers.wide
                    f.ReferenceBackward<float>(Numbers.wide x, given, Numbers.wide dy, dx)
                    near dx (backward x dy) 1e-6 "dx")

                testProperty "gives an element the same bits wherever it stands"
                <| Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (1, 70)) Any.seed.Generator)) (fun (count, seed) ->
                    let x = numbers count seed |> Array.map (fun v -> 3f * v)
                    let alone = x |> Array.map (fun v -> forward [| v |] |> Array.head |> Numbers.bits)
                    Expect.equal (forward x |> Array.map Numbers.bits) alone "forward"
                    let alone = x |> Array.map (fun v -> backward [| v |] [| 1f |] |> Array.head |> Numbers.bits)
                    Expect.equal (backward x (Array.create count 1f) |> Array.map Numbers.bits) alone "backward")

                testCase "many elements are as few" (fun () ->
                    // More than one chunk, and an odd end.
                    let x = numbers 40_003 1
                    let y = forward x
                    let tail = forward x[39_990..]
                    Expect.equal (Array.map Numbers.bits y[39_990..]) (Array.map Numbers.bits tail) "the end")
            ]
    ]

let private sumTests =
    testList "sums and copies" [
        testProperty "a sum of two runs, also into one of them"
        <| Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, 200)) Any.seed.Generator)) (fun (count, seed) ->
            let a, b = numbers count seed, numbers count (seed + 1)
            use blocks = new Guarded (conditions.Force ())
            let first, second = blocks.Of ("a", a), blocks.Of ("b", b)
            Elementwise.Add (first.Pointer, second.Pointer, first.Pointer, int64 count, blocks.Workers)
            blocks.RequireGuards ()
            Expect.equal (first.Span.ToArray ()) (Array.map2 (+) a b) "sums")

        testProperty "a sum of runs that lie apart, in their order, and 0 of none"
        <| Prop.forAll
            (Arb.fromGen (Gen.zip3 (Gen.choose (0, 5)) (Gen.elements [ 0; 1; 15; 33; 5000 ]) Any.seed.Generator))
            (fun (count, length, seed) ->
                let stride = length + 7
                let parts = numbers (count * stride) seed
                use blocks = new Guarded (conditions.Force ())
                let y = blocks.Take ("y", int64 length)
                let from = blocks.Of ("parts", parts)
                Elementwise.Sum (from.Pointer, int64 stride, count, y.Pointer, int64 length, blocks.Workers)
                blocks.RequireGuards ()

                let expected =
                    Array.init length (fun i ->
                        Seq.fold (fun sum p -> sum + parts[p * stride + i]) 0f [ 0 .. count - 1 ])

                Expect.equal (y.Span.ToArray ()) expected "sums")

        testCase "a copy of more than one chunk" (fun () ->
            let x = numbers 70_001 1
            use blocks = new Guarded (conditions.Force ())
            let y = blocks.Take ("y", 70_001L)
            Elementwise.Copy (blocks.Of("x", x).Pointer, y.Pointer, 70_001L, blocks.Workers)
            blocks.RequireGuards ()
            Expect.equal (y.Span.ToArray ()) x "copied")
    ]

let private products = gen {
    let! rows = Gen.frequency [ 1, Gen.constant 0; 5, Gen.choose (1, 20); 1, Gen.choose (20, 240) ]

    let! inner =
        Gen.frequency [
            1, Gen.constant 0
            5, Gen.choose (1, 40)
            1, Gen.choose (40, 600)
            1, Gen.choose (1020, 1100) // more than one pass
        ]

    let! columns = Gen.frequency [ 5, Gen.choose (1, 40); 1, Gen.choose (40, 200) ]
    let! left = Gen.elements [ false; true ]
    let! right = Gen.elements [ false; true ]
    let! seed = Any.seed.Generator
    return ProductShape (rows, inner, columns, left, right), seed
}

let private run workers (s: ProductShape) (left: float32[]) (right: float32[]) (bias: float32[]) relu =
    use blocks = new Guarded ({ conditions.Force () with Workers = workers })
    let mutable s = s
    let packed = blocks.Take ("packed", MatrixProduct.PackedFloats &s)
    let scratch = blocks.Take ("scratch", MatrixProduct.ScratchFloats &s * int64 workers.Count)
    let c = blocks.Take ("c", int64 s.Rows * int64 s.Columns)
    MatrixProduct.Pack (&s, blocks.Of("right", right).Pointer, packed.Pointer, workers)

    MatrixProduct.Run (
        &s,
        blocks.Of("left", left).Pointer,
        packed.Pointer,
        Epilogue (blocks.Of("bias", bias).Pointer, relu),
        c.Pointer,
        scratch.Pointer,
        workers
    )

    blocks.RequireGuards ()
    c.Span.ToArray ()

let private productTests =
    testList "matrix products" [
        testPropertyWith
            (propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest / 2)))
            "are those of the definition, transposed or not, with bias and ReLU"
        <| Prop.forAll (Arb.fromGen products) (fun (s, seed) ->
            let whole count seed = (Numbers.whole (Shape.Of [| count |]) seed).Values

            let a, b, bias =
                whole (s.Rows * s.Inner) seed, whole (s.Inner * s.Columns) (seed + 1), whole s.Columns (seed + 2)

            let left i k = if s.LeftTransposed then a[k * s.Rows + i] else a[i * s.Inner + k]
            let right k j = if s.RightTransposed then b[j * s.Inner + k] else b[k * s.Columns + j]

            let expected = [|
                for i in 0 .. s.Rows - 1 do
                    for j in 0 .. s.Columns - 1 do
                        let mutable sum = bias[j]

                        for k in 0 .. s.Inner - 1 do
                            sum <- sum + left i k * right k j

                        sum
            |]

            let workers = conditions.Force().Workers
            Expect.equal (run workers s a b bias false) expected "exact on whole numbers"
            Expect.equal (run workers s a b bias true) (expected |> Array.map (max 0f)) "with ReLU")

        testPropertyWith
            (propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest / 4)))
            "have the same bits for any number of rows and workers"
        <| Prop.forAll (Arb.fromGen products) (fun (s, seed) ->
            let s = ProductShape (max 1 s.Rows, s.Inner, s.Columns, false, s.RightTransposed)

            let a, b, bias =
                numbers (s.Rows * s.Inner) seed, numbers (s.Inner * s.Columns) (seed + 1), numbers s.Columns (seed + 2)

            let bits = Array.map Numbers.bits
            let together = run (conditions.Force().Workers) s a b bias false |> bits
            use one = new Workers (1)
            Expect.equal (run one s a b bias false |> bits) together "one worker"
            let last = s.Rows - 1

            let alone =
                run
                    one
                    (ProductShape (1, s.Inner, s.Columns, false, s.RightTransposed))
                    a[last * s.Inner ..]
                    b
                    bias
                    false
                |> bits

            Expect.equal alone together[last * s.Columns ..] "the last row alone")
    ]

let private softmaxTests =
    testList "softmax" [
        testProperty "rows sum to 1, and a constant added to a row changes nothing"
        <| Prop.forAll Any.seed (fun seed ->
            let x = Numbers.normal (Shape.Of [| 3; 7 |]) seed * 5f
            let y = Ops.softmax x
            Expect.isTrue (y.Sum(1).AllClose(Tensor.Ones (y.Sum(1).Shape), 1e-6f)) "sums"
            Expect.isTrue (Ops.softmax(x + 100f).AllClose(y, 1e-4f)) "moved")

        testCase "its gradient along ones is zero" (fun () ->
            let x = normal 1 [ 4; 6 ]
            Expect.isLessThan ((Ops.softmaxGradient (x, ones [ 4; 6 ])).NormMax()) 1e-6f "the sum is always 1")
    ]

let tests = testList "Element by element" [ channelTests; activationTests; sumTests; productTests; softmaxTests ]
