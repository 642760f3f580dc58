/// Folders of class folders, and images in other sizes.
module Fovea.Tests.FolderTests

open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Data
open Fovea.Core.Shapes
open Fovea.Tests.DataSupport

let private image seed (height, width) = Picture.photo (uniform seed [ 3; height; width ])

let private save folder (name: string) image =
    let path = Path.Combine (folder, name)
    Directory.CreateDirectory (Path.GetDirectoryName path) |> ignore
    Picture.save path image

let private ppm folder name (text: string) = put folder name (text |> System.Text.Encoding.ASCII.GetBytes) |> ignore

let private said folder load = sentence folder (fun () -> load folder)

let folderTests = [
    testCase "folders are classes, in the order of their names, and so are images" (fun () ->
        inFolder (fun folder ->
            let images = [ for seed in 1..4 -> image seed (4, 6) ]
            save folder "dog/b.png" images[0]
            save folder "dog/a.PNG" images[1]
            save folder "cat/deep/er/x.png" images[2]
            ppm folder "cat/z.ppm" ("P3 6 4 255 " + String.concat " " (List.replicate 72 "9"))
            ppm folder "cat/notes.txt" "no image"
            save folder ".hidden/h.png" images[3]
            ppm folder "readme.md" "no class"
            let data = Folder.load folder
            Expect.equal (Data.classes data) [ "cat"; "dog" ] "classes"
            Expect.equal (List.ofArray (Data.labels data)) [ 0; 0; 1; 1 ] "labels"
            Expect.equal data.Shape (Shape.Of [| 3; 4; 6 |]) "the shape"
            Expect.equal data.Name (Path.GetFileName folder) "the name"

            Expect.equal (Data.image 0 data) (Picture.toTensor images[2]) "the image in a folder of a folder"
            Expect.equal (Data.image 2 data) (Picture.toTensor images[1]) "a.PNG"
            Expect.equal (Data.image 3 data) (Picture.toTensor images[0]) "b.png"))

    testCase "images of other sizes are told with both, unless a size is said" (fun () ->
        inFolder (fun folder ->
            save folder "a/1.png" (image 1 (4, 6))
            save folder "b/2.png" (image 2 (9, 5))

            Expect.equal
                (said folder Folder.load)
                "…/b/2.png: expected an image of 4×6 as the first one, …/a/1.png, got 9×5; say one size for all: size = (4, 6)"
                "the sentence"

            let data = Folder.load (folder, size = Size (3, 3))
            Expect.equal (Data.images data).Shape (Shape.Of [| 2; 3; 3; 3 |]) "the shape"
            let grey = Folder.load (folder, size = Size (3, 3), grey = true)
            Expect.equal grey.Shape (Shape.Of [| 1; 3; 3 |]) "grey"))

    testCase "what is not such a folder is told" (fun () ->
        inFolder (fun folder ->
            let nowhere = Path.Combine (folder, "nowhere")
            Expect.stringContains (said folder (fun _ -> Folder.load nowhere)) "there is no such folder" "nowhere"
            Expect.stringContains (said folder Folder.load) "got no folder in it" "empty"
            Directory.CreateDirectory (Path.Combine (folder, "a")) |> ignore
            Expect.stringContains (said folder Folder.load) "…/a: expected the images of a class" "no image"
            ppm folder "a/x.png" "no PNG"
            Expect.stringContains (said folder Folder.load) "…/a/x.png: expected a PNG, PPM or PGM image" "damaged"))

    testCase "an image is brought to a network's size as those that it was trained on" (fun () ->
        inFolder (fun folder ->
            let one = image 5 (13, 8)
            save folder "a/1.png" one
            let data = Folder.load (folder, size = Size (5, 7))
            Expect.equal (Picture.asInput data.Shape one) (Data.image 0 data) "the same pixels"))
]

/// The mean of what each new pixel covers, by definition, of one row.
let private means (row: float32 list) outputs =
    let step = float row.Length / float outputs

    [
        for o in 0 .. outputs - 1 ->
            let from, until = float o * step, float (o + 1) * step

            row
            |> List.mapi (fun i value -> float value * max 0.0 (min until (float i + 1.0) - max from (float i)))
            |> List.sum
            |> fun sum -> sum / step
    ]

let private bytesOf (values: float list) = values |> List.map (fun value -> float32 (System.Math.Round value))

let private rowData (values: int list) =
    Tensor.Wrap (Shape.Of [| 1; 1; 1; values.Length |], [| for v in values -> float32 v / 255f |])
    |> Data.ofTensor "row" [ "a" ] [ 0 ]

let private row data = (Data.image 0 data).Values |> Array.map (fun v -> round (v * 255f)) |> List.ofArray

let sizeTests = [
    testCase "nearest, bilinear and area, by hand" (fun () ->
        let data = rowData [ 0; 100; 200; 40 ]
        let resized method width = row (Data.resizeBy method (Size (1, width)) data)
        Expect.equal (resized ResizeMethod.Nearest 2) [ 100f; 40f ] "nearest, smaller"
        Expect.equal (resized ResizeMethod.Nearest 8) [ 0f; 0f; 100f; 100f; 200f; 200f; 40f; 40f ] "nearest, larger"
        Expect.equal (resized ResizeMethod.Area 2) [ 50f; 120f ] "area, smaller"
        Expect.equal (resized ResizeMethod.Bilinear 8) [ 0f; 25f; 75f; 125f; 175f; 160f; 80f; 40f ] "bilinear, larger"
        Expect.equal (resized ResizeMethod.Bilinear 4) [ 0f; 100f; 200f; 40f ] "the same size")

    testProperty
        "by area, each pixel is the mean of what it covers"
        (Prop.forAll
            (Arb.fromGen (Gen.zip (Gen.nonEmptyListOf (Gen.choose (0, 255))) (Gen.choose (1, 20))))
            (fun (values, width) ->
                let found = rowData values |> Data.resizeBy ResizeMethod.Area (Size (1, width)) |> row
                let expected = means (List.map float32 values) width
                List.forall2 (fun (a: float32) b -> abs (float a - b) <= 0.501) found expected))

    testCase "rows and columns are resized apart, and channels too" (fun () ->
        let images = uniform 3 [ 2; 3; 6; 4 ]
        let data = Data.ofTensor "both" [ "a" ] [ 0; 0 ] images
        let small = Data.resize (Size (3, 2)) data

        // The mean of 2×2 pixels of each channel.
        let expected = Ops.avgPool (Data.images data, 2)
        Expect.isLessThan ((Data.images small).MaxDifference expected) (0.51f / 255f) "means"
        Expect.equal (Data.labels small) (Data.labels data) "labels")

    testCase "a crop is the middle, and a part of what there is" (fun () ->
        let data = rowData [ 1; 2; 3; 4; 5 ]
        Expect.equal (row (Data.crop (Size (1, 3)) data)) [ 2f; 3f; 4f ] "odd"
        Expect.equal (row (Data.crop (Size (1, 2)) data)) [ 2f; 3f ] "even"
        Expect.throwsT<ShapeException> (fun () -> Data.crop (Size (2, 3)) data |> ignore) "larger")

    testCase
        "a random part, enlarged, has the image's shape, its range, and is the image where all of it is taken"
        (fun () ->
            let data = Data.ofTensor "one" [ "a" ] [ 0 ] (uniform 1 [ 1; 3; 9; 7 ])

            let seen least epoch =
                data |> Data.augment [ randomResizedCrop least ] |> Data.epoch 1 epoch 1 |> Seq.head |> fst

            Expect.equal (seen 1.0 0) (Data.images data) "all"
            let parts = List.init 10 (seen 0.3)
            Expect.isGreaterThan (List.distinct parts).Length 5 "parts"

            for part in parts do
                Expect.isTrue
                    (part.Min () >= (Data.images data).Min() && part.Max () <= (Data.images data).Max())
                    "the range"

            Expect.throwsT<System.ArgumentOutOfRangeException> (fun () -> randomResizedCrop 0.0 |> ignore) "nothing")
]

let tests = testList "Folders and sizes" [ testList "folders" folderTests; testList "sizes" sizeTests ]
