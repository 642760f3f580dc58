module Fovea.Tests.PictureTests

open System
open System.Text.RegularExpressions
open System.Xml.Linq
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Pictures
open Fovea.Core.Shapes

let colours (image: Image) = [ for y in 0 .. image.Height - 1 -> [ for x in 0 .. image.Width - 1 -> image[x, y] ] ]

let colour (r: int) g b = Colour (byte r, byte g, byte b)

let grey level = colour level level level

/// An image of random colours.
let noise seed width height = Picture.photo (uniform seed [ 3; height; width ])

let fromTensors =
    testList "tensors as images" [
        testCase "channels are red, green and blue, rows from the top" (fun () ->
            let image = Picture.photo (tensor [ [ [ 1.0; 0.0 ] ]; [ [ 0.0; 0.5 ] ]; [ [ 0.2; 0.0 ] ] ])
            Expect.equal (colours image) [ [ colour 255 0 51; colour 0 128 0 ] ] "pixels"
            let tall = Picture.photo (tensor [ [ 0.0 ]; [ 1.0 ] ])
            Expect.equal (colours tall) [ [ Colour.Black ]; [ Colour.White ] ] "grey without a channel axis")

        testCase "without a range, the smallest is black and the largest white" (fun () ->
            let image = Picture.image (tensor [ [ -3.0; 0.0; 3.0 ] ])
            Expect.equal (colours image) [ [ Colour.Black; grey 128; Colour.White ] ] "pixels"
            let flat = Picture.image (tensor [ [ 5.0; 5.0 ] ])
            Expect.equal (colours flat) [ [ grey 128; grey 128 ] ] "equal numbers are mid-grey")

        testCase "NaN has a colour of its own, and infinities those of the ends" (fun () ->
            let image = Picture.image (tensor [ [ nan; 0.0; 1.0; infinity; -infinity ] ])
            let missing = ColourMap.Grey.Missing

            Expect.equal
                (colours image)
                [ [ missing; Colour.Black; Colour.White; Colour.White; Colour.Black ] ]
                "pixels")

        testCase "other shapes are refused with a mend" (fun () ->
            let said = TensorTests.shapeFault (fun () -> Picture.image (zeros [ 2; 3; 4; 4 ]))
            Expect.stringContains said "take one image of a batch" "a batch"
            TensorTests.shapeFault (fun () -> Picture.image (zeros [ 2; 4; 4 ])) |> ignore
            TensorTests.shapeFault (fun () -> Picture.image (zeros [ 3; 0; 4 ])) |> ignore
            TensorTests.shapeFault (fun () -> Picture.filters (zeros [ 3; 4; 4 ])) |> ignore
            TensorTests.shapeFault (fun () -> Picture.overlay (zeros [ 1; 4; 4 ]) (noise 1 4 4)) |> ignore)

        testProperty "an image's tensor gives the image" (fun (PositiveInt seed) ->
            let image = noise seed (1 + seed % 9) (1 + seed % 5)
            Picture.photo (Picture.toTensor image) = image)

        testCase "images of a batch share one range, in order" (fun () ->
            let batch = tensor [ [ [ [ 0.0 ] ] ]; [ [ [ 1.0 ] ] ] ]

            Expect.equal
                (Picture.photos batch |> List.map colours)
                [ [ [ Colour.Black ] ]; [ [ Colour.White ] ] ]
                "two images"

            let maps = Picture.featureMaps (tensor [ [ [ 0.0; 1.0 ] ]; [ [ 2.0; 2.0 ] ] ])
            Expect.equal (maps[0].[0, 0]) (ColourMap.Viridis.At 0f) "the smallest of all"
            Expect.equal (maps[0].[1, 0]) (ColourMap.Viridis.At 0.5f) "in the middle of all")

        testCase "a filter bank's zero is neutral, and its largest weight is red or blue by its sign" (fun () ->
            let bank = TensorImages.Filters (tensor [ [ [ [ 0.0; 2.0; -2.0 ] ] ] ])
            let row = (colours bank |> List.item 1)[1..3]

            Expect.equal
                row
                [ ColourMap.Diverging.At 0.5f; ColourMap.Diverging.At 1f; ColourMap.Diverging.At 0f ]
                "one channel"

            let inColour = TensorImages.Filters (zeros [ 1; 3; 1; 1 ])
            Expect.equal inColour[1, 1] (grey 128) "three channels")

        testCase "filters over many channels have a row each" (fun () ->
            let image = TensorImages.Filters (normal 1 [ 2; 5; 3; 3 ])
            Expect.equal (image.Width, image.Height) (5 * (3 + 1) + 1, 2 * (3 + 1) + 1) "five columns, two rows")
    ]

let maps =
    testList "colour maps" [
        testCase "their ends are their colours, and what is outside has them too" (fun () ->
            for map in [ ColourMap.Grey; ColourMap.Viridis; ColourMap.Diverging; ColourMap.Heat ] do
                Expect.equal (map.At -5f) (map.At 0f) $"{map} below"
                Expect.equal (map.At 5f) (map.At 1f) $"{map} above"
                Expect.equal (map.At nanf) map.Missing $"{map} NaN"

            Expect.equal (ColourMap.Viridis.At 0f) (colour 68 1 84) "violet"
            Expect.equal (ColourMap.Viridis.At 1f) (colour 253 231 37) "yellow")

        testCase "viridis and heat grow ever brighter" (fun () ->
            for map in [ ColourMap.Viridis; ColourMap.Heat; ColourMap.Grey ] do
                let brightness = [ for i in 0..100 -> (map.At (float32 i / 100f)).Luma ]
                Expect.isTrue (List.pairwise brightness |> List.forall (fun (a, b) -> b >= a - 0.005f)) $"{map}")

        testCase "the diverging map is brightest in its middle" (fun () ->
            let brightness = [ for i in 0..50 -> (ColourMap.Diverging.At (float32 i / 50f)).Luma ]
            Expect.equal (List.max brightness) brightness[25] "zero")
    ]

let sizes =
    testList "sizes and places" [
        testProperty "enlarged pixels are squares" (fun (PositiveInt seed) ->
            let factor, image = 1 + seed % 4, noise seed (1 + seed % 6) (1 + seed % 7)
            let large = Picture.enlarge factor image

            List.forall id [
                for y in 0 .. large.Height - 1 do
                    for x in 0 .. large.Width - 1 -> large[x, y] = image[x / factor, y / factor]
            ])

        testProperty "resizing to the same size changes nothing" (fun (PositiveInt seed) ->
            let image = noise seed (1 + seed % 6) (1 + seed % 7)
            let size = image.Width, image.Height

            Picture.resize size image = image
            && Resizing.Nearest (image, image.Width, image.Height) = image
            && Resizing.Shrink (image, image.Width) = image)

        testCase "between two pixels, colours are mixed" (fun () ->
            let two = Picture.photo (tensor [ [ 0.0; 1.0 ] ])

            Expect.equal
                (colours (Picture.resize (4, 1) two))
                [ [ Colour.Black; grey 64; grey 191; Colour.White ] ]
                "four")

        testCase "a smaller image has the means of its pixels" (fun () ->
            let image = Picture.photo (tensor [ [ 0.0; 1.0; 1.0; 1.0 ]; [ 1.0; 0.0; 1.0; 1.0 ] ])
            Expect.equal (colours (Resizing.Shrink (image, 2))) [ [ grey 128; Colour.White ] ] "two")

        testCase "a grid has its images in rows, with gaps" (fun () ->
            let images = [ for i in 1..6 -> Image.Blank (4, 3, grey (i * 20)) ]
            let grid = Grid.Of (images, columns = 3, gap = 2)
            Expect.equal (grid.Width, grid.Height) (3 * 6 + 2, 2 * 5 + 2) "size"
            Expect.equal grid[2, 2] (grey 20) "the first"
            Expect.equal grid[2 + 2 * 6, 2 + 5] (grey 120) "the last"
            Expect.equal grid[0, 0] grid[6, 6] "gaps are background"
            Expect.throwsT<ArgumentException> (fun () -> Picture.grid [] |> ignore) "no images"

            Expect.throwsT<ArgumentException>
                (fun () -> Grid.Of (images, labels = [ "one" ]) |> ignore)
                "too few labels")

        testCase "labels stand below their images and are cut to them" (fun () ->
            let picture =
                Picture.labelled [
                    "a label much too long", Image.Blank (40, 10, Colour.Black)
                    "b", Image.Blank (40, 10, Colour.Black)
                ]

            let inked = [
                for x in 0 .. picture.Width - 1 do
                    if picture[x, 17] = Colour.White then
                        x
            ]

            Expect.isTrue
                (List.exists (fun x -> x < 44) inked && List.forall (fun x -> x < 44 || x >= 48) inked)
                "within the cells")

        testCase "drawing and filling beyond the edges is cut" (fun () ->
            let image = Image.Blank (3, 3, Colour.Black)
            image.Draw (noise 1 2 2, -1, -1)
            image.Draw (noise 1 2 2, 5, 5)
            image.Draw (noise 1 2 2, -9, 0)
            image.Fill (2, 2, 100, Int32.MaxValue, Colour.White)
            Expect.equal image[0, 0] ((noise 1 2 2).[1, 1]) "its last pixel"
            Expect.equal image[2, 2] Colour.White "the corner"
            Expect.equal image[1, 1] Colour.Black "untouched")

        testCase "an overlay is the image where the map is cold, and hot where it is not" (fun () ->
            let image = Image.Blank (8, 8, grey 100)
            let heat = Tensor.Generate (2, 2, fun y x -> if y = 1 && x = 1 then 1f else 0f)
            let over = Picture.overlay heat image
            Expect.equal over[0, 0] (grey 100) "cold"
            Expect.equal over[7, 7] ((grey 100).Mix(ColourMap.Heat.At 1f, 0.6f)) "hot"
            Expect.equal (Picture.overlay (full nanf [ 2; 2 ]) image) image "nothing is known")

        testCase "pictures are saved as PNG and read again" (fun () ->
            let folder = IO.Directory.CreateTempSubdirectory "fovea-pictures"
            let path = IO.Path.Combine (folder.FullName, "noise.png")
            let image = noise 3 7 5
            Picture.save path image
            Expect.equal (Picture.load path) image "equal"
            folder.Delete true)
    ]

let letters =
    testList "letters" [
        testCase "every ASCII letter is drawn, and no two alike" (fun () ->
            let drawn (letter: char) =
                let image = Image.Blank (Font.Advance, Font.LineHeight, Colour.White)
                Font.Write (image, string letter, 0, 0, Colour.Black)
                image.ToPng () |> Convert.ToHexString

            let all = [ '!' .. '~' ] @ [ ' '; '×'; 'é' ]
            Expect.equal (all |> List.map drawn |> List.distinct |> List.length) all.Length "distinct")

        testCase "a text too long ends in two points" (fun () ->
            Expect.equal (Font.Cut ("automobile", Font.Width "automobile")) "automobile" "it fits"
            Expect.equal (Font.Cut ("automobile", Font.Width "automobil")) "automob.." "it does not"
            Expect.equal (Font.Cut ("automobile", 4)) "" "nothing fits")
    ]

/// Every number in a chart's SVG, which must be well formed.
let svgNumbers (svg: string) =
    let element = XElement.Parse svg

    [
        for node in element.DescendantsAndSelf () do
            for attribute in node.Attributes () do
                if List.contains attribute.Name.LocalName [ "x"; "y"; "width"; "height"; "points" ] then
                    for number in attribute.Value.Split ([| ' '; ',' |], StringSplitOptions.RemoveEmptyEntries) ->
                        float number
    ]

let anyFloats =
    Gen.listOf (
        Gen.frequency [
            8, Gen.choose (-1000, 1000) |> Gen.map (fun n -> float32 n / 7f)
            1, Gen.elements [ nanf; infinityf; -infinityf; Single.MaxValue; Single.MinValue; 1e-30f ]
        ]
    )

let charts =
    testList "charts" [
        testPropertyWith
            (propertyConfig.WithMaxTest 60)
            "any numbers make a chart whose places are all finite and inside"
            (Prop.forAll (Arb.fromGen (Gen.zip anyFloats anyFloats)) (fun (first, second) ->
                let both = tensor (first @ second @ [ 0f ])

                for chart in
                    [
                        Picture.curves "loss" "epoch" [ "a", first; "b", second ]
                        Picture.bars "bars" [ for i, value in List.indexed first -> $"bar {i}", value ]
                        Picture.histogram "histogram" both
                    ] do
                    let numbers = svgNumbers (Picture.toSvg chart)

                    Expect.isTrue
                        (numbers |> List.forall (fun n -> Double.IsFinite n && n >= -2.0 && n <= 2000.0))
                        (Picture.toSvg chart)

                    Expect.equal (Picture.ofChart chart).Width chart.Width "in pixels"))

        testCase "names are escaped in SVG" (fun () ->
            let svg = Picture.toSvg (Picture.curves "<script>&\"\u0000" "x" [ "</svg>", [ 1f; 2f ] ])
            Expect.isFalse (svg.Contains "<script>") "no element of its own"
            Expect.equal (XElement.Parse svg).Name.LocalName "svg" "one element")

        testCase "a curve is drawn where its numbers are" (fun () ->
            let image = Picture.curves "" "epoch" [ "", [ 0f; 1f ] ] |> Picture.ofChart

            let inked x = [
                for y in 30 .. image.Height - 40 do
                    if int image[x, y].B > int image[x, y].R + 60 then
                        y
            ]

            Expect.isTrue
                (List.average (List.map float (inked 60)) > List.average (List.map float (inked 440)))
                "it rises")

        testCase "marks stand at round numbers" (fun () ->
            let svg = Picture.toSvg (Picture.curves "" "epoch" [ "loss", [ 0.1f; 2.3f ] ])

            for mark in [ "0.0"; "0.5"; "1.0"; "2.5" ] do
                Expect.stringContains svg $">{mark}<" "a mark")

        testCase "a histogram counts every finite number once" (fun () ->
            let histogram = Histogram ("", tensor [ 0.0; 0.1; 0.9; 1.0; nan; infinity ], 2)
            Expect.equal (List.ofSeq histogram.Counts) [ 2; 2 ] "two bins")

        testCase "a confusion matrix shows its counts and names" (fun () ->
            let svg = Picture.toSvg (Picture.confusion "test" [ "cat"; "dog" ] (tensor [ [ 8; 2 ]; [ 1; 9 ] ]))

            for text in [ "cat"; "dog"; "8"; "2"; "1"; "9"; "predicted" ] do
                Expect.stringContains svg $">{text}<" "text"

            TensorTests.shapeFault (fun () -> Picture.confusion "" [ "cat" ] (zeros [ 2; 2 ])) |> ignore)
    ]

/// The pixels that 24-bit terminal text shows, read back from its codes; no lower half gives no pixel.
let readBack (text: string) = [
    for line in text.TrimEnd('\n').Split '\n' do
        let mutable ink, back = Colour.Black, None

        let cells = [
            for token in Regex.Matches (line, "\u001b\\[([0-9;]*)m|(.)") do
                let code = token.Groups[1].Value.Split ';'

                if token.Groups[2].Success then
                    ink, back
                elif code.Length > 1 then
                    ink <- colour (int code[2]) (int code[3]) (int code[4])
                    back <- if code[5] = "49" then None else Some (colour (int code[7]) (int code[8]) (int code[9]))
        ]

        List.map fst cells

        if List.forall (snd >> Option.isSome) cells then
            List.map (snd >> Option.get) cells
]

let terminal =
    testList "in the terminal" [
        testProperty "24-bit text shows every pixel" (fun (PositiveInt seed) ->
            let image = noise seed (1 + seed % 9) (1 + seed % 6)
            readBack (Picture.text ColourDepth.True 80 image) = colours image)

        testCase "256 colours are the nearest of xterm's" (fun () ->
            let code (c: Colour) =
                Regex.Match(Picture.text ColourDepth.Indexed 80 (Image.Blank (1, 1, c)), "38;5;(\\d+)").Groups[1].Value
                |> int

            Expect.equal (code Colour.Black) 16 "black"
            Expect.equal (code Colour.White) 231 "white"
            Expect.equal (code (colour 255 0 0)) 196 "red"
            Expect.equal (code (colour 95 135 215)) 68 "a colour of the cube"
            Expect.equal (code (grey 118)) 243 "a grey of the ramp")

        testCase "without colour there are letters alone, two a pixel" (fun () ->
            let text = Picture.text ColourDepth.Plain 80 (Picture.photo (tensor [ [ 0.0; 1.0 ]; [ 0.5; 0.0 ] ]))
            Expect.equal text "  @@\n++  \n" "letters")

        testCase "no line is longer than the terminal" (fun () ->
            for depth in [ ColourDepth.Plain; ColourDepth.Indexed; ColourDepth.True ] do
                let lines = (Picture.text depth 21 (noise 1 100 30)).TrimEnd('\n').Split '\n'
                let widths = lines |> Array.map (fun line -> Regex.Replace(line, "\u001b\\[[0-9;]*m", "").Length)
                Expect.isTrue (widths |> Array.forall (fun width -> width <= 21)) $"{depth}")

        testCase "colours follow NO_COLOR, COLORTERM, TERM and redirection" (fun () ->
            let given settings name = Map.tryFind name (Map settings) |> Option.defaultValue ""
            let colours isTerminal settings = Terminal.coloursFor isTerminal (given settings)

            Expect.equal
                (colours true [ "TERM", "xterm-256color"; "COLORTERM", "truecolor" ])
                ColourDepth.True
                "24 bits"

            Expect.equal (colours true [ "TERM", "xterm-256color" ]) ColourDepth.Indexed "256"

            Expect.equal
                (colours true [ "TERM", "xterm"; "COLORTERM", "truecolor"; "NO_COLOR", "1" ])
                ColourDepth.Plain
                "none wanted"

            Expect.equal (colours false [ "COLORTERM", "truecolor" ]) ColourDepth.Plain "not a terminal"
            Expect.equal (colours true [ "TERM", "dumb" ]) ColourDepth.Plain "dumb")
    ]

let tests = testList "Pictures" [ fromTensors; maps; sizes; letters; charts; terminal ]
