module Fovea.Tests.DownloadTests

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Security.Cryptography
open Expecto
open Fovea.Core.Data
open Fovea.Tests.DataSupport

let md5 (bytes: byte[]) = Convert.ToHexStringLower (MD5.HashData bytes)

// ---- A server on this machine ----

/// What a server was asked for: the path, and the first byte of the range if there was one.
type Request = { Path: string; From: int option }

/// What it does about it.
type Answer =
    /// All bytes, whatever range was asked for.
    | Whole of byte[]
    /// The bytes from the one asked for on.
    | Ranged of byte[]
    /// The first so many of all bytes, and then the connection breaks.
    | Broken of byte[] * sent: int
    /// The same from the byte asked for on.
    | BrokenRange of byte[] * sent: int
    /// An answer without a body.
    | Status of int

let private send (context: HttpListenerContext) (from: int option) answer =
    let response = context.Response

    let partial (bytes: byte[]) =
        match from with
        | Some first when first >= bytes.Length ->
            response.StatusCode <- 416
            response.AddHeader ("Content-Range", $"bytes */{bytes.Length}")
            [||]
        | Some first ->
            response.StatusCode <- 206
            response.AddHeader ("Content-Range", $"bytes {first}-{bytes.Length - 1}/{bytes.Length}")
            bytes[first..]
        | None -> bytes

    let write (bytes: byte[]) sent =
        response.ContentLength64 <- bytes.Length
        response.OutputStream.Write (bytes, 0, min sent bytes.Length)
        response.OutputStream.Flush ()
        if sent < bytes.Length then response.Abort () else response.Close ()

    match answer with
    | Whole bytes -> write bytes bytes.Length
    | Ranged bytes -> write (partial bytes) bytes.Length
    | Broken (bytes, sent) -> write bytes sent
    | BrokenRange (bytes, sent) -> write (partial bytes) sent
    | Status code ->
        response.StatusCode <- code
        response.Close ()

let rec private listen attempts =
    let listener = new HttpListener ()
    let port = Random.Shared.Next (20_000, 60_000)
    listener.Prefixes.Add $"http://localhost:{port}/"

    try
        listener.Start ()
        listener, Uri $"http://localhost:{port}/"
    with :? HttpListenerException when attempts > 1 ->
        listen (attempts - 1)

/// Runs with a server that answers in turn, the last answer again and again; gives what it was asked for too.
let serving (answers: Answer list) (run: Uri -> 'a) =
    let listener, address = listen 20
    use listener = listener
    let requests = List<Request>()

    let serve = async {
        let mutable left = answers

        while listener.IsListening do
            let! context = listener.GetContextAsync () |> Async.AwaitTask
            let range = context.Request.Headers["Range"]

            let from = if isNull range then None else Some (int (range.Replace("bytes=", "").TrimEnd '-'))

            requests.Add { Path = context.Request.Url.AbsolutePath; From = from }

            send context from left.Head
            left <- if left.Tail.IsEmpty then left else left.Tail
    }

    Async.StartAsTask (async { do! Async.Catch serve |> Async.Ignore }) |> ignore
    let result = run address
    result, List.ofSeq requests

let fetchWith (progress: DownloadProgress -> unit) (address: Uri) (target: string) (hash: string) =
    Download.FileAsync(Uri (address, "file.bin"), target, hash, progress).GetAwaiter().GetResult()

let fetch address target hash = fetchWith ignore address target hash

/// Fetches into an empty folder that a test may prepare; gives the requests and the files that are there afterwards.
let fetched prepare answers hash =
    inFolder (fun folder ->
        let target = Path.Combine (folder, "file.bin")
        prepare folder

        let fault, requests =
            serving answers (fun address ->
                try
                    fetch address target hash
                    None
                with :? DownloadException as fault ->
                    Some (fault.Message.Replace(string address, "ADDRESS/").Replace(folder, "…").Replace('\\', '/')))

        let files =
            Directory.GetFiles folder
            |> Array.map (fun path -> Path.GetFileName path, File.ReadAllBytes path)
            |> Array.sortBy fst
            |> List.ofArray

        {| Fault = fault; Ranges = requests |> List.map _.From; Files = files |})

let file = noise 7 200_000
let there = [ "file.bin", file ]
let part length folder = put folder "file.bin.part" file[.. length - 1] |> ignore

let fileTests =
    testList "a file" [
        testCase "it is fetched, and nothing else is left" (fun () ->
            let result = fetched ignore [ Ranged file ] (md5 file)
            Expect.equal result.Fault None "fault"
            Expect.equal result.Files there "files"
            Expect.equal result.Ranges [ None ] "ranges")

        testCase "it is not fetched again where it is there with the right checksum" (fun () ->
            let result = fetched (fun folder -> put folder "file.bin" file |> ignore) [ Status 500 ] (md5 file)
            Expect.equal result.Fault None "fault"
            Expect.equal result.Ranges [] "ranges")

        testCase "a checksum in capitals is the same" (fun () ->
            let result = fetched ignore [ Ranged file ] ((md5 file).ToUpperInvariant())
            Expect.equal result.Fault None "fault")

        testCase "a damaged file is replaced" (fun () ->
            let result = fetched (fun folder -> put folder "file.bin" file[..99] |> ignore) [ Ranged file ] (md5 file)
            Expect.equal result.Files there "files")

        testCase "a wrong checksum is an error and leaves no file" (fun () ->
            let wrong = md5 [||]
            let result = fetched ignore [ Ranged file ] wrong

            Expect.equal
                result.Fault
                (Some
                    $"ADDRESS/file.bin: expected a file with MD5 {wrong}, got {md5 file}; try again; if it stays so, the published file has changed: fetch it by other means, check it, and put it at …/file.bin")
                "the sentence"

            Expect.equal result.Files [ "file.bin.part", [||] ] "files")

        testCase "a broken connection is taken up where it broke" (fun () ->
            let result = fetched ignore [ Broken (file, 70_000); BrokenRange (file, 50_000); Ranged file ] (md5 file)

            Expect.equal result.Fault None "fault"
            Expect.equal result.Files there "files"
            Expect.equal result.Ranges.Length 3 "requests"
            Expect.isTrue (result.Ranges |> List.tail |> List.forall Option.isSome) "later requests name a range")

        testCase "an earlier try is taken up where it stopped" (fun () ->
            let result = fetched (part 150_000) [ Ranged file ] (md5 file)
            Expect.equal result.Files there "files"
            Expect.equal result.Ranges [ Some 150_000 ] "ranges")

        testCase "an earlier try that had everything needs no more bytes" (fun () ->
            let result = fetched (part 200_000) [ Ranged file ] (md5 file)
            Expect.equal result.Files there "files"
            Expect.equal result.Ranges [ Some 200_000 ] "ranges")

        testCase "a server without ranges sends the whole again" (fun () ->
            let result = fetched (part 150_000) [ Whole file ] (md5 file)
            Expect.equal result.Files there "files"
            Expect.equal result.Ranges [ Some 150_000 ] "ranges")

        testCase "an earlier try that does not fit is dropped, and the whole fetched once more" (fun () ->
            let stale folder = put folder "file.bin.part" (noise 8 100_000) |> ignore
            let result = fetched stale [ Ranged file ] (md5 file)
            Expect.equal result.Files there "files"
            Expect.equal result.Ranges [ Some 100_000; None ] "ranges")

        testCase "an earlier try that is too long is dropped" (fun () ->
            let stale folder = put folder "file.bin.part" (noise 8 300_000) |> ignore
            let result = fetched stale [ Ranged file ] (md5 file)
            Expect.equal result.Files there "files"
            Expect.equal result.Ranges [ Some 300_000; None ] "ranges")

        testCase "an address without the file is told at once" (fun () ->
            let result = fetched ignore [ Status 404 ] (md5 file)

            Expect.equal
                result.Fault
                (Some
                    "ADDRESS/file.bin: the server answered 404 (Not Found); try later, or fetch the file by other means and put it at …/file.bin")
                "the sentence"

            Expect.equal result.Ranges [ None ] "asked once")

        testCase "a connection that keeps breaking is told, and what arrived is kept" (fun () ->
            let result = fetched ignore [ Broken (file, 70_000); BrokenRange (file, 0) ] (md5 file)
            let said = defaultArg result.Fault ""
            Expect.stringStarts said "ADDRESS/file.bin: the connection failed (" "the sentence"
            Expect.stringContains said "what arrived is kept, and the next try goes on from there" "the mend"
            Expect.equal (result.Files |> List.map fst) [ "file.bin.part" ] "files"
            Expect.isNonEmpty (snd result.Files.Head) "bytes kept")

        testCase "no server at all is told" (fun () ->
            inFolder (fun folder ->
                let address, _ = serving [ Status 500 ] (fun address -> address)
                let target = Path.Combine (folder, "file.bin")
                let fetch () = fetch address target ""
                Expect.throwsT<DownloadException> fetch "nobody listens"))

        testCase "progress is told from the first byte to the last" (fun () ->
            inFolder (fun folder ->
                part 150_000 folder
                let told = List<DownloadProgress>()

                serving [ Ranged file ] (fun address ->
                    fetchWith (fun it -> told.Add it) address (Path.Combine (folder, "file.bin")) (md5 file))
                |> ignore

                let bytes = told |> Seq.map _.Bytes |> List.ofSeq
                Expect.equal bytes.Head 150_000L "first"
                Expect.equal (List.last bytes) 200_000L "last"
                Expect.equal (List.sort bytes) bytes "never backwards"
                Expect.all told (fun it -> it.Total = Nullable 200_000L && it.File = "file.bin") "total and name"))

        testCase "two downloads of one file do not mix" (fun () ->
            inFolder (fun folder ->
                let target = Path.Combine (folder, "file.bin")
                use _ = new FileStream (target + ".part", FileMode.Create, FileAccess.Write, FileShare.None)
                let fetch () = fetch (Uri "http://localhost:1/") target ""
                Expect.throwsT<DownloadException> fetch "the part is another's"))
    ]

// ---- Datasets ----

/// A made-up CIFAR-10 as it would be published at an address.
let published archive (address: Uri) =
    PublishedDataset (
        "CIFAR-10",
        "cifar-10-batches-bin",
        address,
        [| PublishedFile ("cifar-10-binary.tar.gz", md5 archive) |],
        [| for name, bytes in cifarFiles -> UnpackedFile (name, bytes.LongLength) |]
    )

let download cache set = Download.DatasetAsync(set, cache).GetAwaiter().GetResult()
let entries folder = Directory.GetFileSystemEntries folder |> Array.map Path.GetFileName

let datasetTests =
    testList "a dataset" [
        testCase "an archive is fetched and unpacked, and only the folder stays" (fun () ->
            inFolder (fun cache ->
                let archive = gzip cifarArchive

                let (folder: string), requests =
                    serving [ Ranged archive ] (fun address -> published archive address |> download cache)

                Expect.equal requests [ { Path = "/cifar-10-binary.tar.gz"; From = None } ] "requests"
                Expect.equal (entries cache) [| "cifar-10-batches-bin" |] "what stays"
                let struct (train, _) = Cifar10.Load (folder, perFile)
                Expect.equal train.Count (5 * perFile) "images"))

        testCase "it is not fetched again where it is there" (fun () ->
            inFolder (fun cache ->
                putCifar (Path.Combine (cache, "cifar-10-batches-bin"))
                let _, requests = serving [ Status 500 ] (fun address -> published [||] address |> download cache)
                Expect.equal requests [] "requests"))

        testCase "half a folder is replaced" (fun () ->
            inFolder (fun cache ->
                let folder = Path.Combine (cache, "cifar-10-batches-bin")
                putCifar folder
                File.Delete (Path.Combine (folder, "test_batch.bin"))
                let archive = gzip cifarArchive
                serving [ Ranged archive ] (fun address -> published archive address |> download cache) |> ignore
                Expect.equal (entries cache) [| "cifar-10-batches-bin" |] "what stays"
                Expect.equal (entries folder).Length 6 "files"))

        testCase "an archive with other files is an error and leaves no folder" (fun () ->
            inFolder (fun cache ->
                let archive = gzip (tar [ "cifar-10-batches-bin/data_batch_1.bin", [| 1uy |] ])

                let said, _ =
                    serving [ Ranged archive ] (fun address ->
                        sentence cache (fun () -> published archive address |> download cache))

                Expect.equal
                    said
                    "…/cifar-10-binary.tar.gz: expected data_batch_1.bin of 9,219 bytes, got none; the published archive has changed: unpack it by hand"
                    "the sentence"

                Expect.equal (entries cache) [| "cifar-10-binary.tar.gz" |] "what stays"))

        testCase "plain files are fetched one by one into the dataset's folder" (fun () ->
            inFolder (fun cache ->
                let files = mnistFiles |> List.map (fun (name, bytes) -> name + ".gz", gzip bytes)

                let (folder: string), requests =
                    serving (files |> List.map (snd >> Ranged)) (fun address ->
                        let files = [| for name, bytes in files -> PublishedFile (name, md5 bytes) |]

                        PublishedDataset ("MNIST", "mnist", address, files) |> download cache)

                Expect.equal (requests |> List.map _.Path) (files |> List.map (fun (name, _) -> "/" + name)) "paths"
                let struct (train, _) = Mnist.Load folder
                Expect.equal train.Count 4 "images"))

        testCase "the published addresses and checksums are whole" (fun () ->
            for set in [ Cifar10.Published; Mnist.Published; FashionMnist.Published ] do
                Expect.stringEnds (string set.Address) "/" "addresses end in a slash"

                for file in set.Files do
                    Expect.equal file.Md5.Length 32 file.Name
                    Expect.isTrue (Seq.forall Char.IsAsciiHexDigitLower file.Md5) file.Name)
    ]

let cacheTests =
    testList "the cache" [
        testCase "XDG_CACHE_HOME names it" (fun () ->
            let before = Environment.GetEnvironmentVariable "XDG_CACHE_HOME"

            inFolder (fun folder ->
                try
                    Environment.SetEnvironmentVariable ("XDG_CACHE_HOME", folder)
                    Expect.equal DataCache.Folder (Path.Combine (folder, "fovea")) "set"
                    Environment.SetEnvironmentVariable ("XDG_CACHE_HOME", "relative")
                    Expect.isTrue (Path.IsPathFullyQualified DataCache.Folder) "a relative one counts as unset"
                finally
                    Environment.SetEnvironmentVariable ("XDG_CACHE_HOME", before)))
    ]

let tests = testList "Downloads" [ fileTests; datasetTests; cacheTests ]
