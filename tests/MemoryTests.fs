/// The memory that sessions run in.
module Fovea.Tests.MemoryTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Microsoft.FSharp.NativeInterop
open Fovea.Core.Memory

#nowarn "9"

let private lifetimes =
    gen {
        let! first = Gen.choose (0, 12)
        let! length = Gen.frequency [ 3, Gen.choose (0, 3); 1, Gen.choose (0, 12) ]
        let! floats = Gen.frequency [ 1, Gen.constant 0; 5, Gen.choose (1, 300); 1, Gen.choose (300, 5000) ]
        return Lifetime (int64 floats, first, first + length)
    }
    |> Gen.listOf

let private forLifetimes property = Prop.forAll (Arb.fromGen lifetimes) property

let private pairs list = [
    for i, a in List.indexed list do
        for b in List.skip (i + 1) list do
            a, b
]

let tests =
    testList "Memory" [
        testProperty "buffers that are needed at the same time never overlap"
        <| forLifetimes (fun buffers ->
            let plan = ArenaPlan.Place (List.toArray buffers)

            for (a: Lifetime, at: int64), (b: Lifetime, bt: int64) in
                pairs (List.zip buffers (List.ofSeq plan.Offsets)) do
                let together = a.First <= b.Last && b.First <= a.Last
                let apart = at + a.Floats <= bt || bt + b.Floats <= at
                Expect.isTrue (not together || apart || a.Floats = 0L || b.Floats = 0L) $"{a} at {at} and {b} at {bt}")

        testProperty "every buffer lies inside the arena, on a cache line"
        <| forLifetimes (fun buffers ->
            let plan = ArenaPlan.Place (List.toArray buffers)

            for buffer, offset in List.zip buffers (List.ofSeq plan.Offsets) do
                Expect.isTrue (offset >= 0L && offset + buffer.Floats <= plan.Floats) "inside"
                Expect.equal (offset * 4L % int64 AlignedMemory.Alignment) 0L "aligned")

        testProperty "the arena is no larger than all buffers side by side"
        <| forLifetimes (fun buffers ->
            // Each is rounded up to whole lines, and has one to spare.
            let apart = buffers |> List.sumBy (fun b -> if b.Floats = 0L then 0L else b.Floats + 32L)
            Expect.isLessThanOrEqual (ArenaPlan.Place (List.toArray buffers)).Floats apart "floats")

        testCase "buffers one after the other share their place" (fun () ->
            let plan = ArenaPlan.Place [| for i in 0..9 -> Lifetime (1000L, i, i) |]
            Expect.isLessThan plan.Floats 1100L "one of ten")

        testCase "memory begins on a cache line and is given back once" (fun () ->
            for floats in [ 0L; 1L; 15L; 1000L ] do
                let memory = new AlignedMemory (floats)
                Expect.equal (NativePtr.toNativeInt memory.Start % 64n) 0n "aligned"
                (memory :> IDisposable).Dispose()
                (memory :> IDisposable).Dispose()

                Expect.throwsT<ObjectDisposedException>
                    (fun () -> memory.Start |> NativePtr.toNativeInt |> ignore)
                    "given back")

        testCase
            "much memory begins on a large page where there are such, and holds what is written from end to end"
            (fun () ->
                for floats in [ 1L <<< 20; (1L <<< 20) + 1L; 3_000_000L ] do
                    use memory = new AlignedMemory (floats)

                    if OperatingSystem.IsLinux () then
                        Expect.equal (NativePtr.toNativeInt memory.Start % (2n <<< 20)) 0n "aligned"

                    let values = Span<float32>(NativePtr.toVoidPtr memory.Start, int floats)
                    values.Fill 1.5f
                    Expect.equal values[int floats - 1] 1.5f "the last")

        testCase "more memory than the machine has is told in megabytes" (fun () ->
            Expect.throwsC (fun () -> new AlignedMemory (1L <<< 50) |> ignore) (fun fault ->
                Expect.stringContains fault.Message "use a smaller batch" "the sentence"))
    ]
