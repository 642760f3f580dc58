module Fovea.Tests.BatchTests

open System
open System.Threading
open Expecto
open FsCheck
open Fovea
open Fovea.Core.Data
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Tests.DataSupport
open Fovea.Tests.DatasetTests

/// What a batch held, copied out of its buffers.
type Copied = { Position: BatchPosition; Places: int[]; Labels: int[]; Images: float32[]; EndsEpoch: bool }

let copied (batch: Batch) = {
    Position = batch.Position
    Places = batch.Places[.. batch.Count - 1]
    Labels = batch.Labels[.. batch.Count - 1]
    Images = batch.Images[.. batch.Count * batch.ImageShape.Count - 1]
    EndsEpoch = batch.EndsEpoch
}

let all (source: IBatchSource) =
    use source = source

    [
        let mutable batch = source.Next ()

        while not (isNull batch) do
            copied batch
            batch <- source.Next ()
    ]

let stages: Augmentation[] = [| alternatingFlip; shift (2, Reflect); cutout 2 |]
let dealt size data = Batches (data, size, 42, augmentations = stages)
let streamed epochs batches = all (new BatchStream (batches, endEpoch = epochs))

let tests =
    testList "Batches" [
        testProperty
            "an epoch has every image once, in batches of the size, the last one smaller"
            (fun (PositiveInt count) (PositiveInt size) (seed: int) ->
                let data = numbered (count % 80 + 1)
                let epoch = Batches (data, size, seed) |> streamed 1

                Expect.equal
                    (epoch |> List.map _.Places |> Array.concat |> Array.sort)
                    [| 0 .. data.Count - 1 |]
                    "once"

                let sizes = epoch |> List.map _.Places.Length
                Expect.all (List.take (sizes.Length - 1) sizes) ((=) size) "full"

                Expect.equal
                    (epoch |> List.map _.EndsEpoch)
                    (List.init sizes.Length (fun i -> i = sizes.Length - 1))
                    "end")

        testProperty "dropping the last batch leaves only full ones" (fun (PositiveInt count) (PositiveInt size) ->
            let data = numbered (count % 80 + 1)
            let size = min size data.Count
            let batches = Batches (data, size, 1, dropLast = true)
            let sizes = batches |> streamed 1 |> List.map _.Places.Length
            Expect.equal sizes (List.replicate (data.Count / size) size) "sizes"
            Expect.equal (batches.Count, batches.Images) (sizes.Length, List.sum sizes) "what it says")

        testCase "labels and pixels belong to the place" (fun () ->
            let data = numbered 30

            for batch in Batches (data, 7, 1) |> streamed 1 do
                batch.Places
                |> Array.iteri (fun i place ->
                    Expect.equal batch.Labels[i] (data.Label place) "label"
                    Expect.equal batch.Images[i * 12 .. i * 12 + 11] (data.Image(place).Values) "pixels"))

        testProperty "an order is a permutation, another in each epoch and for each seed" (fun (seed: int) ->
            let order seed epoch = Batches(numbered 60, 8, seed).Order epoch
            Expect.equal (Array.sort (order seed 3)) [| 0..59 |] "a permutation"
            Expect.equal (order seed 3) (order seed 3) "the same"
            Expect.notEqual (order seed 3) (order seed 4) "another epoch"
            Expect.notEqual (order seed 3) (order (seed + 1) 3) "another seed")

        testCase "every place of an order is equally likely" (fun () ->
            let batches = Batches (numbered 6, 1, 5)
            let first = [ for epoch in 0..5999 -> batches.Order(epoch)[0] ] |> List.countBy id |> List.sort
            Expect.equal (first |> List.map fst) [ 0..5 ] "all come first"
            // Each 1,000 of 6,000 times; 5 standard deviations are 144.
            Expect.all first (fun (_, count) -> abs (count - 1000) < 144) "equally often")

        testCase "without shuffling images come as they lie" (fun () ->
            let batches = Batches (numbered 10, 4, 1, shuffle = false)
            let places = batches |> streamed 2 |> List.map _.Places |> Array.concat
            Expect.equal places [| yield! [ 0..9 ]; yield! [ 0..9 ] |] "two epochs")

        testCase "an augmented image is the same in batches of any size and order" (fun () ->
            let data = numbered 30

            let byPlace size shuffle =
                Batches (data, size, 42, shuffle = shuffle, augmentations = stages)
                |> streamed 1
                |> List.collect (fun batch ->
                    Array.zip batch.Places (Array.chunkBySize 12 batch.Images) |> List.ofArray)
                |> List.sortBy fst

            Expect.equal (byPlace 7 true) (byPlace 30 false) "by place"

            Expect.notEqual
                (byPlace 7 true |> List.map snd)
                [ for i in 0..29 -> data.Image(i).Values ]
                "it is augmented")

        testCase "stages are done in turn, each with draws of its own" (fun () ->
            let add (amount: float32) =
                augmentation (
                    "add",
                    fun random image ->
                        image.Values[0] <- image.Values[0] + amount
                        image.Values[1] <- random.NextSingle ()
                        image
                )

            let double =
                augmentation (
                    "double",
                    fun random image ->
                        image.Values[0] <- image.Values[0] * 2f
                        image.Values[2] <- random.NextSingle ()
                        image
                )

            let data = numbered 1
            let first = Batches (data, 1, 1, augmentations = [| add 1f; double; add 0.5f |]) |> streamed 1 |> List.head
            Expect.equal first.Images[0] ((data.Image(0).Values[0] + 1f) * 2f + 0.5f) "in turn"
            Expect.notEqual first.Images[1] first.Images[2] "draws of their own")

        testCase "a stream goes on from any position" (fun () ->
            let batches = numbered 30 |> dealt 8
            let whole = streamed 3 batches

            for i, batch in List.indexed whole do
                let rest = all (new BatchStream (batches, batch.Position, 3))
                Expect.equal rest whole[i..] $"from {batch.Position}"

            Expect.equal (all (new BatchStream (batches, BatchPosition (0, 4), 3))) whole[4..] "the end of an epoch")

        testCase "position is where a stream goes on" (fun () ->
            let batches = numbered 30 |> dealt 8
            use stream = new BatchStream (batches)
            let seen = [ for _ in 0..5 -> stream.Position, (stream.Next ()).Position ]
            Expect.all seen (fun (before, got) -> before = got) "the next batch"
            Expect.equal stream.Position (BatchPosition (1, 2)) "after six of four an epoch")

        testProperty
            "prefetching changes no bit"
            (fun (PositiveInt count) (PositiveInt size) (PositiveInt ahead) (NonNegativeInt start) ->
                let batches = numbered (count % 50 + 1) |> dealt (size % 20 + 1)
                let start = BatchPosition (start % 2, start % batches.Count)
                let plain = all (new BatchStream (batches, start, 3))
                let prefetched = all (new PrefetchedBatches (batches, start, 3, ahead % 4 + 1))
                prefetched = plain)

        testCase "a prefetched batch stays as it is until the next is asked for" (fun () ->
            let batches = numbered 40 |> dealt 4
            let expected = streamed 1 batches
            use source = new PrefetchedBatches (batches, endEpoch = 1, ahead = 1)

            for batch in expected do
                let got = source.Next ()
                Thread.Sleep 2 // Time for the thread to run ahead.
                Expect.equal (copied got) batch "unharmed")

        testCase "after the end there is no batch, however often one asks" (fun () ->
            use source = new PrefetchedBatches (numbered 10 |> dealt 4, endEpoch = 1)

            for _ in 1..3 do
                source.Next () |> ignore

            for _ in 1..3 do
                Expect.isNull (source.Next ()) "the end")

        testCase "an exception of an augmentation reaches the consumer at its batch, and again" (fun () ->
            let failing =
                augmentation (
                    "failing",
                    fun _ image ->
                        if image.Values[0] = 0f then
                            invalidOp "no more"

                        image
                )

            // Image 0 begins with byte 0; in order, it is in the first batch of the second epoch too.
            let data = (numbered 12).Subset [| 1; 2; 3; 4; 5; 6; 0; 7 |]
            use source = new PrefetchedBatches (Batches (data, 3, 1, shuffle = false, augmentations = [| failing |]))
            Expect.equal (source.Next ()).Position (BatchPosition (0, 0)) "first"
            Expect.equal (source.Next ()).Position (BatchPosition (0, 1)) "second"

            for _ in 1..2 do
                Expect.throwsC (fun () -> source.Next () |> ignore) (fun fault ->
                    Expect.equal fault.Message "no more" "the augmentation's own"))

        testCase "a stream that is not used up is disposed of at once, and twice does no harm" (fun () ->
            for batches in 0..3 do
                let source = new PrefetchedBatches (numbered 40 |> dealt 4)

                for _ in 1..batches do
                    source.Next () |> ignore

                source.Dispose ()
                source.Dispose ()
                Expect.throwsT<ObjectDisposedException> (fun () -> source.Next () |> ignore) "disposed")

        testCase "batches are made without allocation" (fun () ->
            let data = made 640 3 (fun i -> i % 3)
            use stream = new BatchStream (dealt 32 data)

            let batches count =
                let before = GC.GetAllocatedBytesForCurrentThread ()

                for _ in 1..count do
                    stream.Next () |> ignore

                GC.GetAllocatedBytesForCurrentThread () - before

            batches 40 |> ignore // Two epochs: buffers, and the code is compiled.
            // An epoch's order takes one generator of draws; the batches themselves take nothing.
            Expect.isLessThan (batches 200) 2_000L "bytes in ten epochs")

        testCase "no batch at all is an error" (fun () ->
            Expect.throwsC (fun () -> Batches (numbered 5, 8, 1, dropLast = true) |> ignore) (fun fault ->
                Expect.equal
                    fault.Message
                    "made: expected at least one batch of 8 images, got 5 images; use more images or a smaller batch"
                    "the sentence"))

        testCase "a buffer must fit" (fun () ->
            use stream = new BatchStream (numbered 5 |> dealt 4)
            let small = Batch ((shape [ 2; 2; 3 ]), 3)

            Expect.throwsC (fun () -> stream.Next small |> ignore) (fun fault ->
                Expect.equal
                    fault.Message
                    "made: expected a buffer for 4 images of (2, 2, 3), got one for 3 of (2, 2, 3); make it with NewBatch"
                    "the sentence"))
    ]
