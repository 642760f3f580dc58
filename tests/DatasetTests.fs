module Fovea.Tests.DatasetTests

open System
open Expecto
open FsCheck
open Fovea
open Fovea.Core.Data
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Tests.DataSupport

/// Images of 2×2×3, image i made of bytes that tell i, labels by a rule.
let made count classes (label: int -> int) =
    let bytes = [|
        for i in 0 .. count - 1 do
            for j in 0..11 -> byte ((i * 7 + j * 3) % 256)
    |]

    let names = [| for c in 0 .. classes - 1 -> $"class {c}" |]
    ImageDataset.FromBytes ("made", (shape [ 2; 2; 3 ]), bytes, Array.init count label, names)

let numbered count = made count 3 (fun i -> i % 3)

/// Which images of a whole a part shows, found by their pixels.
let places (whole: ImageDataset) (part: ImageDataset) =
    let known = pixels whole |> Array.indexed |> Array.map (fun (i, image) -> String.Join (",", image), i) |> dict
    [| for image in pixels part -> known[String.Join (",", image)] |]

let isSplit (whole: ImageDataset) held (struct (kept: ImageDataset, out: ImageDataset)) =
    let kept, out = places whole kept, places whole out
    Expect.equal out.Length held "held out"
    Expect.equal (Array.sort (Array.append kept out)) [| 0 .. whole.Count - 1 |] "disjoint and complete"
    Expect.equal (Array.sort kept) kept "the rest keeps its order"
    Expect.equal (Array.sort out) out "what is held out keeps its order"

let refuses<'fault when 'fault :> exn> name expected (action: unit -> obj) =
    testCase name (fun () ->
        try
            action () |> ignore
            failtest "It was accepted."
        with :? 'fault as fault ->
            Expect.stringStarts fault.Message expected "the sentence")

let tests =
    testList "Datasets" [
        testCase "pixels are bytes, and floats are byte/255" (fun () ->
            let bytes = [| 0uy .. 255uy |]
            let data = ImageDataset.FromBytes ("all", (shape [ 1; 16; 16 ]), bytes, [| 0 |], [| "one" |])
            Expect.equal (data.Image(0).Values) [| for b in bytes -> float32 b / 255f |] "floats"
            Expect.equal (data.Images().Shape) ((shape [ 1; 1; 16; 16 ])) "shape of all")

        testCase "any length of image is converted" (fun () ->
            for width in 1..130 do
                let bytes = noise width width
                let data = ImageDataset.FromBytes ("row", (shape [ 1; 1; width ]), bytes, [| 0 |], [| "one" |])
                Expect.equal (data.Image(0).Values) [| for b in bytes -> float32 b / 255f |] $"width {width}")

        testProperty "a tensor of byte/255 keeps its values" (fun (NonEmptyArray (bytes: byte[])) ->
            let floats = [| for b in bytes -> float32 b / 255f |]
            let tensor = Tensor.Wrap ((shape [ 1; 1; 1; bytes.Length ]), floats)
            let data = ImageDataset.FromTensor ("one", tensor, [| 0 |], [| "one" |])
            data.Pixels(0).ToArray() = bytes && data.Images().Values = floats)

        testCase "many images lie in several segments" (fun () ->
            // 4,000 images of 3 kB: more than one segment of 4 MB.
            let count, size = 4000, 3072
            let bytes = noise 1 (count * size)

            let data =
                ImageDataset.FromBytes ("many", (shape [ 3; 32; 32 ]), bytes, Array.zeroCreate count, [| "one" |])

            for i in [ 0; 1; 1023; 1024; 1365; 2047; 2048; 3999 ] do
                Expect.equal (data.Pixels(i).ToArray()) (Array.sub bytes (i * size) size) $"image {i}")

        testProperty "a split is disjoint and complete" (fun (NonNegativeInt count) (NonNegativeInt held) (seed: int) ->
            let whole = made (count % 80) 3 (fun i -> i % 3)
            let held = held % (whole.Count + 1)
            isSplit whole held (whole.Split (held, seed))
            isSplit whole held (whole.SplitByClass (held, seed)))

        testProperty
            "a split by class takes from every class its share, to within one image"
            (fun (labels: byte list) (NonNegativeInt held) (seed: int) ->
                let labels = labels |> List.map (fun label -> int label % 4) |> Array.ofList
                let whole = made labels.Length 4 (fun i -> labels[i])
                let held = held % (whole.Count + 1)
                let struct (_, out) = whole.SplitByClass (held, seed)

                for all, taken in Array.zip (whole.ClassCounts ()) (out.ClassCounts ()) do
                    let share = float all * float held / float (max 1 whole.Count)
                    Expect.isLessThan (abs (float taken - share)) 1.0 "distance from the share")

        testCase "a split is drawn from its seed" (fun () ->
            let whole = numbered 60
            let out seed = let struct (_, out) = whole.SplitByClass (20, seed) in places whole out
            Expect.equal (out 1) (out 1) "the same seed"
            Expect.notEqual (out 1) (out 2) "another seed")

        testCase "parts are views: take, skip, subset, class, and parts of parts" (fun () ->
            let whole = numbered 10
            let shows part = places whole part
            Expect.equal (shows (whole.Take 3)) [| 0; 1; 2 |] "take"
            Expect.equal (shows (whole.Take 99)) [| 0..9 |] "take more than there are"
            Expect.equal (shows (whole.Skip 8)) [| 8; 9 |] "skip"
            Expect.equal (shows (whole.Subset [| 5; 2; 5 |])) [| 5; 2; 5 |] "subset"
            Expect.equal (shows (whole.OfClass 1)) [| 1; 4; 7 |] "class"
            Expect.equal (shows (whole.Skip(4).Subset([| 1; 3 |]).Skip 1)) [| 7 |] "a part of a part"
            Expect.equal ((whole.Subset [| 5; 2 |]).Labels()) [| 2; 2 |] "labels")

        testCase "a part shares the bytes of the whole" (fun () ->
            let whole = numbered 10
            let part = whole.Skip 4
            Expect.isTrue (whole.Pixels(4).Overlaps(part.Pixels 0)) "the very bytes")

        testCase "shuffling keeps every image once, in an order of its seed" (fun () ->
            let whole = numbered 50
            let order seed = places whole (whole.Shuffled seed)
            Expect.equal (Array.sort (order 1)) [| 0..49 |] "every image once"
            Expect.equal (order 1) (order 1) "the same seed"
            Expect.notEqual (order 1) (order 2) "another seed")

        testCase "mean and standard deviation are those of the floats" (fun () ->
            let data = numbered 20
            let struct (mean, deviation) = data.ChannelStatistics ()

            for channel in 0..1 do
                let values = [|
                    for i in 0..19 do
                        for value in data.Image(i).Values[channel * 6 .. channel * 6 + 5] -> float value
                |]

                let average = Array.average values
                let spread = values |> Array.averageBy (fun value -> (value - average) ** 2.0) |> sqrt
                Expect.floatClose Accuracy.medium mean[channel] average "mean"
                Expect.floatClose Accuracy.medium deviation[channel] spread "deviation")

        refuses<ShapeException>
            "pixels and labels must fit"
            "made: 2 images of (1, 2, 2) are 8 pixels, got 9; give a label for each image"
            (fun () -> ImageDataset.FromBytes ("made", (shape [ 1; 2; 2 ]), Array.zeroCreate 9, [| 0; 0 |], [| "a" |]))

        refuses<ShapeException>
            "an image has three extents"
            "made: expected the shape of an image (C, H, W), got (2, 2); give its channels, height and width, each 1 or more"
            (fun () -> ImageDataset.FromBytes ("made", (shape [ 2; 2 ]), Array.zeroCreate 4, [| 0 |], [| "a" |]))

        refuses<ArgumentException>
            "every label has a class"
            "made: expected labels from 0 to 1, got 2 for image 1; name all classes, and count labels from 0"
            (fun () ->
                ImageDataset.FromBytes ("made", (shape [ 1; 1; 1 ]), Array.zeroCreate 2, [| 0; 2 |], [| "a"; "b" |]))

        refuses<ArgumentException>
            "pixels as floats are from 0 to 1"
            "made: expected pixels from 0 to 1, got 1.5 in image 1; scale the images first"
            (fun () ->
                let images = Tensor.Wrap ((shape [ 2; 1; 1; 1 ]), [| 0.5f; 1.5f |])
                ImageDataset.FromTensor ("made", images, [| 0; 0 |], [| "a" |]))

        refuses<ArgumentException>
            "not a number is no pixel"
            "made: expected pixels from 0 to 1, got NaN in image 0; scale the images first"
            (fun () ->
                ImageDataset.FromTensor ("made", Tensor.Wrap ((shape [ 1; 1; 1; 1 ]), [| nanf |]), [| 0 |], [| "a" |]))

        refuses<ArgumentOutOfRangeException>
            "no more can be held out than there are"
            "made: expected to hold out 0 to 10 images, got 11; hold out fewer than there are"
            (fun () -> (numbered 10).Split(11, 0))

        refuses<ArgumentOutOfRangeException>
            "an image must be there"
            "made: expected an image from 0 to 9, got 10"
            (fun () -> (numbered 10).Image 10)
    ]

let valueTests =
    testList "Datasets as values" [
        testCase "the REPL prints name, size, classes and augmentations" (fun () ->
            let data = Data.ofSource (numbered 10) |> Data.augment [ flip; shift (2, Reflect); shift 4; cutout 8 ]

            Expect.equal
                (string data)
                ("made: 10 images of (2, 2, 3), 3 classes, 0.1 kB\n"
                 + "  class 0 4 · class 1 3 · class 2 3\n"
                 + "  augmented: flip, shift (2, Reflect), shift 4, cutout 8")
                "what it prints"

            Expect.equal (sprintf "%A" data) ("\n" + string data) "as %A")

        testCase "more than twelve classes are abridged" (fun () ->
            let data = Data.ofSource (made 40 20 (fun i -> i % 20))
            Expect.stringContains (string data) "class 11 2 · 8 more" "the last line")

        testCase "functions leave what they are given as it was" (fun () ->
            let data = Data.ofSource (numbered 10)
            let changed = data |> Data.augment [ flip ] |> Data.take 3 |> Data.rename "other"
            Expect.equal (Data.count data, data.Augmentations, data.Name) (10, [], "made") "the old"
            Expect.equal (Data.count changed, changed.Augmentations.Length, changed.Name) (3, 1, "other") "the new"
            Expect.equal (Data.plain changed).Augmentations [] "plain")

        testCase "split gives the rest and what was held out, both augmented as before" (fun () ->
            let kept, held = Data.ofSource (numbered 30) |> Data.augment [ flip ] |> Data.split 6
            Expect.equal (Data.count kept, Data.count held) (24, 6) "counts"
            Expect.equal (held.Source.ClassCounts ()) [| 2; 2; 2 |] "classes"
            Expect.equal kept.Augmentations.Length 1 "augmentations")

        testCase "batch gives the images in order as they are" (fun () ->
            let data = Data.ofSource (numbered 10) |> Data.augment [ cutout 2 ]
            let batches = data |> Data.batch 4 |> List.ofSeq
            Expect.equal (batches |> List.map (fun (images, _) -> images.Shape[0])) [ 4; 4; 2 ] "sizes"
            Expect.equal (batches |> List.map snd |> Array.concat) (Data.labels data) "labels"
            let values = batches |> List.map (fun (images, _) -> images.Values) |> Array.concat
            Expect.equal values (Data.images data).Values "pixels")

        testCase "epoch gives what a model sees: each image once, another order in the next" (fun () ->
            let data = Data.ofSource (made 40 40 id)
            let order number = data |> Data.epoch 1 number 16 |> Seq.map snd |> Array.concat
            Expect.equal (Array.sort (order 0)) [| 0..39 |] "each image once"
            Expect.equal (order 0) (order 0) "the same epoch"
            Expect.notEqual (order 0) (order 1) "the next epoch")

        testCase "a class is found by its name, and its absence told" (fun () ->
            let data = Data.ofSource (numbered 10)
            Expect.equal (data |> Data.ofClass "class 1" |> Data.labels) [| 1; 1; 1 |] "by name"

            Expect.throwsC (fun () -> data |> Data.ofClass "dog" |> ignore) (fun fault ->
                Expect.equal
                    fault.Message
                    "made: expected one of its classes (class 0, class 1, class 2), got dog"
                    "the sentence"))

        testCase "images of one's own become a dataset" (fun () ->
            let images = Tensor.Wrap ((shape [ 2; 1; 1; 2 ]), [| 0f; 1f; 0.2f; 0.4f |])
            let data = images |> Data.ofTensor "mine" [ "a"; "b" ] [ 1; 0 ]
            Expect.equal (Data.labels data) [| 1; 0 |] "labels"
            Expect.equal (Data.image 1 data).Values [| 0.2f; 0.4f |] "pixels")

        testCase "find takes the given folder, otherwise the cache" (fun () ->
            Expect.equal (Data.find Mnist.published (Some "here")) "here" "given"
            Expect.stringStarts (Data.find Mnist.published None) DataCache.Folder "cache")
    ]
