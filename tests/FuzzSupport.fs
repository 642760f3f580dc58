/// Damaged files by the thousand, and disks that fail.
module Fovea.Tests.FuzzSupport

open System
open System.IO
open Expecto
open Fovea.Core.Formats

/// Mutants of each file; FOVEA_FUZZ_COUNT sets another number.
let mutants =
    match Environment.GetEnvironmentVariable "FOVEA_FUZZ_COUNT" with
    | null
    | "" -> 3000
    | count -> int count

// Letters that JSON is made of do more harm than others.
let private letters = "{}[]\":,0123456789-.eE\\ntruefalsnull "B
let private extremes = Array.append [| 0uy; 1uy; 0x7Fuy; 0x80uy; 0xFFuy |] letters

/// One small damage: a bit, a byte, some bytes gone, doubled or inserted, the end cut off.
let private damage (random: Random) (bytes: byte[]) =
    let at = random.Next (max 1 bytes.Length)
    let length = min (random.Next 24) (bytes.Length - at |> max 0)

    match random.Next 7 with
    | _ when bytes.Length = 0 -> [| extremes[random.Next extremes.Length] |]
    | 0 -> bytes |> Array.updateAt at (bytes[at] ^^^ (1uy <<< random.Next 8))
    | 1 -> bytes |> Array.updateAt at extremes[random.Next extremes.Length]
    | 2 -> bytes |> Array.updateAt at (byte (random.Next 256))
    | 3 -> Array.truncate at bytes
    | 4 -> Array.removeManyAt at length bytes
    | 5 -> Array.insertManyAt at bytes[at .. at + length - 1] bytes
    | _ -> Array.insertAt at extremes[random.Next extremes.Length] bytes

let mutant seed bytes =
    let random = Random (seed: int)
    Seq.fold (fun bytes _ -> damage random bytes) bytes (seq { 0 .. random.Next 4 })

let private isNumbered = not (String.IsNullOrEmpty (Environment.GetEnvironmentVariable "FOVEA_FUZZ_COUNT"))

/// Every test of damaged files, for `build.fsx fuzz`.
let all = ResizeArray<Test>()

/// Reads so many mutants. Whatever else than the documented exception is raised fails, with the mutant's number; so does
/// one that takes much memory.
let run name count (mutant: int -> byte[]) (isRefusal: exn -> bool) (read: byte[] -> unit) =
    let test =
        testCase $"a damaged {name} is read or refused, and nothing else" (fun () ->
            let refused =
                seq { 1..count }
                |> Seq.sumBy (fun number ->
                    let mutated = mutant number
                    let before = GC.GetAllocatedBytesForCurrentThread ()

                    let refused =
                        try
                            read mutated
                            0
                        with
                        | fault when isRefusal fault -> 1
                        | fault -> failtestf "mutant %d: %O" number fault

                    let allocated = GC.GetAllocatedBytesForCurrentThread () - before
                    Expect.isLessThan allocated 40_000_000L $"bytes allocated by mutant {number}"
                    refused)

            if isNumbered then
                printfn $"{name}: {count:N0} mutants, {refused:N0} refused, the others read"

            Expect.isGreaterThan refused (count / 10) "mutants refused: the damage is real")

    all.Add test
    test

let private isDataFormat (fault: exn) = fault :? DataFormatException

/// Reads mutants of files, of each in turn.
let fuzzEach name (sources: byte[][]) read =
    run name mutants (fun number -> mutant (20260101 + number) sources[number % sources.Length]) isDataFormat read

/// Reads mutants of a file.
let fuzz name (bytes: byte[]) read = fuzzEach name [| bytes |] read
