/// Small made-up data files, and what reading them says.
module Fovea.Tests.DataSupport

open System
open System.Formats.Tar
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open Fovea.Core.Data
open Fovea.Core.Shapes

// ---- Folders ----

/// Runs with an empty folder, which is gone afterwards.
let inFolder (run: string -> 'a) =
    let folder = Directory.CreateTempSubdirectory "fovea-test-"

    try
        run folder.FullName
    finally
        folder.Delete true

let put folder name (bytes: byte[]) =
    let path = Path.Combine (folder, name)
    Directory.CreateDirectory (Path.GetDirectoryName path) |> ignore
    File.WriteAllBytes (path, bytes)
    path

// ---- Bytes and shapes ----

let shape (extents: int list) = Shape.Of (List.toArray extents)

let random (seed: int) = Random seed

let noise seed count =
    let bytes = Array.zeroCreate count
    (random seed).NextBytes bytes
    bytes

let upTo length (bytes: byte[]) = Array.truncate length bytes

let text (content: string) = Encoding.UTF8.GetBytes content

let gzip (bytes: byte[]) =
    use packed = new MemoryStream ()

    using (new GZipStream (packed, CompressionLevel.Fastest, true)) (fun gzip -> gzip.Write (bytes, 0, bytes.Length))

    packed.ToArray ()

let tar (entries: (string * byte[]) list) =
    use packed = new MemoryStream ()

    using (new TarWriter (packed, TarEntryFormat.Ustar, true)) (fun writer ->
        for name, bytes in entries do
            UstarTarEntry (TarEntryType.RegularFile, name, DataStream = new MemoryStream (bytes))
            |> writer.WriteEntry)

    packed.ToArray ()

// ---- CIFAR-10 ----

/// Images in each of the six files of a made-up CIFAR-10.
let perFile = 3

let cifarNames = List.init 5 (fun i -> $"data_batch_{i + 1}.bin") @ [ "test_batch.bin" ]

/// A file of records: label, then 3,072 bytes.
let cifarFile seed = [|
    for i in 0 .. perFile - 1 do
        byte ((seed + i) % 10)
        yield! noise (seed * 100 + i) 3072
|]

let cifarFiles = cifarNames |> List.mapi (fun i name -> name, cifarFile (i + 1))

let putCifar folder =
    for name, bytes in cifarFiles do
        put folder name bytes |> ignore

let cifarArchive = tar [ for name, bytes in cifarFiles -> $"cifar-10-batches-bin/{name}", bytes ]

// ---- IDX ----

let bigEndian (value: int) = BitConverter.GetBytes value |> Array.rev

let idx magic (extents: int list) (data: byte[]) =
    Array.concat [ bigEndian magic; yield! List.map bigEndian extents; data ]

let idxImages seed (count, height, width) = idx 2051 [ count; height; width ] (noise seed (count * height * width))
let idxLabels (labels: byte list) = idx 2049 [ labels.Length ] (Array.ofList labels)

let mnistNames = [
    "train-images-idx3-ubyte"
    "train-labels-idx1-ubyte"
    "t10k-images-idx3-ubyte"
    "t10k-labels-idx1-ubyte"
]

let mnistFiles =
    List.zip mnistNames [
        idxImages 1 (4, 5, 6)
        idxLabels [ 3uy; 1uy; 4uy; 9uy ]
        idxImages 2 (2, 5, 6)
        idxLabels [ 2uy; 7uy ]
    ]

// ---- What came of it ----

/// The sentence of the DataFileException that an action throws, with the folder's path written as `…`.
let sentence (folder: string) action =
    try
        action () |> ignore
        failtest "It was read without complaint."
    with :? DataFileException as fault ->
        fault.Message.Replace(folder, "…").Replace('\\', '/')

let pixels (data: ImageDataset) = Array.init data.Count (fun i -> data.Pixels(i).ToArray())
