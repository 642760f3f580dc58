module Fovea.Tests.PngTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats

let fixtures = Path.Combine (__SOURCE_DIRECTORY__, "fixtures", "png")

/// The sample that fixtures/png/make.py put there.
let made x y c depth = (7 * x + 13 * y + 5 * c + x * y) % (1 <<< depth)

/// What a reader is to make of the file `colour-depth...png`: its pixel at (x, y).
let expected colour depth x y =
    let stretch value = if depth < 8 then value * 255 / ((1 <<< depth) - 1) else value

    match colour with
    | 3 ->
        let i = made x y 0 depth
        [ i; 255 - i; i * 3 % 256 ]
    | _ ->
        let channels = Map.ofList [ 0, 1; 2, 3; 4, 2; 6, 4 ]
        [ for c in 0 .. channels[colour] - 1 -> stretch (made x y c depth) ]

let pixel (raster: Raster) x y = [ for c in 0 .. raster.Channels - 1 -> raster[x, y, c] ]

let load name = Png.Load (Path.Combine (fixtures, name + ".png"))

let written interlaced raster =
    use stream = new MemoryStream ()
    Png.Write (stream, raster, interlaced)
    stream.ToArray ()

let read (bytes: byte[]) =
    use stream = new MemoryStream (bytes)
    Png.Read stream

let same (a: Raster) (b: Raster) =
    (a.Width, a.Height, a.Channels, a.Depth, List.ofArray a.Bytes) =
        (b.Width, b.Height, b.Channels, b.Depth, List.ofArray b.Bytes)

/// Rasters of every kind; few colours or many, so that some are written with a palette.
let anyRaster = gen {
    let! width = Gen.choose (1, 20)
    let! height = Gen.choose (1, 20)
    let! channels = Gen.choose (1, 4)
    let! depth = Gen.elements [ 8; 16 ]
    let! most = Gen.elements [ 1; 3; 255 ]
    let! bytes = Gen.arrayOfLength (width * height * channels * depth / 8) (Gen.choose (0, most) |> Gen.map byte)
    return Raster (width, height, channels, depth, bytes)
}

let faultOf bytes =
    try
        read bytes |> ignore
        failtest "expected an ImageFormatException"
    with :? ImageFormatException as fault ->
        fault.Message

/// A chunk with its right check value.
let chunk (kind: string) (data: byte[]) =
    let typed = Array.append (Text.Encoding.ASCII.GetBytes kind) data

    let crc =
        let step crc (value: byte) =
            List.fold
                (fun crc _ -> if crc &&& 1u <> 0u then 0xEDB88320u ^^^ (crc >>> 1) else crc >>> 1)
                (crc ^^^ uint32 value)
                [ 1..8 ]

        ~~~(Array.fold step 0xFFFFFFFFu typed)

    let bigEndian (value: uint32) = BitConverter.GetBytes value |> Array.rev
    Array.concat [ bigEndian (uint32 data.Length); typed; bigEndian crc ]

/// A file whose chunks have right check values again, as far as they can be told apart.
let checkedAgain (bytes: byte[]) =
    let rec chunks at =
        if at + 12 > bytes.Length then
            [ Array.skip (min at bytes.Length) bytes ]
        else
            let length = BitConverter.ToUInt32 (Array.rev bytes[at .. at + 3], 0) |> int64

            if int64 at + 12L + length > int64 bytes.Length then
                [ Array.skip at bytes ]
            else
                let stop = at + 8 + int length

                chunk (Text.Encoding.Latin1.GetString bytes[at + 4 .. at + 7]) bytes[at + 8 .. stop - 1]
                :: chunks (stop + 4)

    Array.concat (Array.truncate 8 bytes :: chunks 8)

let signature = [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]

let header (width: int) (height: int) depth colour =
    Array.concat [
        BitConverter.GetBytes width |> Array.rev
        BitConverter.GetBytes height |> Array.rev
        [| depth; colour; 0uy; 0uy; 0uy |]
    ]

let zlib (raw: byte[]) =
    use stream = new MemoryStream ()

    (use deflate = new Compression.ZLibStream (stream, Compression.CompressionLevel.Optimal, true) in
     deflate.Write (raw, 0, raw.Length))

    stream.ToArray ()

let file chunks = Array.concat (signature :: chunks)

let tests =
    testList "PNG" [
        for path in Directory.GetFiles (fixtures, "*-*.png") |> Array.sort do
            let name = Path.GetFileNameWithoutExtension path

            if not (name.EndsWith "transparent") then
                testCase $"every pixel of {name}, made with Python's zlib, is right" (fun () ->
                    let parts = name.Split '-'
                    let colour, depth = int parts[0], int parts[1]
                    let raster = load name
                    Expect.equal (raster.Width, raster.Height, raster.Depth) (11, 9, max 8 depth) "sizes"

                    for y in 0..8 do
                        for x in 0..10 do
                            Expect.equal (pixel raster x y) (expected colour depth x y) $"pixel ({x}, {y})")

        testCase "a transparent grey becomes an alpha channel" (fun () ->
            let raster = load "0-4-transparent"
            Expect.equal raster.Channels 2 "grey and alpha"

            for y in 0..8 do
                for x in 0..10 do
                    Expect.equal raster[x, y, 1] (if made x y 0 4 = 7 then 0 else 255) $"alpha at ({x}, {y})")

        testCase "a transparent colour becomes an alpha channel" (fun () ->
            let raster = load "2-8-transparent"
            Expect.equal (pixel raster 1 0) [ 7; 12; 17; 0 ] "the colour"
            Expect.equal (pixel raster 2 0) [ 14; 19; 24; 255 ] "another")

        testCase "a palette's transparency becomes an alpha channel" (fun () ->
            let raster = load "3-4-transparent"
            let alphas = [ 0; 100; 200 ] @ List.replicate 13 255

            Expect.equal
                [ for x in 0..10 -> raster[x, 0, 3] ]
                [ for x in 0..10 -> alphas[made x 0 0 4] ]
                "the first row")

        testProperty
            "what is written is read again, byte for byte"
            (Prop.forAll (Arb.fromGen (Gen.zip anyRaster (Gen.elements [ false; true ]))) (fun (raster, interlaced) ->
                raster |> written interlaced |> read |> same raster))

        testCase "an image of few colours is written small" (fun () ->
            let raster = Raster (100, 100, 3, 8, Array.init 30000 (fun i -> if i / 3000 % 2 = 0 then 255uy else 0uy))
            Expect.isLessThan (written false raster).Length 200 "bytes")

        testProperty "a tensor of image values comes back within half a step" (fun (PositiveInt seed) ->
            let image = uniform seed [ 1 + seed % 4; 5; 3 ]
            let step depth = 0.5f / float32 ((1 <<< depth) - 1) + 1e-6f

            [ 8; 16 ]
            |> List.forall (fun depth ->
                (Raster.FromTensor (image, depth)).ToTensor().MaxDifference image <= step depth))

        testCase "values outside the range are clamped, and NaN is black" (fun () ->
            let raster = Raster.FromTensor (tensor [ [ -1.0; 2.0; nan; 0.5 ] ])
            Expect.equal (List.ofArray raster.Bytes) [ 0uy; 255uy; 0uy; 128uy ] "samples")

        testCase "transparency shows the background" (fun () ->
            let raster = Raster (2, 1, 2, 8, [| 0uy; 0uy; 100uy; 255uy |])

            Expect.equal
                (List.ofArray (raster.ToRgb 200uy).Bytes)
                [ 200uy; 200uy; 200uy; 100uy; 100uy; 100uy ]
                "pixels")

        testCase "every single changed byte is noticed or harmless" (fun () ->
            let whole = written false (Raster.FromTensor (uniform 1 [ 3; 6; 7 ]))
            let right = read whole

            for i in 0 .. whole.Length - 1 do
                let changed = Array.copy whole
                changed[i] <- changed[i] ^^^ 0x41uy

                match
                    (try
                        Some (read changed)
                     with :? ImageFormatException ->
                         None)
                with
                | Some raster ->
                    failtestf "the change at %d went unnoticed: %d pixels" i (raster.Width * raster.Height)
                | None -> ()

            Expect.isTrue (same right (read whole)) "unchanged")

        testCase "every file cut short is noticed" (fun () ->
            let whole = File.ReadAllBytes (Path.Combine (fixtures, "6-16-adam7.png"))

            for length in 0 .. whole.Length - 1 do
                faultOf whole[.. length - 1] |> ignore)

        testCase "another kind of file is named as such" (fun () ->
            Expect.stringContains (faultOf "GIF89a, for instance"B) "not those of a PNG file" "the message")

        testCase "a huge image in a small file takes no memory" (fun () ->
            let bomb width height data =
                file [ chunk "IHDR" (header width height 8uy 2uy); chunk "IDAT" data; chunk "IEND" [||] ]

            Expect.stringContains
                (faultOf (bomb 2000000000 2000000000 [| 1uy |]))
                "more than the limit"
                "beyond the limit"

            let before = GC.GetAllocatedBytesForCurrentThread ()
            Expect.stringContains (faultOf (bomb 9000 9000 (zlib [| 0uy |]))) "cannot hold" "within the limit"
            Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread () - before) 10_000_000L "bytes allocated")

        testCase "more data than pixels is refused" (fun () ->
            let image raw = file [ chunk "IHDR" (header 1 1 8uy 0uy); chunk "IDAT" (zlib raw); chunk "IEND" [||] ]
            Expect.equal (pixel (read (image [| 0uy; 7uy |])) 0 0) [ 7 ] "just enough"
            Expect.stringContains (faultOf (image [| 0uy; 7uy; 7uy |])) "more image data than pixels" "too much"
            Expect.stringContains (faultOf (image [| 0uy |])) "ends too early" "too little"
            Expect.stringContains (faultOf (image [| 5uy; 7uy |])) "filter 5" "no such filter")

        testCase "what the format forbids is refused" (fun () ->
            let data = chunk "IDAT" (zlib [| 0uy; 7uy |])
            let ending = chunk "IEND" [||]
            let grey = chunk "IHDR" (header 1 1 8uy 0uy)
            let refused said chunks = Expect.stringContains (faultOf (file chunks)) said "the message"
            refused "0×1" [ chunk "IHDR" (header 0 1 8uy 0uy); data; ending ]
            refused "do not exist together" [ chunk "IHDR" (header 1 1 4uy 2uy); data; ending ]
            refused "no image data" [ grey; ending ]
            refused "first chunk" [ data; ending ]
            refused "out of place" [ grey; grey; data; ending ]
            refused "unknown" [ grey; chunk "ABCD" [||]; data; ending ]
            refused "out of place" [ grey; data; chunk "tEXt" [||]; data; ending ]
            refused "no palette" [ chunk "IHDR" (header 1 1 8uy 3uy); data; ending ]

            refused "of a palette of 1" [
                chunk "IHDR" (header 1 1 8uy 3uy)
                chunk "PLTE" [| 1uy; 2uy; 3uy |]
                data
                ending
            ]

            refused "palette of 4 bytes" [
                chunk "IHDR" (header 1 1 8uy 3uy)
                chunk "PLTE" [| 1uy; 2uy; 3uy; 4uy |]
                data
                ending
            ]

            refused "palette" [ grey; chunk "PLTE" [| 1uy; 2uy; 3uy |]; data; ending ]
            refused "transparency" [ grey; chunk "tRNS" [| 1uy |]; data; ending ])

        yield!
            (let sources = Directory.GetFiles (fixtures, "*.png") |> Array.map File.ReadAllBytes

             [
                 FuzzSupport.fuzzEach "PNG file" sources (read >> ignore)
                 FuzzSupport.fuzzEach "PNG file under right check values" sources (checkedAgain >> read >> ignore)
             ])

        testPropertyWith
            (propertyConfig.WithMaxTest 2000)
            "image data mutated under right check values gives an image or the documented exception"
            (let mutant = gen {
                let! colour, depth = Gen.elements [ 0uy, 1uy; 2uy, 8uy; 3uy, 2uy; 6uy, 16uy ]
                let! width = Gen.choose (1, 9)
                let! raw = Gen.arrayOfLength (width * 8 + 1) (Gen.choose (0, 4) |> Gen.map byte)
                let data = zlib (Array.concat [ raw; raw; raw ])
                let! at = Gen.choose (0, data.Length - 1)
                let! value = Gen.choose (0, 255)
                let! palette = Gen.choose (0, 30)
                let! mutate = Gen.elements [ true; false ]

                return
                    file [
                        chunk "IHDR" (header width 3 depth colour)
                        if colour = 3uy then
                            chunk "PLTE" (Array.zeroCreate palette)
                        chunk "IDAT" (if mutate then Array.updateAt at (byte value) data else data)
                        chunk "IEND" [||]
                    ]
             }

             Prop.forAll (Arb.fromGen mutant) (fun bytes ->
                 try
                     (read bytes).Bytes.Length > 0
                 with :? ImageFormatException ->
                     true))

        testCase "an animation holds every frame, and its first is the image" (fun () ->
            let first = uniform 1 [ 3; 4; 5 ]
            // The second differs in one pixel and another beside and below it, the third not at all.
            let second = first.Copy ()
            second.Values[7] <- 1f - second.Values[7]
            second.Values[13] <- 1f - second.Values[13]
            let frames = [| first; second; second; uniform 2 [ 3; 4; 5 ] |] |> Array.map Raster.FromTensor
            use stream = new MemoryStream ()
            Png.WriteAnimation (stream, frames, 250)
            let bytes = stream.ToArray ()
            Expect.isTrue (same frames[0] (read bytes)) "the first"

            let rec chunks at =
                if at >= bytes.Length then
                    []
                else
                    let length = BitConverter.ToInt32 (Array.rev bytes[at .. at + 3], 0)

                    (Text.Encoding.ASCII.GetString bytes[at + 4 .. at + 7], bytes[at + 8 .. at + 7 + length])
                    :: chunks (at + 12 + length)

            let named name = chunks 8 |> List.filter (fst >> (=) name) |> List.map snd

            let sequence =
                chunks 8
                |> List.filter (fun (name, _) -> name = "fcTL" || name = "fdAT")
                |> List.map (fun (_, data) -> data[3])

            Expect.equal sequence [ 0uy .. 6uy ] "sequence numbers"

            Expect.equal
                (named "fcTL" |> List.map (fun data -> data[20..23]))
                (List.replicate 4 [| 0uy; 250uy; 3uy; 232uy |])
                "durations"

            // As a player shows them: each frame's rectangle over what was there.
            let place (control: byte[]) field = int control[field + 3]
            let canvas = Array.copy (read bytes).Bytes

            let rectangles =
                List.zip3 (List.ofArray frames[1..]) (List.tail (named "fcTL")) (named "fdAT")
                |> List.map (fun (frame, control, data) ->
                    let width, height, left, top =
                        place control 4, place control 8, place control 12, place control 16

                    let part =
                        read (
                            file [
                                chunk "IHDR" (header width height 8uy 2uy)
                                chunk "IDAT" data[4..]
                                chunk "IEND" [||]
                            ]
                        )

                    for row in 0 .. height - 1 do
                        Array.blit part.Bytes (row * width * 3) canvas (((top + row) * 5 + left) * 3) (width * 3)

                    Expect.equal canvas frame.Bytes "a later frame"
                    width, height, left, top)

            Expect.equal rectangles[0..1] [ 2, 2, 2, 1; 1, 1, 0, 0 ] "what changed"

            Expect.throwsT<ArgumentException> (fun () -> Png.WriteAnimation (stream, [||], 250)) "no frame")

        testCase "a file is written whole or not at all" (fun () ->
            let folder = Directory.CreateTempSubdirectory "fovea-png"
            let path = Path.Combine (folder.FullName, "a.png")
            let raster = Raster.FromTensor (uniform 1 [ 3; 4; 5 ])
            Png.Save (path, raster)

            Expect.throws
                (fun () ->
                    AtomicFile.Write (
                        path,
                        fun file ->
                            file.WriteByte 1uy
                            failwith "in the middle"
                    ))
                "passed on"

            Expect.isTrue (same raster (Png.Load path)) "the old file is there"
            Expect.equal (folder.GetFiles().Length) 1 "and nothing else"
            folder.Delete true)
    ]
