/// Damaged files of every kind that the library reads: the outcome is a correct value or a DataFileException, and
/// memory stays in proportion.
module Fovea.Tests.DataFuzzTests

open System
open System.IO
open Expecto
open Fovea.Core.Data
open Fovea.Tests.DataSupport
open Fovea.Tests.FuzzSupport

let private extremes = [| 0uy; 1uy; 0x7Fuy; 0x80uy; 0xFFuy; byte '0'; byte '7' |]

/// One small damage. Half of them hit the first bytes, where headers are.
let private damageHeaders (random: Random) (bytes: byte[]) =
    let place () =
        if bytes.Length = 0 then 0
        elif random.Next 2 = 0 then random.Next (min bytes.Length 32)
        else random.Next bytes.Length

    let changed change =
        let copy = Array.copy bytes

        if copy.Length > 0 then
            change copy (place ())

        copy

    match random.Next 7 with
    | 0 -> changed (fun copy at -> copy[at] <- copy[at] ^^^ (1uy <<< random.Next 8))
    | 1 -> changed (fun copy at -> copy[at] <- extremes[random.Next extremes.Length])
    | 2 -> changed (fun copy at -> copy[at] <- byte (random.Next 256))
    | 3 -> bytes[.. place () - 1]
    | 4 -> Array.append bytes (noise (random.Next ()) (random.Next 600))
    | 5 -> Array.removeManyAt (place ()) (min (random.Next 20) (bytes.Length - min bytes.Length (place ()))) bytes
    | _ ->
        changed (fun copy at ->
            for i in at .. min (copy.Length - 1) (at + 3) do
                copy[i] <- extremes[random.Next extremes.Length])

let private mutantOf (random: Random) bytes =
    let mutable result = bytes

    for _ in 0 .. random.Next 4 do
        result <-
            try
                damageHeaders random result
            with :? ArgumentException ->
                result

    result

let private fuzz name count (bytes: byte[]) read =
    FuzzSupport.run
        name
        count
        (fun number -> mutantOf (Random (20260101 + number)) bytes)
        (fun fault -> fault :? DataFileException)
        read

let private stream (bytes: byte[]) = new MemoryStream (bytes)

/// A value must hold together: every label a class, every image readable.
let private isWhole (data: ImageDataset) =
    for i in 0 .. data.Count - 1 do
        if data.Label i >= data.Classes.Count || data.Pixels(i).Length <> data.ImageShape.Count then
            failtest "a dataset that does not hold together"

let private images, private labels = idxImages 3 (6, 4, 5), idxLabels [ 0uy; 1uy; 2uy; 3uy; 4uy; 5uy ]

let tests =
    testList "Damaged data" [
        fuzz "file of IDX images" mutants images (fun mutated ->
            Idx.Read (stream mutated, "images", stream labels, "labels", "data", Mnist.Classes) |> isWhole)

        fuzz "file of IDX labels" mutants labels (fun mutated ->
            Idx.Read (stream images, "images", stream mutated, "labels", "data", Mnist.Classes) |> isWhole)

        fuzz "gzipped IDX file" (mutants / 3) (gzip images) (fun mutated ->
            inFolder (fun folder ->
                for name, bytes in List.tail mnistFiles do
                    put folder name bytes |> ignore

                put folder (mnistNames[0] + ".gz") mutated |> ignore
                let struct (train, _) = Mnist.Load folder
                isWhole train))

        fuzz "CIFAR-10 file" mutants (cifarFile 1) (fun mutated ->
            Cifar10.Read (stream mutated, "file", perFile) |> isWhole)

        fuzz "CIFAR-10 archive" mutants cifarArchive (fun mutated ->
            let struct (train, test) = Cifar10.ReadArchive (stream mutated, "archive", perFile)
            isWhole train
            isWhole test)

        fuzz "gzipped CIFAR-10 archive" (mutants / 10) (gzip cifarArchive) (fun mutated ->
            inFolder (fun folder ->
                let struct (train, test) = Cifar10.Load (put folder "a.tar.gz" mutated, perFile)
                isWhole train
                isWhole test))

        fuzz "tar archive" (mutants / 3) (tar [ "a/one", noise 1 100; "two", noise 2 700 ]) (fun mutated ->
            inFolder (fun outer ->
                let folder = Path.Combine (outer, "target")

                try
                    TarArchive.Extract (stream mutated, "archive", folder, 100_000L) |> ignore
                finally
                    Expect.equal (Directory.GetFileSystemEntries outer) [| folder |] "only the target is written"))
    ]
