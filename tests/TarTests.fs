module Fovea.Tests.TarTests

open System
open System.IO
open System.Text
open Expecto
open Fovea.Core.Data
open Fovea.Tests.DataSupport

/// A ustar header by hand, so that it may say what no writer would.
let header (name: string) (size: string) (kind: char) =
    let block = Array.zeroCreate<byte> 512
    let write at (value: string) = Array.blit (Encoding.ASCII.GetBytes value) 0 block at value.Length
    write 0 name
    write 124 size
    write 148 "        "
    write 156 (string kind)
    write 257 "ustar\00000"
    write 148 (Convert.ToString(Array.sumBy int block, 8).PadLeft(6, '0') + "\000 ")
    block

let ofFile name (content: byte[]) =
    let padding = Array.zeroCreate ((512 - content.Length % 512) % 512)
    Array.concat [ header name (Convert.ToString(content.Length, 8).PadLeft(11, '0')) '0'; content; padding ]

let extract (archive: byte[]) folder = TarArchive.Extract (new MemoryStream (archive), "a.tar", folder, 1_000_000L)

let refused name archive expected =
    testCase name (fun () ->
        inFolder (fun outer ->
            let folder = Path.Combine (outer, "target")
            Expect.equal (sentence outer (fun () -> extract archive folder)) expected "the sentence"
            let outside = Directory.GetFileSystemEntries outer
            Expect.equal outside [| folder |] "nothing is written outside the target"))

let badName shown =
    $"a.tar: expected file names that stay inside the folder, got “{shown}”; do not use this archive; download the published one"

let tests =
    testList "Tar archives" [
        testCase "an archive is unpacked, folders and all" (fun () ->
            inFolder (fun folder ->
                let files = [ "one", noise 1 1000; "sub/two", noise 2 512; "sub/deep/er/three", [||] ]
                Expect.equal (extract (tar files) folder) 3 "files"

                for name, bytes in files do
                    Expect.equal (File.ReadAllBytes (Path.Combine (folder, name))) bytes name))

        testCase "names may be split into prefix and name" (fun () ->
            inFolder (fun folder ->
                let name = String ('a', 90) + "/" + String ('b', 90)
                extract (tar [ name, [| 7uy |] ]) folder |> ignore
                Expect.equal (File.ReadAllBytes (Path.Combine (folder, name))) [| 7uy |] "content"))

        testCase "links and devices are passed over" (fun () ->
            inFolder (fun folder ->
                let entries = [ for kind in "12346" -> header $"link{kind}" "00000000000" kind ]
                let archive = Array.concat (entries @ [ ofFile "file" [| 1uy |] ])
                Expect.equal (extract archive folder) 1 "files"
                Expect.equal (Directory.GetFileSystemEntries folder).Length 1 "entries"))

        refused "a name with .. is refused" (ofFile "../evil" [| 1uy |]) (badName "../evil")
        refused "a name with .. inside is refused" (ofFile "a/../../evil" [| 1uy |]) (badName "a/../../evil")
        refused "an absolute name is refused" (ofFile "/tmp/evil" [| 1uy |]) (badName "/tmp/evil")
        refused "a name with backslashes is refused" (ofFile "..\\evil" [| 1uy |]) (badName "../evil")
        refused "a name with a drive is refused" (ofFile "C:evil" [| 1uy |]) (badName "C:evil")
        refused "an empty name is refused" (ofFile "" [| 1uy |]) (badName "")

        refused
            "a name that comes twice is refused"
            (Array.append (ofFile "twice" [| 1uy |]) (ofFile "twice" [| 2uy |]))
            "a.tar: expected each file once, got “twice”, which is there already; unpack into an empty folder"

        refused
            "an archive that ends inside a file is refused"
            (upTo 1000 (ofFile "file" (noise 1 600)))
            "a.tar: expected a whole tar archive, got one that ends inside a file (112 bytes before its end); download it again"

        refused
            "an archive that ends inside a header is refused"
            (upTo 100 (ofFile "file" [||]))
            "a.tar: expected a tar archive, got one that ends inside a header; download it again"

        refused
            "a header with a wrong checksum is refused"
            (let archive = ofFile "file" [||] in
             archive[0] <- byte 'g'
             archive)
            "a.tar: expected a tar archive, got a header whose checksum is wrong; download it again"

        refused
            "a size that is not octal is refused"
            (header "file" "9zzzzzzzzzz" '0')
            "a.tar: expected a tar archive of files under 8 GB, got a size that is not written in octal digits; download it again"

        refused
            "more than the limit is refused"
            (ofFile "file" (Array.zeroCreate 1_000_000))
            "a.tar: expected no more than 1,000,000 bytes when unpacked, got more; it is not the published file; download it again"

        testCase "a header's claim allocates nothing" (fun () ->
            inFolder (fun folder ->
                for kind in "0xgLK" do
                    let archive = header "file" "77777777777" kind
                    let before = GC.GetAllocatedBytesForCurrentThread ()
                    let target = Path.Combine (folder, string kind)
                    Expect.throwsT<DataFileException> (fun () -> extract archive target |> ignore) $"kind {kind}"
                    let allocated = GC.GetAllocatedBytesForCurrentThread () - before
                    Expect.isLessThan allocated 1_000_000L $"bytes for kind {kind}"))
    ]
