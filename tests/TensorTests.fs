module Fovea.Tests.TensorTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Shapes

let iota (extents: int list) = Tensor.Arange(List.fold (*) 1 extents).Reshape(Array.ofList extents)

let values (t: Tensor) = List.ofArray t.Values

/// The message of the ShapeException that `f` raises.
let shapeFault f =
    try
        f () |> ignore
        failtest "expected a ShapeException"
    with :? ShapeException as fault ->
        fault.Message

/// Small tensors of rank 0 to 4, empty ones among them, with NaN and infinities.
let anyTensor = gen {
    let! rank = Gen.choose (0, 4)
    let! extents = Gen.listOfLength rank (Gen.frequency [ 1, Gen.constant 0; 9, Gen.choose (1, 4) ])

    let number =
        Gen.frequency [
            9, Gen.choose (-99, 99) |> Gen.map (fun n -> float32 n / 4f)
            1, Gen.elements [ nanf; infinityf; -infinityf; -0f ]
        ]

    let! numbers = Gen.listOfLength (List.fold (*) 1 extents) number
    return Tensor.Of (Shape.Of (Array.ofList extents), ReadOnlySpan (Array.ofList numbers))
}

let forTensors property = Prop.forAll (Arb.fromGen anyTensor) property

/// Two shapes that broadcast, and integers in them, so that sums are exact.
let broadcastPair = gen {
    let! extents = Gen.listOf (Gen.choose (1, 4)) |> Gen.map (List.truncate 4)

    let part = gen {
        let! kept = Gen.choose (0, extents.Length)
        let! chosen = extents |> List.skip kept |> List.map (fun n -> Gen.elements [ 1; n ]) |> Gen.sequenceToList
        let! numbers = Gen.listOfLength (List.fold (*) 1 chosen) (Gen.choose (-50, 50))
        return Tensor.Of (Shape.Of (Array.ofList chosen), ReadOnlySpan (numbers |> List.map float32 |> Array.ofList))
    }

    return! Gen.zip part part
}

let forPairs property = Prop.forAll (Arb.fromGen broadcastPair) property

/// The element at the indices of a broadcast result, read by the definition.
let readBroadcast (t: Tensor) (indices: int list) =
    let own = indices |> List.skip (indices.Length - t.Rank)
    t[List.map2 (fun i extent -> if extent = 1 then 0 else i) own (List.ofSeq t.Shape) |> Array.ofList]

let rec allIndices extents =
    match extents with
    | [] -> [ [] ]
    | extent :: rest -> [
        for i in 0 .. extent - 1 do
            for inner in allIndices rest -> i :: inner
      ]

let creation =
    testList "creation" [
        testCase "nested lists become as many axes" (fun () ->
            let t = tensor [ [ 1; 2; 3 ]; [ 4; 5; 6 ] ]
            Expect.equal (Tensor.shape t) [ 2; 3 ] "shape"
            Expect.equal (values t) [ 1f; 2f; 3f; 4f; 5f; 6f ] "row-major")

        testCase "a two-dimensional array of doubles keeps its shape" (fun () ->
            Expect.equal
                (tensor (array2D [ [ 1.5; 2.5 ]; [ 3.5; 4.5 ] ]))
                (tensor [ [ 1.5; 2.5 ]; [ 3.5; 4.5 ] ])
                "equal")

        testCase "ragged lists are refused with their lengths" (fun () ->
            let said = shapeFault (fun () -> tensor [ [ 1; 2 ]; [ 3 ] ])
            Expect.stringContains said "one sequence has 2 elements and another 1" "the message")

        testCase "numbers beside lists are refused" (fun () ->
            shapeFault (fun () -> tensor [ box 1; box [ 2 ] ]) |> ignore
            shapeFault (fun () -> tensor [ box [ 2 ]; box 1 ]) |> ignore)

        testCase "an empty list has no elements" (fun () ->
            Expect.equal (Tensor.shape (tensor ([]: int list))) [ 0 ] "shape")

        testCase "as many values as elements, or none" (fun () ->
            let said = shapeFault (fun () -> Tensor.Wrap (Shape.Of (2, 3), Array.zeroCreate 5))
            Expect.stringContains said "(2, 3) has 6 elements, got 5" "the message")

        testCase "the vector is the very buffer" (fun () ->
            let t = zeros [ 2; 2 ]
            t.Vector[3] <- 7f
            Expect.equal t[1, 1] 7f "written through MathNet")

        testCase "generating sees every index" (fun () ->
            let t = Tensor.Generate (2, 3, 2, 2, fun n c y x -> float32 (1000 * n + 100 * c + 10 * y + x))
            Expect.equal t[1, 2, 0, 1] 1201f "element")

        testCase "linspace includes both ends" (fun () ->
            Expect.equal (values (linspace 0f 1f 5)) [ 0f; 0.25f; 0.5f; 0.75f; 1f ] "five"
            Expect.equal (values (linspace 3f 9f 1)) [ 3f ] "one")

        testCase "arange stops before its end" (fun () ->
            Expect.equal (values (Tensor.Arange (0f, 1f, 0.25f))) [ 0f; 0.25f; 0.5f; 0.75f ] "up"
            Expect.equal (values (Tensor.Arange (3f, 0f, -1f))) [ 3f; 2f; 1f ] "down"
            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> Tensor.Arange (0f, 1f, 0f) |> ignore) "no step"
            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> Tensor.Arange (0f, 1f, -1f) |> ignore) "away")

        testCase "one-hot rows" (fun () ->
            Expect.equal (oneHot 3 [ 1; 0 ]) (tensor [ [ 0; 1; 0 ]; [ 1; 0; 0 ] ]) "rows"
            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> oneHot 3 [ 3 ] |> ignore) "a label too large")

        testCase "draws follow their seed, range and moments" (fun () ->
            Expect.isTrue ((normal 7 [ 50 ]).SameBits(normal 7 [ 50 ])) "the same seed"
            Expect.isFalse ((normal 7 [ 50 ]).SameBits(normal 8 [ 50 ])) "another seed"
            let even = Tensor.Uniform (Shape.Of 20000, 1, -2f, 3f)
            Expect.isTrue (even.Min () >= -2f && even.Max () < 3f) "the range"
            Expect.floatClose { absolute = 0.05; relative = 0.0 } (float (even.Mean ())) 0.5 "the mean"
            let bell = Tensor.Normal (Shape.Of 20000, 1, 5f, 2f)
            Expect.floatClose { absolute = 0.06; relative = 0.0 } (float (bell.Mean ())) 5.0 "the mean"
            let deviation = bell - 5f

            Expect.floatClose
                { absolute = 0.15; relative = 0.0 }
                (float ((deviation * deviation).Mean()))
                4.0
                "the variance")
    ]

let reading =
    testList "reading and shaping" [
        testCase "an index outside names its axis and the range" (fun () ->
            let said = shapeFault (fun () -> (iota [ 2; 3 ])[1, 3])
            Expect.stringContains said "index 3 is outside axis 1 of (2, 3); use 0..2" "the message")

        testCase "too few indices are an error" (fun () ->
            Expect.stringContains (shapeFault (fun () -> (iota [ 2; 3 ])[1])) "takes 2 indices, got 1" "the message")

        testCase "ranges and indices in brackets" (fun () ->
            let t = iota [ 2; 3; 4; 5 ]
            let part = t[0, *, 1..3, *]
            Expect.equal (Tensor.shape part) [ 3; 3; 5 ] "shape"
            Expect.equal part[2, 1, 4] t[0, 2, 2, 4] "element"
            Expect.equal (t[1, 2, 3, *]) (tensor [ 115; 116; 117; 118; 119 ]) "a row"
            Expect.equal (Tensor.shape t[*, 1, *, 2]) [ 2; 4 ] "two axes go"
            Expect.equal (values (iota [ 6 ]).[2..]) [ 2f; 3f; 4f; 5f ] "to the end"
            Expect.equal (Tensor.shape (iota [ 6; 2 ]).[..9, 1..0]) [ 6; 0 ] "cut to what there is, or empty")

        testCase "a slice is a copy" (fun () ->
            let t = iota [ 2; 3 ]
            let all = t[*, *]
            all[0, 0] <- 9f
            Expect.equal t[0, 0] 0f "unchanged")

        testCase "a slice of the wrong rank is an error" (fun () ->
            Expect.stringContains (shapeFault (fun () -> (iota [ 2; 3 ])[*, 1, *])) "has 2 axes, got 3" "the message")

        testCase "taking and slicing check their bounds" (fun () ->
            let t = iota [ 2; 3 ]
            Expect.equal (values (t.Take 1)) [ 3f; 4f; 5f ] "row"
            Expect.equal (values (t.Take (1, -1))) [ 1f; 4f ] "column"
            Expect.equal (t.TakeMany ([| 2; 0; 2 |], 1)) (tensor [ [ 2; 0; 2 ]; [ 5; 3; 5 ] ]) "several"
            shapeFault (fun () -> t.Take 2) |> ignore
            shapeFault (fun () -> t.Slice (1, 2, 2)) |> ignore
            shapeFault (fun () -> t.Slice (1, Int32.MaxValue, 2)) |> ignore
            shapeFault (fun () -> t.Slice (2, 0, 1)) |> ignore)

        testCase "reshape works one extent out, over the same buffer" (fun () ->
            let t = iota [ 2; 3; 4 ]
            let wide = t.Reshape (4, -1)
            Expect.equal (Tensor.shape wide) [ 4; 6 ] "shape"
            Expect.isTrue (obj.ReferenceEquals (wide.Values, t.Values)) "shared"
            Expect.stringContains (shapeFault (fun () -> t.Reshape (5, -1))) "24 elements" "the message"
            shapeFault (fun () -> t.Reshape (-1, -1)) |> ignore)

        testCase "flatten keeps the axes before" (fun () ->
            Expect.equal (Tensor.shape ((iota [ 2; 3; 4 ]).Flatten 1)) [ 2; 12 ] "rows"
            Expect.equal (Tensor.shape ((zeros [ 0; 3; 4 ]).Flatten 1)) [ 0; 12 ] "no images, still of some size"
            Expect.equal (Tensor.shape ((Tensor.Scalar 1f).Flatten())) [ 1 ] "a scalar")

        testCase "transposing moves axes" (fun () ->
            let t = iota [ 2; 3; 4 ]
            let moved = Tensor.permute [ 2; 0; 1 ] t
            Expect.equal (Tensor.shape moved) [ 4; 2; 3 ] "shape"
            Expect.equal moved[3, 1, 2] t[1, 2, 3] "element"
            shapeFault (fun () -> t.Transpose (0, 1)) |> ignore
            shapeFault (fun () -> t.Transpose (0, 1, 1)) |> ignore)

        testProperty
            "flipping twice, and permuting there and back, give the tensor"
            (forTensors (fun t ->
                let axes = [ 0 .. t.Rank - 1 ]
                let back = t |> Tensor.permute (List.rev axes) |> Tensor.permute (List.rev axes)
                axes |> List.forall (fun axis -> t.Flip(axis).Flip(axis) = t) && (t.Rank = 0 || back = t)))

        testProperty
            "its slices, stacked or joined, give the tensor"
            (forTensors (fun t ->
                [ 0 .. t.Rank - 1 ]
                |> List.filter (fun axis -> t.Shape[axis] > 0)
                |> List.forall (fun axis ->
                    let positions = [ 0 .. t.Shape[axis] - 1 ]

                    Tensor.Stack ([ for i in positions -> t.Take (i, axis) ], axis) = t
                    && Tensor.Concat ([ for i in positions -> t.Slice (axis, i, 1) ], axis) = t)))

        testCase "joining names the shapes that do not fit" (fun () ->
            let said = shapeFault (fun () -> Tensor.concat 0 [ zeros [ 2; 3 ]; zeros [ 2; 4 ] ])
            Expect.stringContains said "(2, 3) and (2, 4) differ" "the message"
            shapeFault (fun () -> Tensor.stack [ zeros [ 2 ]; zeros [ 3 ] ]) |> ignore
            shapeFault (fun () -> Tensor.stack []) |> ignore)

        testCase "padding puts a frame around an image" (fun () ->
            Expect.equal
                ((ones [ 1; 1; 2 ]).PadImage 1)
                (tensor [ [ [ 0; 0; 0; 0 ]; [ 0; 1; 1; 0 ]; [ 0; 0; 0; 0 ] ] ])
                "zeros"

            Expect.equal (ones [ 2 ] |> Tensor.pad 5f [ 2, 1 ]) (tensor [ 5; 5; 1; 1; 5 ]) "uneven")
    ]

let arithmetic =
    testList "arithmetic" [
        testCase "a row, a column and a number broadcast" (fun () ->
            let t = tensor [ [ 1; 2; 3 ]; [ 4; 5; 6 ] ]
            Expect.equal (t + tensor [ 10; 20; 30 ]) (tensor [ [ 11; 22; 33 ]; [ 14; 25; 36 ] ]) "row"
            Expect.equal (t * tensor [ [ 1 ]; [ -1 ] ]) (tensor [ [ 1; 2; 3 ]; [ -4; -5; -6 ] ]) "column"
            Expect.equal (1f - t / 2f) (tensor [ [ 0.5; 0.0; -0.5 ]; [ -1.0; -1.5; -2.0 ] ]) "numbers"
            Expect.equal (-t) (t * -1f) "negated")

        testCase "shapes that do not broadcast are named" (fun () ->
            let said = shapeFault (fun () -> zeros [ 2; 3 ] + zeros [ 2 ])
            Expect.stringContains said "(2, 3) and (2) do not fit together: 3 against 2 at axis -1" "the message")

        testCase "an empty axis stays empty" (fun () ->
            Expect.equal (Tensor.shape (zeros [ 0; 3 ] + ones [ 1; 3 ])) [ 0; 3 ] "repeated no times"
            shapeFault (fun () -> zeros [ 0; 3 ] + ones [ 2; 3 ]) |> ignore)

        testProperty
            "broadcasting reads what its definition says"
            (forPairs (fun (a, b) ->
                let difference = a - b

                allIndices (Tensor.shape difference)
                |> List.forall (fun at -> difference[Array.ofList at] = readBroadcast a at - readBroadcast b at)))

        testProperty "addition and multiplication commute" (forPairs (fun (a, b) -> a + b = b + a && a * b = b * a))

        testProperty
            "subtraction undoes addition"
            (forPairs (fun (a, b) ->
                let sum = a + b
                sum - b = a + zeros (Tensor.shape sum)))

        testCase "F#'s own functions work element by element" (fun () ->
            let t = tensor [ -4; 9 ]
            Expect.equal (abs t) (tensor [ 4; 9 ]) "abs"
            Expect.equal (sqrt (abs t)) (tensor [ 2; 3 ]) "sqrt"
            Expect.equal (t ** 2f) (tensor [ 16; 81 ]) "power"
            Expect.equal (values (log t) |> List.head |> Single.IsNaN) true "the logarithm of a negative number")

        testCase "clamping keeps NaN" (fun () ->
            Expect.equal ((tensor [ -1.0; nan; 9.0 ]).Clamp(0f, 1f)) (tensor [ 0.0; nan; 1.0 ]) "clamped")
    ]

let reductions =
    testList "reductions" [
        testCase "along an axis, which goes or stays" (fun () ->
            let t = tensor [ [ 1; 5; 3 ]; [ 4; 2; 6 ] ]
            Expect.equal (t.Sum 0) (tensor [ 5; 7; 9 ]) "sums down"
            Expect.equal (t.Mean -1) (tensor [ 3; 4 ]) "means across"
            Expect.equal (t.Max (1, true)) (tensor [ [ 5 ]; [ 6 ] ]) "kept"
            Expect.equal (t.Min 0) (tensor [ 1; 2; 3 ]) "least"
            Expect.equal (t.ArgMax 1) (tensor [ 1; 2 ]) "where"
            Expect.equal (t.ArgMin 0) (tensor [ 0; 1; 0 ]) "where")

        testProperty
            "a reduction along an axis is that of its slices"
            (forTensors (fun t ->
                [ 0 .. t.Rank - 1 ]
                |> List.filter (fun axis -> t.Count > 0)
                |> List.forall (fun axis ->
                    let rest = [ 0 .. t.Rank - 1 ] |> List.filter ((<>) axis)
                    let rows = (t |> Tensor.permute (rest @ [ axis ])).Reshape(-1, t.Shape[axis])
                    let each (f: Tensor -> float32) = [ for i in 0 .. rows.Shape[0] - 1 -> f (rows.Take i) ]

                    let same (along: Tensor) (slices: float32 list) =
                        List.forall2 (fun (a: float32) b -> a.Equals b) (values along) slices

                    same (t.Sum axis) (each _.Sum())
                    && same (t.Mean axis) (each _.Mean())
                    && same (t.Min axis) (each _.Min())
                    && same (t.Max axis) (each _.Max())
                    && same (t.ArgMax axis) (each (fun row -> float32 (row.ArgMax ())))
                    && same (t.ArgMin axis) (each (fun row -> float32 (row.ArgMin ()))))))

        testCase "NaN wins minima and maxima, as in NumPy" (fun () ->
            let t = tensor [ 1.0; nan; 3.0; nan ]
            Expect.isTrue (Single.IsNaN (t.Max ()) && Single.IsNaN (t.Min ())) "values"
            Expect.equal (t.ArgMax (), t.ArgMin ()) (1, 1) "the first NaN")

        testCase "the first of equals is found" (fun () ->
            Expect.equal ((tensor [ 1; 3; 3 ]).ArgMax()) 1 "largest"
            Expect.equal ((tensor [ 3; 1; 1 ]).ArgMin()) 1 "smallest")

        testCase "nothing sums to zero, has no mean, and no maximum" (fun () ->
            let none = zeros [ 0; 3 ]
            Expect.equal (none.Sum ()) 0f "sum"
            Expect.isTrue (Single.IsNaN (none.Mean ())) "mean"
            Expect.equal (none.Sum 0) (zeros [ 3 ]) "sums"
            shapeFault (fun () -> none.Max ()) |> ignore
            shapeFault (fun () -> none.Max 0) |> ignore
            Expect.equal (Tensor.shape (none.Max 1)) [ 0 ] "no rows, no maxima")

        testCase "long sums do not lose small terms" (fun () ->
            let t = full 0.1f [ 1 <<< 22 ]
            Expect.floatClose Accuracy.high (float (t.Mean ())) (float 0.1f) "the mean of equal numbers")
    ]

let algebra =
    testList "algebra" [
        testCase "the matrix view is the buffer" (fun () ->
            let t = iota [ 2; 3 ]
            let m = t.Matrix
            Expect.equal m[1, 2] t[1, 2] "read"
            m[0, 1] <- 9f
            Expect.equal t[0, 1] 9f "written"
            Expect.equal (Tensor.FromMatrix m) t "copied back"
            shapeFault (fun () -> (iota [ 2; 3; 4 ]).Matrix) |> ignore)

        testCase "a product by hand" (fun () ->
            let a = tensor [ [ 1; 2; 3 ]; [ 4; 5; 6 ] ]
            let b = tensor [ [ 7; 8 ]; [ 9; 10 ]; [ 11; 12 ] ]
            Expect.equal (a.MatMul b) (tensor [ [ 58; 64 ]; [ 139; 154 ] ]) "ours"
            Expect.equal (Tensor.FromMatrix (a.Matrix * b.Matrix)) (a.MatMul b) "MathNet's"
            Expect.equal (a.MatMul (tensor [ 1; 0; -1 ])) (tensor [ -2; -2 ]) "by a vector"
            Expect.equal ((tensor [ 1; 2; 3 ]).Dot(tensor [ 4; 5; 6 ])) 32f "dot"
            Expect.stringContains (shapeFault (fun () -> a.MatMul a)) "(2, 3) and (2, 3) do not fit" "the message")

        testProperty "all of MathNet's products agree with ours" (fun (PositiveInt seed) ->
            let m, k, n = 1 + seed % 7, 1 + seed / 7 % 5, 1 + seed / 35 % 23
            let a = Tensor.Uniform (Shape.Of (m, k), seed, -1f, 1f)
            let b = Tensor.Uniform (Shape.Of (k, n), seed + 1, -1f, 1f)
            let v = Tensor.Uniform (Shape.Of k, seed + 2, -1f, 1f)
            let ab = a.MatMul b

            let close (x: MathNet.Numerics.LinearAlgebra.Matrix<float32>) =
                (Tensor.FromMatrix x).AllClose(ab, 1e-5f, 1e-5f)

            let vector = a.Matrix * v.Vector

            close (a.Matrix * b.Matrix)
            && close ((a.Transpose ()).Matrix.TransposeThisAndMultiply b.Matrix)
            && close (a.Matrix.TransposeAndMultiply ((b.Transpose ()).Matrix))
            && close (a.Matrix * MathNet.Numerics.LinearAlgebra.Single.DenseMatrix.OfMatrix b.Matrix)
            && (a.Matrix.Transpose ()).TransposeThisAndMultiply(v.Vector).Subtract(vector).L2Norm() < 1e-5
            && (a.MatMul v).AllClose(Tensor.Of (Shape.Of m, ReadOnlySpan (vector.ToArray ())), 1e-5f, 1e-5f))

        testCase "factorisations of the view multiply back" (fun () ->
            let t = normal 3 [ 6; 4 ]
            let m = t.Matrix
            let svd = m.Svd ()
            Expect.isLessThan ((svd.U * svd.W * svd.VT - m).L2Norm()) 1e-5 "SVD"
            let qr = m.QR ()
            Expect.isLessThan ((qr.Q * qr.R - m).L2Norm()) 1e-5 "QR"
            let square = (m.TransposeThisAndMultiply m |> Tensor.FromMatrix).Matrix

            Expect.isLessThan
                ((square.Inverse () * square - MathNet.Numerics.LinearAlgebra.Single.DenseMatrix.CreateIdentity 4)
                    .L2Norm())
                1e-4
                "inverse"

            let factor = square.Cholesky().Factor
            Expect.isLessThan ((factor * factor.Transpose () - square).L2Norm()) 1e-5 "Cholesky"
            let right = normal 4 [ 4; 2 ]
            Expect.isLessThan ((square * square.LU().Solve right.Matrix - right.Matrix).L2Norm()) 1e-4 "LU")

        testCase "norms" (fun () ->
            let t = tensor [ 3; -4 ]
            Expect.equal (t.Norm (), t.NormL1 (), t.NormMax ()) (5f, 7f, 4f) "three of them"
            Expect.equal ((zeros [ 0 ]).NormMax()) 0f "of nothing")
    ]

let comparison =
    testList "comparison" [
        testCase "equality is of shape and numbers" (fun () ->
            Expect.equal (tensor [ 1.0; nan ]) (tensor [ 1.0; nan ]) "NaN equals itself"
            Expect.equal (tensor [ 0.0 ]) (tensor [ -0.0 ]) "zeros are equal"
            Expect.equal (hash (tensor [ 0.0 ])) (hash (tensor [ -0.0 ])) "and so are their hashes"
            Expect.isFalse ((tensor [ 0.0 ]).SameBits(tensor [ -0.0 ])) "their bits are not"
            Expect.notEqual (zeros [ 2; 3 ]) (zeros [ 3; 2 ]) "shapes differ"
            Expect.notEqual (tensor [ 1; 2 ]) (tensor [ 1; 3 ]) "numbers differ")

        testCase "closeness is NumPy's" (fun () ->
            let a, b = tensor [ 1.0; infinity ], tensor [ 1.000001; infinity ]
            Expect.isTrue (a.AllClose b) "close"
            Expect.isFalse (a.AllClose (tensor [ 1.1; infinity ])) "not close"
            Expect.isFalse (a.AllClose (tensor [ 1.0; -infinity ])) "infinities of both signs"
            Expect.isFalse ((tensor [ 1 ]).AllClose(tensor [ infinity ])) "nothing is close to infinity"
            Expect.isFalse ((tensor [ nan ]).AllClose(tensor [ nan ])) "NaN"
            Expect.isTrue ((tensor [ nan ]).AllClose(tensor [ nan ], equalNaN = true)) "NaN if asked for"
            shapeFault (fun () -> a.AllClose (zeros [ 3 ])) |> ignore)

        testCase "the largest difference" (fun () ->
            Expect.equal ((tensor [ 1.0; infinity; 5.0 ]).MaxDifference(tensor [ 1.5; infinity; 3.0 ])) 2f "two"
            Expect.isTrue (Single.IsNaN ((tensor [ nan; 0.0 ]).MaxDifference(tensor [ nan; 1.0 ]))) "NaN")
    ]

let printing =
    let lines (t: Tensor) = (string t).Split '\n' |> List.ofArray

    testList "printing" [
        testCase "whole numbers are aligned and have no point" (fun () ->
            Expect.equal
                (lines (tensor [ [ 1; -20 ]; [ 300; 4 ] ]))
                [ "Tensor (2, 2)"; "[[  1 -20]"; " [300   4]]" ]
                "lines")

        testCase "fractions have as many decimals as they need" (fun () ->
            Expect.equal (lines (tensor [ 0.5; -1.25 ])) [ "Tensor (2)"; "[ 0.50 -1.25]" ] "two"
            Expect.equal (lines (tensor [ 1.0 / 3.0 ])) [ "Tensor (1)"; "[0.3333]" ] "four at most")

        testCase "NaN and infinity stand among the numbers" (fun () ->
            Expect.equal
                (lines (tensor [ nan; infinity; -infinity; 1.5 ]))
                [ "Tensor (4)"; "[NaN   ∞  -∞ 1.5]" ]
                "line")

        testCase "small and large numbers have powers of ten" (fun () ->
            Expect.equal (lines (tensor [ 1.5e-5 ])) [ "Tensor (1)"; "[1.500e-05]" ] "small"
            Expect.equal (lines (tensor [ 2.5e9 ])) [ "Tensor (1)"; "[2.500e+09]" ] "large")

        testCase "scalars and empty tensors have a line of their own" (fun () ->
            Expect.equal (lines (Tensor.Scalar 2.5f)) [ "Tensor () 2.5" ] "scalar"
            Expect.equal (lines (zeros [ 0; 3 ])) [ "Tensor (0, 3) without elements" ] "empty")

        testCase "long rows are abridged in the middle" (fun () ->
            Expect.equal (lines (arange 100)) [ "Tensor (100)"; "[ 0  1  2  3 … 96 97 98 99]" ] "line")

        testCase "a batch of images fits on a page" (fun () ->
            let printed = lines (uniform 1 [ 64; 3; 224; 224 ])
            Expect.isLessThan printed.Length 60 "lines"
            Expect.isTrue (printed |> List.forall (fun line -> line.Length <= 100)) "widths")

        testProperty
            "anything prints, with balanced brackets"
            (forTensors (fun t ->
                let printed = string t
                let count letter = printed |> Seq.filter ((=) letter) |> Seq.length
                count '[' = count ']'))
    ]

let tests = testList "Tensors" [ creation; reading; arithmetic; reductions; algebra; comparison; printing ]
