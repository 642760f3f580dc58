module Fovea.Tests.AugmentationTests

open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Data
open Fovea.Core.Randomness
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Tests.DataSupport

/// An image of any small shape with values that are all different.
type Image = { Shape: Shape; Values: float32[] }

let imageOf (channels, height, width) =
    let count = channels * height * width

    {
        Shape = (shape [ channels; height; width ])
        Values = Array.init count (fun i -> float32 (i + 1))
    }

let anyImage =
    let extent = Gen.choose (1, 7)
    Gen.map3 (fun c h w -> imageOf (c, h, w)) (Gen.choose (1, 3)) extent extent |> Arb.fromGen

/// What comes out, into a target that was full of something else.
let written (image: Image) (write: float32[] -> unit) =
    let target = Array.create image.Values.Length -1f
    write target
    { image with Values = target }

let applied (augmentation: Augmentation) epoch place image =
    let draws = Draws (RandomKey.Of(7).Child "test", epoch, place)
    written image (fun target -> augmentation.Apply (image.Values, target, image.Shape, &draws))

let mirror image = written image (fun target -> ImageMoves.Mirror (image.Values, target, image.Shape))

let move down right border image =
    written image (fun target -> ImageMoves.Move (image.Values, target, image.Shape, down, right, border))

/// Of one pixel of a moved image: where it was read, the explicit way.
let explicitMove down right border (image: Image) =
    let rec source i n =
        if i >= 0 && i < n then Some i
        elif border = Core.Shapes.Border.Zeros then None
        elif n = 1 then Some 0
        elif i < 0 then source -i n
        else source (2 * (n - 1) - i) n

    let channels, height, width = image.Shape[0], image.Shape[1], image.Shape[2]

    {
        image with
            Values = [|
                for c in 0 .. channels - 1 do
                    for y in 0 .. height - 1 do
                        for x in 0 .. width - 1 do
                            match source (y - down) height, source (x - right) width with
                            | Some row, Some column -> image.Values[(c * height + row) * width + column]
                            | _ -> 0f
            |]
    }

let forAll (property: Image -> 'a) = Prop.forAll anyImage property
let many = [ 0..199 ]

let tests =
    testList "Augmentations" [
        testCase "mirror reverses every row" (fun () ->
            let image = { Shape = (shape [ 2; 1; 3 ]); Values = [| 1f; 2f; 3f; 4f; 5f; 6f |] }
            Expect.equal (mirror image).Values [| 3f; 2f; 1f; 6f; 5f; 4f |] "rows")

        testProperty "mirroring twice is the identity" (forAll (fun image -> mirror (mirror image) = image))

        testProperty
            "moving by nothing is the identity"
            (forAll (fun image ->
                move 0 0 Core.Shapes.Border.Zeros image = image && move 0 0 Core.Shapes.Border.Reflect image = image))

        testCase "reflection does not repeat the border: of 1 2 3 4, two to the right is 3 2 1 2" (fun () ->
            let row = imageOf (1, 1, 4)
            Expect.equal (move 0 2 Core.Shapes.Border.Reflect row).Values [| 3f; 2f; 1f; 2f |] "right"
            Expect.equal (move 0 -2 Core.Shapes.Border.Reflect row).Values [| 3f; 4f; 3f; 2f |] "left"
            Expect.equal (move 0 2 Core.Shapes.Border.Zeros row).Values [| 0f; 0f; 1f; 2f |] "over zeros")

        testCase "reflection works along both axes: a 3 × 3 image, one down and one right" (fun () ->
            let image = imageOf (1, 3, 3)

            Expect.equal
                (move 1 1 Core.Shapes.Border.Reflect image).Values
                [| 5f; 4f; 5f; 2f; 1f; 2f; 5f; 4f; 5f |]
                "by hand")

        testProperty "a move reads every pixel where the definition says" (fun (down: int) (right: int) ->
            let down, right = down % 20, right % 20

            forAll (fun image ->
                move down right Core.Shapes.Border.Zeros image =
                    explicitMove down right Core.Shapes.Border.Zeros image
                && move down right Core.Shapes.Border.Reflect image =
                    explicitMove down right Core.Shapes.Border.Reflect image))

        testProperty
            "shift 0 and cutout 0 are the identity"
            (forAll (fun image ->
                [ shift 0; shift (0, Reflect); cutout 0 ]
                |> List.forall (fun augmentation -> applied augmentation 0 0 image = image)))

        testProperty "flip mirrors or does nothing" (fun (NonNegativeInt place) ->
            forAll (fun image ->
                let result = applied flip 0 place image
                result = image || result = mirror image))

        testCase "flip mirrors every second image on average" (fun () ->
            let image = imageOf (1, 1, 2)
            let mirrored = many |> List.filter (fun place -> applied flip 0 place image <> image)
            Expect.isGreaterThan mirrored.Length 70 "of 200"
            Expect.isLessThan mirrored.Length 130 "of 200")

        testCase "flip does not do the same in every epoch" (fun () ->
            let image = imageOf (1, 1, 2)

            Expect.notEqual
                (many |> List.map (fun i -> applied flip 0 i image))
                (many |> List.map (fun i -> applied flip 1 i image))
                "epochs 0 and 1")

        testCase "alternating flip shows every image both ways in any two epochs in a row" (fun () ->
            let image = imageOf (1, 1, 2)
            let shown epoch = many |> List.map (fun place -> applied alternatingFlip epoch place image)
            Expect.equal (shown 1) (shown 0 |> List.map mirror) "epoch 1 is the other way"
            Expect.equal (shown 2) (shown 0) "epoch 2 is as epoch 0"
            let first = shown 0 |> List.filter ((<>) image) |> List.length
            Expect.isGreaterThan first 70 "mirrored of 200 in epoch 0"
            Expect.isLessThan first 130 "mirrored of 200 in epoch 0")

        testCase "shift makes every offset, and no other" (fun () ->
            let image = imageOf (1, 6, 5)

            let offsets =
                set [
                    for down in -2 .. 2 do
                        for right in -2 .. 2 -> (move down right Core.Shapes.Border.Zeros image).Values
                ]

            let seen = set [ for place in 0..999 -> (applied (shift 2) 0 place image).Values ]
            Expect.equal seen offsets "25 offsets")

        testCase "shift with reflection shows no zero" (fun () ->
            let image = imageOf (1, 6, 5)

            for place in many do
                let result = applied (shift (3, Reflect)) 0 place image
                Expect.isFalse (Array.contains 0f result.Values) "no zero")

        testCase "cutout covers a square, cut off at the border, and nothing else" (fun () ->
            let image = imageOf (2, 9, 8)

            for place in many do
                let result = applied (cutout (4, fill = -2f)) 0 place image
                let covered = Array.map2 (<>) result.Values image.Values
                let count = covered |> Array.filter id |> Array.length
                Expect.isTrue (count <= 2 * 16 && count >= 2 * 4) $"{count} covered"
                Expect.equal covered[..71] covered[72..] "the same in both channels"

                for isCovered, value in Array.zip covered result.Values do
                    if isCovered then
                        Expect.equal value -2f "the fill")

        testCase "the same draws give the same image, whatever was done before" (fun () ->
            let image = imageOf (3, 8, 8)
            let all = [ flip; alternatingFlip; shift 3; shift (3, Reflect); cutout 4 ]

            for augmentation in all do
                let forward = many |> List.map (fun place -> applied augmentation 3 place image)
                let backward = many |> List.rev |> List.map (fun place -> applied augmentation 3 place image)
                Expect.equal (List.rev backward) forward augmentation.Name)

        testCase "a custom augmentation gets an image of its own and draws of its own" (fun () ->
            let image = imageOf (1, 2, 2)

            let brighter =
                augmentation (
                    "brighter",
                    fun random given ->
                        let gain = random.NextSingle ()
                        given.Values[0] <- given.Values[0] + gain
                        given
                )

            let once, again, other = applied brighter 0 1 image, applied brighter 0 1 image, applied brighter 0 2 image
            Expect.equal image.Values[0] 1f "what was given is as it was"
            Expect.equal once again "the same draws"
            Expect.notEqual once other "another image has other draws"
            Expect.equal brighter.Name "brighter" "name")

        testCase "a custom augmentation that changes the shape is told" (fun () ->
            let crop = augmentation ("crop", fun _ _ -> Tensor.Zeros ((shape [ 1; 1; 1 ])))

            Expect.throwsC (fun () -> applied crop 0 0 (imageOf (1, 2, 2)) |> ignore) (fun fault ->
                Expect.equal
                    fault.Message
                    "augmentation crop: expected an image of (1, 2, 2) as it was given, got (1, 1, 1); answer an image of the same shape"
                    "the sentence"))
    ]
