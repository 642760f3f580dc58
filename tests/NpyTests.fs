module Fovea.Tests.NpyTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats
open Fovea.Core.Shapes

let fixtures = Path.Combine (__SOURCE_DIRECTORY__, "fixtures", "npy")

let fixture name = Path.Combine (fixtures, name)

/// What fixtures/npy/make.py put into every typed file.
let numbers = Tensor.Generate (24, fun i -> float32 (i % 7)) |> Tensor.reshape [ 2; 3; 4 ]

let faultOf read =
    try
        read () |> ignore
        failtest "expected a DataFormatException"
    with :? DataFormatException as fault ->
        fault.Message

let written options (t: Tensor) =
    use stream = new MemoryStream ()
    Npy.Write (stream, t, options)
    stream.ToArray ()

let read (bytes: byte[]) =
    use stream = new MemoryStream (bytes)
    Npy.Read stream

/// A stream that cannot seek and gives few bytes at a time, as a network or an archive does.
type Trickle(bytes: byte[]) =
    inherit MemoryStream(bytes)
    override _.CanSeek = false
    override this.Read (buffer: byte[], offset, count) = base.Read (buffer, offset, min count 7)

    override this.Read (buffer: Span<byte>) =
        let part = Array.zeroCreate (min buffer.Length 7)
        let count = base.Read (part, 0, part.Length)
        part.AsSpan(0, count).CopyTo buffer
        count

let types = [
    NpyType (NpyKind.Boolean, 1)
    for order in [ false; true ] do
        for bytes in [ 1; 2; 4; 8 ] do
            NpyType (NpyKind.Integer, bytes, order)
            NpyType (NpyKind.Unsigned, bytes, order)

        for bytes in [ 2; 4; 8 ] do
            NpyType (NpyKind.Float, bytes, order)
]

/// The nearest number that the type holds.
let rounded (kind: NpyType) (value: float32) =
    let whole low high = if Single.IsNaN value then 0f else float32 (Math.Clamp (Math.Round (float value), low, high))
    let most = 2.0 ** float (8 * kind.Bytes)

    match kind.Kind with
    | NpyKind.Boolean -> if value = 0f then 0f else 1f
    | NpyKind.Unsigned -> whole 0.0 (most - 1.0)
    | NpyKind.Integer -> whole (-most / 2.0) (most / 2.0 - 1.0)
    | _ when kind.Bytes = 2 -> float32 (Half.op_Explicit value: Half)
    | _ -> value

let anyOptions = gen {
    let! kind = Gen.elements types
    let! columnMajor = Gen.elements [ false; true ]
    let! version = Gen.elements [ 1; 2; 3 ]
    return NpyOptions (Nullable kind, columnMajor, version)
}

let header (text: string) =
    Array.concat [
        [| 0x93uy |]
        "NUMPY"B
        [| 1uy; 0uy; byte text.Length; byte (text.Length >>> 8) |]
        Text.Encoding.ASCII.GetBytes text
    ]

let npyTests =
    testList "npy" [
        for path in Directory.GetFiles (fixtures, "*-*.npy") |> Array.sort do
            testCase $"{Path.GetFileNameWithoutExtension path}, made by NumPy, has its numbers" (fun () ->
                Expect.equal (Npy.Load path) numbers "float32"
                use file = File.OpenRead path
                let struct (shape, doubles) = Npy.ReadDoubles file
                Expect.equal (List.ofSeq shape) [ 2; 3; 4 ] "the shape in doubles"
                Expect.equal (doubles |> Array.map float32) numbers.Values "the numbers in doubles")

        testCase "NumPy's other versions, truth values, scalars and special numbers are read" (fun () ->
            Expect.equal (Npy.Load (fixture "version2.npy")) numbers "version 2"
            Expect.equal (Npy.Load (fixture "version3.npy")) numbers "version 3"
            Expect.equal (Npy.Load (fixture "scalar.npy")) (Tensor.Scalar 2.5f) "a scalar"
            Expect.equal (Npy.Load (fixture "vector.npy")) (tensor [ 1.5; nan; infinity; -infinity ]) "special numbers"
            Expect.equal (Npy.Load (fixture "empty.npy")) (zeros [ 0; 3 ]) "no elements"
            Expect.equal (Npy.Load (fixture "extremes.npy")) (tensor [ -128; 127 ]) "signs"
            Expect.equal (Npy.Load (fixture "large.npy")) (tensor [ 2.0 ** 64.0; 2.0 ** 63.0 ]) "large numbers"
            let flags = Npy.Load (fixture "bool.npy")
            Expect.equal (flags, flags.Sum ()) (numbers.Flatten().Map(fun n -> n % 2f), 10f) "truth values")

        testCase "what we write is NumPy's file, byte for byte" (fun () ->
            let same name options = Expect.equal (written options numbers) (File.ReadAllBytes (fixture name)) name
            same "f4-little.npy" null
            same "version2.npy" (NpyOptions (Version = 2))
            same "version3.npy" (NpyOptions (Version = 3))
            same "f8-big-fortran.npy" (NpyOptions (Nullable (NpyType (NpyKind.Float, 8, true)), true))
            same "u1-little.npy" (NpyOptions (Nullable (NpyType (NpyKind.Unsigned, 1)))))

        testPropertyWith
            (propertyConfig.WithMaxTest 300)
            "a tensor comes back as the type holds it"
            (Prop.forAll (Arb.fromGen (Gen.zip TensorTests.anyTensor anyOptions)) (fun (t, options) ->
                let expected = t.Map (rounded options.Type.Value)
                let bytes = written options t
                use trickle = new Trickle (bytes)
                read bytes = expected && Npy.Read trickle = expected))

        testCase "whole numbers are cut to their type" (fun () ->
            let cut kind bytes value =
                (read (written (NpyOptions (Nullable (NpyType (kind, bytes)))) (tensor [ (value: float) ]))).ToScalar()

            Expect.equal (cut NpyKind.Integer 1 200.0) 127f "above"
            Expect.equal (cut NpyKind.Integer 8 -1e30) -9.223372e18f "below"
            Expect.equal (cut NpyKind.Unsigned 8 1e30) 1.8446744e19f "far above"
            Expect.equal (cut NpyKind.Unsigned 4 -5.0) 0f "no sign")

        testCase "objects, records and complex numbers are refused by name" (fun () ->
            let said name = faultOf (fun () -> Npy.Load (fixture name))
            Expect.stringContains (said "object.npy") "Python objects, which are never loaded" "objects"
            Expect.stringContains (said "record.npy") "named fields" "records"
            Expect.stringContains (said "complex.npy") "'<c8'" "complex numbers"
            Expect.stringContains (said "object.npy") "object.npy" "the file is named")

        testCase "a header that promises too much takes no memory" (fun () ->
            let promise shape = header $"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
            let before = GC.GetAllocatedBytesForCurrentThread ()
            Expect.stringContains (faultOf (fun () -> read (promise "(2000000000,)"))) "cut short" "a large array"
            use trickle = new Trickle (promise "(2000000000,)")
            Expect.stringContains (faultOf (fun () -> Npy.Read trickle)) "cut short" "from a stream that cannot seek"

            Expect.stringContains
                (faultOf (fun () -> read (promise "(60000, 60000)")))
                "more elements"
                "more than an array holds"

            Expect.stringContains
                (faultOf (fun () -> read (promise "(99999999999999999999,)")))
                "not an extent"
                "an extent too large"

            Expect.stringContains
                (faultOf (fun () -> Npy.Read (new MemoryStream (promise "(1000,)"), 100L)))
                "beyond the limit"
                "a limit given"

            Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread () - before) 4_000_000L "bytes allocated")

        testCase "headers that are not NumPy's are refused" (fun () ->
            for text in
                [
                    ""
                    "{"
                    "{}"
                    "{'descr': '<f4'}"
                    "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}"
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (1)"
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + 1"
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}"
                    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"
                    "{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}"
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (" + String.replicate 65 "1," + ")}"
                    "{'descr': '<f4" + String.replicate 500 "'" + ", 'fortran_order': False, 'shape': ()}"
                ] do
                faultOf (fun () -> read (Array.append (header text) [| 0uy; 0uy; 0uy; 0uy |])) |> ignore)

        testCase "every file cut short is noticed" (fun () ->
            let whole = File.ReadAllBytes (fixture "f8-little.npy")

            for length in 0 .. whole.Length - 1 do
                faultOf (fun () -> read whole[.. length - 1]) |> ignore)
    ]

let zipped compressed (arrays: (string * Tensor) list) =
    use stream = new MemoryStream ()
    Npz.Write (stream, [ for name, value in arrays -> Collections.Generic.KeyValuePair (name, value) ], compressed)
    stream.ToArray ()

let unzipped (bytes: byte[]) =
    use stream = new MemoryStream (bytes)
    Map [ for pair in Npz.Read stream -> pair.Key, pair.Value ]

let npzTests =
    testList "npz" [
        for name in [ "plain"; "compressed" ] do
            testCase $"NumPy's {name} archive has its arrays" (fun () ->
                let arrays = unzipped (File.ReadAllBytes (fixture (name + ".npz")))
                Expect.equal (Map.toList arrays) [ "first", numbers; "second", arange 3 ] "names and numbers")

        testCase "archives come back, compressed or not" (fun () ->
            let arrays = [ "conv1.weight", uniform 1 [ 2; 3 ]; "a/b", zeros [ 100; 100 ] ]
            Expect.equal (unzipped (zipped false arrays)) (Map arrays) "plain"
            Expect.equal (unzipped (zipped true arrays)) (Map arrays) "compressed"
            Expect.isLessThan (zipped true arrays).Length 2000 "zeros are small"
            Expect.equal (zipped true arrays) (zipped true arrays) "the same bytes each time")

        testCase "names that are empty or come twice are refused" (fun () ->
            let refused arrays = Expect.throwsT<ArgumentException> (fun () -> zipped false arrays |> ignore) "refused"
            refused [ ("", zeros [ 1 ]) ]
            refused [ ("a", zeros [ 1 ]); ("a", zeros [ 1 ]) ])

        testCase "a changed number is noticed by its check value" (fun () ->
            let bytes = zipped false [ ("a", full 1f [ 64 ]) ]
            bytes[200] <- bytes[200] ^^^ 1uy
            Expect.stringContains (faultOf (fun () -> unzipped bytes)) "check value" "the message")

        testCase "something else in the archive is refused by name" (fun () ->
            use stream = new MemoryStream ()

            (use archive = new Compression.ZipArchive (stream, Compression.ZipArchiveMode.Create, true)
             archive.CreateEntry "../evil.txt" |> ignore)

            Expect.stringContains (faultOf (fun () -> unzipped (stream.ToArray ()))) "../evil.txt" "the message")

        testCase "a bomb meets the limit" (fun () ->
            let bytes = zipped true [ ("a", zeros [ 100000 ]); ("b", zeros [ 100000 ]) ]
            Expect.isLessThan bytes.Length 5000 "it is small"
            let said = faultOf (fun () -> Npz.Read (new MemoryStream (bytes), 500_000L))
            Expect.stringContains said "array 'b'" "both together are too large")

        let sources = [|
            for path in Directory.GetFiles fixtures do
                if not (path.EndsWith ".py") then
                    File.ReadAllBytes path
        |]

        FuzzSupport.fuzzEach "npy or npz file" sources (fun bytes ->
            if bytes.Length > 1 && (bytes[0] = byte 'P' || bytes[1] = byte 'K') then
                Npz.Read (new MemoryStream (bytes), 1L <<< 20) |> ignore
            else
                Npy.Read (new MemoryStream (bytes), 1L <<< 20) |> ignore)
    ]

let tests = testList "NumPy files" [ npyTests; npzTests ]
