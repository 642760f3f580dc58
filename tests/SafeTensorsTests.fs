module Fovea.Tests.SafeTensorsTests

open System
open System.Collections.Generic
open System.IO
open System.Text
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats
open Fovea.Tests.DataSupport

let fixture name = Path.Combine (__SOURCE_DIRECTORY__, "fixtures", "safetensors", name)

/// The sentence of the DataFormatException that reading raises.
let faultOf read =
    try
        read () |> ignore
        failtest "expected a DataFormatException"
    with :? DataFormatException as fault ->
        fault.Message

let pairs (tensors: (string * Fovea.Core.Tensors.Tensor) list) = [
    for name, value in tensors -> KeyValuePair (name, value)
]

let written (tensors: (string * Fovea.Core.Tensors.Tensor) list) (metadata: (string * string) list) =
    use stream = new MemoryStream ()
    SafeTensors.Write (stream, pairs tensors, Dictionary (dict metadata))
    stream.ToArray ()

let read (bytes: byte[]) = SafeTensors.Read (new MemoryStream (bytes))

/// A file with a given header text, whatever it says.
let withHeader (text: string) (data: byte[]) =
    let text = Encoding.UTF8.GetBytes text
    Array.concat [ BitConverter.GetBytes (int64 text.Length); text; data ]

let bits (t: Fovea.Core.Tensors.Tensor) = List.ofSeq t.Shape, t.Values |> Array.map BitConverter.SingleToInt32Bits

let content (file: SafeTensorsContent) =
    Map [ for pair in file.Tensors -> pair.Key, bits pair.Value ],
    Map [ for pair in file.Metadata -> pair.Key, pair.Value ]

/// Any bits at all: NaN with any payload, infinities, denormals and negative zero among them.
let anyTensor = gen {
    let! rank = Gen.choose (0, 4)
    let! extents = Gen.listOfLength rank (Gen.choose (0, 4))
    let shape = Shape.Of (Array.ofList extents)
    let! bits = Gen.arrayOfLength shape.Count (Gen.choose (Int32.MinValue, Int32.MaxValue))
    return Fovea.Core.Tensors.Tensor.Wrap (shape, bits |> Array.map BitConverter.Int32BitsToSingle)
}

let anyName =
    Gen.elements [ "conv1.weight"; "conv1.bias"; "größe"; "a\"b\\c"; "層"; ""; "🦉"; "line\nbreak"; "<b>"; "x/y" ]

let anyFile = gen {
    let! names = Gen.listOf anyName

    let! tensors =
        names
        |> List.distinct
        |> List.map (fun name -> Gen.map (fun t -> name, t) anyTensor)
        |> Gen.sequenceToList

    let! metadata = Gen.listOf (Gen.zip anyName anyName)
    return tensors, metadata |> List.distinctBy fst
}

let one = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""
let eight = Array.zeroCreate<byte> 8

/// Every way in which a file can be wrong, and what is said of it.
let faults = [
    "no bytes", [||], "ends within its first 8 bytes"
    "a length without a text", BitConverter.GetBytes 100L, "ends within its header of 100 bytes"
    "an enormous length", Array.append (BitConverter.GetBytes -1L) eight, "the header claims 18"
    "no JSON", withHeader "hello" [||], "not JSON"
    "no text", withHeader "" [||], "not JSON"
    "JSON of something else", withHeader "[1]" [||], "expected an object of tensors"
    "more after the JSON", withHeader (one + "x") eight, "not JSON"
    "a nested tensor", withHeader """{"a":{"x":[[[[[[[[[[[1]]]]]]]]]]]}}""" [||], "not JSON"
    "letters that are not UTF-8",
    Array.concat [ BitConverter.GetBytes 5L; "{\""B; [| 0xFFuy; 0xFEuy; byte '"' |] ],
    "not JSON"
    "a tensor that is none", withHeader """{"a":1}""" [||], "an object for tensor 'a'"
    "a tensor without a shape", withHeader """{"a":{"dtype":"F32","data_offsets":[0,8]}}""" eight, "lacks its dtype"
    "one offset", withHeader """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}""" eight, "lacks its dtype"
    "two shapes",
    withHeader """{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""" eight,
    "two fields shape"
    "an unknown type", withHeader (one.Replace ("F32", "F7")) eight, "of type 'F7'"
    "a negative extent", withHeader (one.Replace ("[2]", "[-2]")) eight, "none below zero"
    "half an extent", withHeader (one.Replace ("[2]", "[2.5]")) eight, "whole numbers"
    "an extent as text", withHeader (one.Replace ("[2]", "[\"2\"]")) eight, "numbers in the shape"
    "an enormous extent", withHeader (one.Replace ("[2]", "[2,4294967298]")) eight, "more elements than one array"
    "more elements than an array holds", withHeader (one.Replace ("[2]", "[65536,65536]")) eight, "more elements"
    "too many axes",
    withHeader (one.Replace ("[2]", $"""[{String.Join (",", Array.create 65 1)}]""")) eight,
    "at most 64"
    "offsets that are not the shape's", withHeader (one.Replace ("[0,8]", "[0,4]")) eight, "takes 8 bytes"
    "offsets backwards", withHeader (one.Replace ("[0,8]", "[8,0]")) eight, "takes 8 bytes"
    "a gap", withHeader (one.Replace ("[0,8]", "[1,9]")) (Array.zeroCreate 9), "behind bytes of no tensor"
    "an overlap",
    withHeader
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"""
        eight,
    "inside another tensor"
    "a name twice",
    withHeader
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"""
        [| 0uy; 0uy |],
    "'a' comes twice"
    "metadata twice", withHeader """{"__metadata__":{},"__metadata__":{}}""" [||], "comes twice"
    "a key twice", withHeader """{"__metadata__":{"k":"1","k":"2"}}""" [||], "metadata 'k' comes twice"
    "metadata that are no text", withHeader """{"__metadata__":{"k":1}}""" [||], "text for the metadata 'k'"
    "metadata that are no object", withHeader """{"__metadata__":"k"}""" [||], "metadata as an object"
    "too few bytes", withHeader one (Array.zeroCreate 7), "expected 8 bytes of tensors, got 7"
    "too many bytes", withHeader one (Array.zeroCreate 9), "expected 8 bytes of tensors, got 9"
]

/// The two ways to open a file.
let ways: (string * (string -> SafeTensorsFile)) list = [ "opened", SafeTensors.Open; "mapped", SafeTensors.Map ]

let readsTests = [
    testCase "what PyTorch's numbers are in each type is read as float32" (fun () ->
        let file = SafeTensors.Load (fixture "types.safetensors")
        let numbers = Tensor.Generate (24, fun i -> float32 (i % 7)) |> Tensor.reshape [ 2; 3; 4 ]

        for name in [ "U8"; "I8"; "U16"; "I16"; "F16"; "BF16"; "U32"; "I32"; "F32"; "U64"; "I64"; "F64" ] do
            Expect.equal file.Tensors[name] numbers name

        Expect.equal file.Tensors["BOOL"] (numbers.Map (fun n -> if n = 0f then 0f else 1f)) "truth values"
        Expect.equal file.Tensors["scalar"] (Fovea.Core.Tensors.Tensor.Scalar -2.5f) "a scalar"
        Expect.equal file.Tensors["empty"] (zeros [ 0; 3 ]) "no elements"
        Expect.equal (file.Tensors["negative"].Values) [| -128f; -32768f; -1f |] "signs"
        Expect.equal (List.ofSeq file.Metadata.Keys, file.Metadata["by"]) ([ "by" ], "make.py") "metadata")

    testCase "what we write is the published layout, byte for byte" (fun () ->
        let bytes = written [ "a", tensor [ 1.0; -2.0 ]; "b", zeros [ 0 ] ] [ "k", "v" ]

        let text =
            """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}"""

        let length = (text.Length + 7) / 8 * 8
        Expect.equal (BitConverter.ToInt64 (bytes, 0)) (int64 length) "the header's length"
        Expect.equal (Encoding.UTF8.GetString (bytes, 8, length)) (text.PadRight length) "the header"
        Expect.equal bytes[8 + length ..] [| 0uy; 0uy; 0x80uy; 0x3Fuy; 0uy; 0uy; 0uy; 0xC0uy |] "the numbers")

    testProperty
        "a file comes back bit for bit, from streams that seek and from those that do not"
        (Prop.forAll (Arb.fromGen anyFile) (fun (tensors, metadata) ->
            let bytes = written tensors metadata
            let expected = Map [ for name, value in tensors -> name, bits value ], Map metadata

            content (read bytes) = expected
            && content (SafeTensors.Read (new NpyTests.Trickle (bytes))) = expected))

    for way, openFile in ways do
        testCase $"tensors of a file that is {way} are read when asked for, from many threads" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine (folder, "many.safetensors")
                let tensors = [ for i in 1..40 -> $"t{i}", uniform i [ i; 7 ] ]
                SafeTensors.Save (path, pairs tensors)
                use file = openFile path
                Expect.equal [ for entry in file.Entries -> entry.Name ] (List.map fst tensors) "the entries"
                let read = tensors |> List.toArray |> Array.Parallel.map (fun (name, _) -> name, file.Read name)
                Expect.equal (List.ofArray read) tensors "the numbers"

                Expect.throwsC (fun () -> file.Read "t41" |> ignore) (fun fault ->
                    Expect.isTrue (fault :? KeyNotFoundException && fault.Message.Contains "no tensor 't41'") "unknown")))

        testCase $"every type and part of a file that is {way} is what the whole is" (fun () ->
            let whole = SafeTensors.Load (fixture "types.safetensors")
            use file = openFile (fixture "types.safetensors")

            for entry in file.Entries do
                let all = whole.Tensors[entry.Name]
                Expect.equal (bits (file.Read entry.Name)) (bits all) entry.Name

                if entry.Shape.Rank > 0 then
                    for first in 0 .. entry.Shape[0] do
                        let count = entry.Shape[0] - first

                        Expect.equal
                            (bits (file.Read (entry.Name, first, count)))
                            (bits (all.Slice (0, first, count)))
                            $"{entry.Name} from {first}"

            for first, count in [ -1, 1; 0, -1; 1, 2; 3, 0; Int32.MaxValue, Int32.MaxValue ] do
                Expect.throwsT<ArgumentOutOfRangeException>
                    (fun () -> file.Read ("F32", first, count) |> ignore)
                    $"{count} from {first}"

            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> file.Read ("scalar", 0, 1) |> ignore) "a scalar")

        testCase $"a file that is {way} and cut short meanwhile is told by name" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine (folder, "shrinking.safetensors")
                SafeTensors.Save (path, pairs [ "a", ones [ 1000 ]; "b", uniform 1 [ 100_000 ] ])
                use file = openFile path

                using (File.Open (path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) (fun other ->
                    other.SetLength 5000L)

                Expect.equal (file.Read "a") (ones [ 1000 ]) "what is still there"

                for read in [ (fun () -> file.Read "b"); (fun () -> file.Read ("b", 99_000, 10)) ] do
                    let sentence = faultOf read
                    Expect.stringStarts sentence path "the file"
                    Expect.stringContains sentence "ends within tensor 'b'; it is cut short" "what is wrong"))

        testCase $"reading from a file that is {way} takes the memory of what is read" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine (folder, "large.safetensors")
                SafeTensors.Save (path, pairs [ "a", ones [ 1000; 2000 ]; "b", ones [ 2000 ] ])
                use file = openFile path
                let before = GC.GetAllocatedBytesForCurrentThread ()
                let read = file.Read "a"
                let whole = GC.GetAllocatedBytesForCurrentThread () - before
                let rows = file.Read ("a", 500, 3)
                let part = GC.GetAllocatedBytesForCurrentThread () - before - whole
                Expect.equal (read.Count, rows.Count) (2_000_000, 6000) "what was read"
                Expect.isLessThan whole 8_010_000L "bytes allocated for 8,000,000"
                Expect.isLessThan part 34_000L "bytes allocated for 24,000"))

        testCase $"a file that is {way} may be replaced, and is read on as it was" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine (folder, "model.safetensors")
                SafeTensors.Save (path, pairs [ "a", ones [ 5000 ] ])
                use file = openFile path
                SafeTensors.Save (path, pairs [ "a", zeros [ 1 ] ])
                Expect.equal (file.Read "a") (ones [ 5000 ]) "the numbers"))

    testCase "a mapped file is mapped, and one without tensors too" (fun () ->
        inFolder (fun folder ->
            let path = Path.Combine (folder, "none.safetensors")
            SafeTensors.Save (path, [])
            use file = SafeTensors.Map path
            use opened = SafeTensors.Open path
            Expect.equal (file.IsMapped, opened.IsMapped, file.Entries.Count) (true, false, 0) "mapped, opened"))

    testCase "a closed file is not read" (fun () ->
        for _, openFile in ways do
            let file = openFile (fixture "types.safetensors")
            file.Dispose ()
            Expect.throwsT<ObjectDisposedException> (fun () -> file.Read "F32" |> ignore) "closed")

    testCase "names that come twice, or that are the metadata's, are refused" (fun () ->
        for names in [ [ "a"; "a" ]; [ "__metadata__" ] ] do
            Expect.throwsT<ArgumentException>
                (fun () -> written [ for name in names -> name, zeros [ 1 ] ] [] |> ignore)
                "refused")
]

let hostileTests = [
    for name, bytes, said in faults do
        testCase $"{name}: the sentence says so" (fun () ->
            Expect.stringContains (faultOf (fun () -> read bytes)) said "read at once"
            faultOf (fun () -> SafeTensors.Read (new NpyTests.Trickle (bytes))) |> ignore

            inFolder (fun folder ->
                let path = put folder "damaged.safetensors" bytes
                let sentence = faultOf (fun () -> SafeTensors.Load path)
                Expect.stringStarts sentence path "the file is named"
                Expect.equal (faultOf (fun () -> SafeTensors.Map path)) sentence "mapped"
                Expect.stringContains sentence said "from a file"
                File.Delete path))

    testCase "a file that promises too much takes no memory" (fun () ->
        let before = GC.GetAllocatedBytesForCurrentThread ()
        let large = """{"a":{"dtype":"F32","shape":[500000000],"data_offsets":[0,2000000000]}}"""
        faultOf (fun () -> read (withHeader large eight)) |> ignore
        faultOf (fun () -> SafeTensors.Read (new NpyTests.Trickle (withHeader large eight))) |> ignore
        faultOf (fun () -> read (Array.append (BitConverter.GetBytes 90_000_000L) eight)) |> ignore

        faultOf (fun () ->
            SafeTensors.Read (new NpyTests.Trickle (Array.append (BitConverter.GetBytes 90_000_000L) eight)))
        |> ignore

        Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread () - before) 2_000_000L "bytes allocated")

    testCase "every file cut short is noticed" (fun () ->
        let whole = written [ "a", ones [ 3 ]; "b", ones [ 2; 2 ] ] [ "k", "v" ]

        for length in 0 .. whole.Length - 1 do
            faultOf (fun () -> read whole[.. length - 1]) |> ignore)

    FuzzSupport.fuzz
        "safetensors file"
        (written [ "conv1.weight", uniform 1 [ 2; 3; 2; 2 ]; "b", zeros [ 4 ] ] [ "pipeline", "{}" ])
        (fun mutated -> read mutated |> ignore)

    for way, openFile in ways do
        FuzzSupport.fuzz
            $"safetensors file that is {way}"
            (written [ "conv1.weight", uniform 1 [ 2; 3; 2; 2 ]; "b", zeros [ 4 ] ] [ "pipeline", "{}" ])
            (fun mutated ->
                inFolder (fun folder ->
                    use file = openFile (put folder "mutant.safetensors" mutated)

                    for entry in file.Entries do
                        file.Read entry.Name |> ignore))
]

let atomicTests = [
    for name, fail in
        [
            "the disk is full in the middle", DiskFault.Full 100
            "the disk is full at once", DiskFault.Full 0
            "the flush fails", DiskFault.NoFlush
            "the rename fails", DiskFault.NoRename
            "the rename fails and the temporary file stays", DiskFault.NoRenameNorDelete
        ] do
        testCase $"where {name}, the old file is as it was" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine (folder, "model.safetensors")
                SafeTensors.Save (path, pairs [ "a", ones [ 100 ] ])
                let before = File.ReadAllBytes path

                let disk = FaultyDisk fail

                Expect.throwsT<IOException>
                    (fun () -> SafeTensors.Save (path, pairs [ "a", zeros [ 200 ] ], disk = disk))
                    "it is told"

                Expect.equal (File.ReadAllBytes path) before "the old file"
                let left = Directory.GetFiles folder |> Array.filter (fun file -> file <> path)
                Expect.equal left.Length (if fail = DiskFault.NoRenameNorDelete then 1 else 0) "files left over"))
]

let tests =
    testList "safetensors" [
        testList "reading and writing" readsTests
        testList "damaged" hostileTests
        testList "written whole or not at all" atomicTests
    ]
