module Fovea.Tests.GeneratedTests

open System
open System.Security.Cryptography
open Expecto
open Fovea
open Fovea.Core.Data
open Fovea.Core.Dispatch
open Fovea.Tests.DataSupport

let create training test seed =
    let struct (train, test) = GeneratedImages.Create (training, test, seed)
    train, test

let fingerprint data = pixels data |> Array.concat |> SHA256.HashData |> Convert.ToHexStringLower

let mean (values: float[]) = Array.average values

/// The mean brightness of each image, 0..1.
let brightness (data: ImageDataset) = Array.init data.Count (fun i -> data.Image(i).Values |> Array.averageBy float)

let tests =
    testList "Generated images" [
        testCase "an image depends on seed and place alone: fewer images are the first of more" (fun () ->
            let few, fewTest = create 37 5 1
            let many, manyTest = create 200 60 1
            Expect.equal (pixels few) (Array.take 37 (pixels many)) "training pixels"
            Expect.equal (few.Labels ()) (Array.take 37 (many.Labels ())) "training labels"
            Expect.equal (pixels fewTest) (Array.take 5 (pixels manyTest)) "test pixels")

        testCase "the number of threads changes nothing" (fun () ->
            let before = Workers.Shared.Count

            try
                let made = [
                    for threads in [ 1; 2; 4 ] do
                        Workers.SetShared threads
                        fingerprint (fst (create 300 0 1))
                ]

                Expect.equal (List.distinct made).Length 1 "fingerprints"
            finally
                Workers.SetShared before)

        testCase "other seeds and the test images are other images" (fun () ->
            let train, test = create 50 50 1
            let other, _ = create 50 0 2
            let all = Array.concat [ pixels train; pixels test; pixels other ] |> Array.map Convert.ToHexString
            Expect.equal (Array.distinct all).Length 150 "no image twice")

        testCase "the images are those that they always were" (fun () ->
            // Whoever changes how they are drawn changes what every figure about them was measured on: say so there.
            let train, _ = create 100 0 1

            Expect.equal
                (fingerprint train)
                "5a673efa0dc2c2ce10de9d77242a5f42871b117f4c84c8709b1fb7e7c91748d8"
                "fingerprint of the first hundred")

        testCase "every ten images have each class once" (fun () ->
            let train, test = create 200 50 3

            for data in [ train; test ] do
                for ten in Array.chunkBySize 10 (data.Labels ()) do
                    Expect.equal (Array.sort ten) [| 0..9 |] "ten classes"

            let tens = Array.chunkBySize 10 (train.Labels ())
            Expect.notEqual tens[0] tens[1] "not always in the same order")

        testCase "brightness tells nothing about the class" (fun () ->
            let train, _ = create 4000 0 1
            let values = brightness train
            let overall = mean values
            let deviation = values |> Array.averageBy (fun value -> (value - overall) ** 2.0) |> sqrt

            for label in 0..9 do
                let ofClass = Array.zip values (train.Labels ()) |> Array.filter (snd >> (=) label) |> Array.map fst
                let standardError = deviation / sqrt (float ofClass.Length)
                Expect.isLessThan (abs (mean ofClass - overall)) (4.0 * standardError) train.Classes[label])

        testCase "the channels are alike: no colour stands out" (fun () ->
            let train, _ = create 2000 0 1
            let struct (means, deviations) = train.ChannelStatistics ()
            Expect.isLessThan (Array.max means - Array.min means) 0.01 "means"
            Expect.isLessThan (Array.max deviations - Array.min deviations) 0.01 "deviations")

        testCase "Generated.load gives training images and a fourth as many test images" (fun () ->
            let train, test = Generated.load (40, 7)
            Expect.equal (Data.count train, Data.count test) (40, 10) "counts"
            let _, test = Generated.load (40, 7, test = 3)
            Expect.equal (Data.count test) 3 "said"
            Expect.equal train.Classes[9] "dots" "classes")

        testCase "none at all is a dataset too" (fun () ->
            let train, test = create 0 0 1
            Expect.equal (train.Count, test.Count) (0, 0) "counts")
    ]
