module Fovea.Tests.NetpbmTests

open System.IO
open System.Text
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats

let read (bytes: byte[]) = Netpbm.Read (new MemoryStream (bytes))

let written raster =
    use stream = new MemoryStream ()
    Netpbm.Write (stream, raster)
    stream.ToArray ()

let faultOf bytes =
    try
        read bytes |> ignore
        failtest "expected an ImageFormatException"
    with :? ImageFormatException as fault ->
        fault.Message

let ascii (text: string) = Encoding.Latin1.GetBytes text

let tests =
    testList "PGM and PPM" [
        testCase "letters with comments are read" (fun () ->
            let raster = read (ascii "P2 # grey\n# a comment\n3 1 # wide\n4\n0 2 4")
            Expect.equal (List.ofArray raster.Bytes) [ 0uy; 128uy; 255uy ] "stretched to 8 bits"
            Expect.equal (read (ascii "P3\n1 1\n255\n1 2 3\n")).Channels 3 "colour")

        testCase "bytes are read, of 8 and 16 bits" (fun () ->
            Expect.equal
                (List.ofArray (read (ascii "P6 1 1 255\n\u0001\u0002\u0003")).Bytes)
                [ 1uy; 2uy; 3uy ]
                "8 bits"

            let deep = read (ascii "P5 1 1 65535\n\u0001\u0002")
            Expect.equal (deep.Depth, deep[0, 0, 0]) (16, 258) "16 bits")

        testProperty
            "what is written is read again, byte for byte"
            (Prop.forAll (Arb.fromGen PngTests.anyRaster) (fun raster ->
                let expected = if raster.HasAlpha then raster.ToRgb () else raster
                raster |> written |> read |> PngTests.same expected))

        testCase "damaged files are refused with a sentence" (fun () ->
            Expect.stringContains (faultOf (ascii "P4 1 1\n")) "P2, P3, P5 or P6" "another kind"
            Expect.stringContains (faultOf (ascii "P5 0 1 255\n")) "not an image" "no pixels"
            Expect.stringContains (faultOf (ascii "P5 1 1 70000\n")) "not an image" "a maximum too large"
            Expect.stringContains (faultOf (ascii "P5 x 1 255\n")) "width is not a number" "no number"
            Expect.stringContains (faultOf (ascii "P5 2 2 255\nabc")) "cut short" "too few pixels"
            Expect.stringContains (faultOf (ascii "P5 1 1 100\nz")) "above the maximum" "a sample too large"
            Expect.stringContains (faultOf (ascii "P5 2000000000 2000000000 255\n")) "more than the limit" "a bomb")

        FuzzSupport.fuzzEach
            "PPM or PGM file"
            [|
                for text in [ "P2 2 2 9\n1 2 3 4"; "P3 1 1 255\n1 2 3"; "P5 2 2 255\nabcd"; "P6 1 1 65535\nabcdef" ] ->
                    ascii text
            |]
            (read >> ignore)
    ]
