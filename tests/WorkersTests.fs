/// The only threads of the library.
module Fovea.Tests.WorkersTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open FsCheck.FSharp
open Fovea.Core.Dispatch

/// Counts how often each chunk is done; some fail.
[<Struct>]
type private Count =
    val Done: int[]
    val Failing: int
    new(chunks, failing) = { Done = Array.zeroCreate<int> chunks; Failing = failing }

    interface IJob with
        member this.Run (chunk, _) =
            if chunk = this.Failing then
                raise (InvalidOperationException $"chunk {chunk}")

            Interlocked.Increment &this.Done[chunk] |> ignore

/// Every chunk hands out a job of its own to the same workers.
[<Struct>]
type private Nested(workers: Workers, inner: int[][]) =
    interface IJob with
        member _.Run (chunk, _) =
            let mutable job = Count (inner[chunk].Length, -1)
            workers.Run (&job, inner[chunk].Length)
            job.Done.CopyTo (inner[chunk], 0)

/// Remembers which workers ran.
[<Struct>]
type private Who(seen: int[]) =
    interface IJob with
        member _.Run (_, worker) = Interlocked.Increment &seen[worker] |> ignore

/// Remembers the chunks that each worker did, in their order.
[<Struct>]
type private Order(done': ResizeArray<int>[]) =
    interface IJob with
        member _.Run (chunk, worker) =
            done'[worker].Add chunk
            Thread.SpinWait 50

/// The first chunk that a worker other than the caller takes ends when all others are done.
[<Struct>]
type private Held =
    val Done: CountdownEvent
    val Held: int[]
    new(chunks) = { Done = new CountdownEvent (chunks - 1); Held = [| 0; 0 |] }

    interface IJob with
        member this.Run (_, worker) =
            let held, others = this.Held, this.Done

            if worker > 0 && Interlocked.CompareExchange (&held[0], 1, 0) = 0 then
                held[1] <- if others.Wait 20_000 then 1 else -1
            elif others.CurrentCount > 0 then
                // The caller leaves the worker the time to come.
                if worker = 0 then
                    SpinWait.SpinUntil ((fun () -> held[0] = 1), 1000) |> ignore

                others.Signal () |> ignore

let private once (job: Count) = Array.forall ((=) 1) job.Done

let tests =
    testList "Workers" [
        testProperty "every chunk is done once, whatever their number"
        <| Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (1, 4)) (Gen.choose (0, 100)))) (fun (count, chunks) ->
            use workers = new Workers (count)
            let mutable job = Count (chunks, -1)
            workers.Run (&job, chunks)
            Expect.isTrue (once job) "once each")

        testCase "thousands of jobs, one after the other" (fun () ->
            use workers = new Workers (4)

            for i in 1..5000 do
                let mutable job = Count (i % 17, -1)
                workers.Run (&job, i % 17)
                Expect.isTrue (once job) $"job {i}")

        testCase "jobs far apart find workers that had gone to sleep" (fun () ->
            use workers = new Workers (3)

            for _ in 1..5 do
                Thread.Sleep 20
                let mutable job = Count (50, -1)
                workers.Run (&job, 50)
                Expect.isTrue (once job) "once each")

        testCase "an exception in a chunk reaches the caller when the rest is done, and harms no later job" (fun () ->
            use workers = new Workers (3)

            for failing in [ 0; 7; 19 ] do
                let mutable job = Count (20, failing)

                let said =
                    try
                        workers.Run (&job, 20)
                        ""
                    with :? InvalidOperationException as fault ->
                        fault.Message

                Expect.equal said $"chunk {failing}" "the exception"
                Expect.equal (Array.sum job.Done) 19 "the others"
                let mutable next = Count (20, -1)
                workers.Run (&next, 20)
                Expect.isTrue (once next) "the next job")

        testCase "an exception on one worker reaches the caller too" (fun () ->
            use workers = new Workers (1)
            let mutable job = Count (3, 1)

            try
                workers.Run (&job, 3)
                failtest "nothing was thrown"
            with :? InvalidOperationException ->
                ())

        testCase "many threads call at once, and each gets its own" (fun () ->
            use workers = new Workers (3)
            let wrong = ref 0

            let call () =
                for i in 1..300 do
                    let mutable job = Count (i % 11, -1)
                    workers.Run (&job, i % 11)

                    if not (once job) then
                        Interlocked.Increment wrong |> ignore

            let threads = [ for _ in 1..8 -> Thread call ]
            threads |> List.iter _.Start()
            threads |> List.iter _.Join()
            Expect.equal wrong.Value 0 "jobs with a chunk left out or done twice")

        testCase "a job inside a job is done" (fun () ->
            use workers = new Workers (4)
            let inner = Array.init 10 (fun i -> Array.zeroCreate<int>(i + 1))
            let mutable job = Nested (workers, inner)
            workers.Run (&job, 10)
            Expect.all inner (Array.forall ((=) 1)) "once each")

        testCase "a worker's number is below their count: it is the place of its scratch" (fun () ->
            use workers = new Workers (3)
            let seen = Array.zeroCreate<int> 64

            for _ in 1..200 do
                let mutable job = Who seen
                workers.Run (&job, 40)

            Expect.equal (Array.sum seen) 8000 "all chunks"
            Expect.equal (Array.sum seen[3..]) 0 "no other number")

        testCase
            "a worker begins with a range of its own, the same in every job, and helps with the others' when that is done"
            (fun () ->
                use workers = new Workers (3)

                for _ in 1..300 do
                    let did = Array.init 3 (fun _ -> ResizeArray<int>())
                    let mutable job = Order did
                    workers.Run (&job, 30)
                    Expect.equal (did |> Seq.concat |> Seq.sort |> List.ofSeq) [ 0..29 ] "once each"

                    for worker in 0..2 do
                        let isOwn chunk = chunk / 10 = worker
                        let others = Seq.skipWhile isOwn did[worker]
                        Expect.isFalse (Seq.exists isOwn others) $"worker {worker} did {List.ofSeq did[worker]}")

        testCase "nobody waits for the chunks of a range whose worker is held up" (fun () ->
            use workers = new Workers (2)
            let mutable job = Held 20
            workers.Run (&job, 20)
            use _ = job.Done
            Expect.notEqual job.Held[1] -1 "the others were done meanwhile")

        testCase "handing out a job allocates nothing" (fun () ->
            use workers = new Workers (3)
            let mutable job = Count (8, -1)

            for _ in 1..100 do
                workers.Run (&job, 8)

            let before = GC.GetAllocatedBytesForCurrentThread ()

            for _ in 1..1000 do
                workers.Run (&job, 8)

            Expect.equal (GC.GetAllocatedBytesForCurrentThread () - before) 0L "bytes")

        testCase "the shared ones can be set while others work" (fun () ->
            let before = Workers.Shared.Count

            try
                let busy =
                    Task.Run (fun () ->
                        for _ in 1..500 do
                            let mutable job = Count (9, -1)
                            Workers.Shared.Run (&job, 9)
                            Expect.isTrue (once job) "once each")

                for count in [ 1; 3; 2; 4 ] do
                    Workers.SetShared count
                    Expect.equal Workers.Shared.Count count "as set"

                busy.Wait ()
            finally
                Workers.SetShared before)

        testCase "there is at least one" (fun () ->
            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> new Workers (0) |> ignore) "none")
    ]
