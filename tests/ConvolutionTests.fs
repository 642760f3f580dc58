/// What convolution is: linear, equivariant under translation, and the adjoint of its own gradient; of every algorithm.
module Fovea.Tests.ConvolutionTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes
open Fovea.Invariants

let private conditions = lazy { Workers = new Fovea.Core.Dispatch.Workers (2); Lanes = 0f; LanesAreZero = true }

let private kernels (pass: string) =
    Kernels.convolutions
    |> List.filter (fun kernel -> kernel.Name.StartsWith $"conv {pass} " && not (kernel.Name.Contains " with "))

let private cases = propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest / 4))

let private property name accepts check =
    testPropertyWith
        cases
        name
        (Prop.forAll (Any.seeded (Any.convolutionWhere accepts)) (fun (sizes, seed) -> check sizes seed))

// Of whole numbers, sums are exact in any order; a transform rounds, on the scale of its largest result.
let private tolerance (kernel: Kernel<ConvShape>) scale = if kernel.IsExact then 0.0 else 1e-4 * (1.0 + scale)

let private wide (values: float32[]) = Array.map float values
let private scaleOf values = Array.fold (fun most v -> max most (abs v)) 0.0 values
let private whole (shape: Shape) seed = (Numbers.whole shape seed).Values
let private run (kernel: Kernel<ConvShape>) sizes operands = kernel.Run (conditions.Force ()) sizes operands |> wide

let private inner (a: float[]) (b: float32[]) = Seq.map2 (fun a b -> a * float b) a b |> Seq.sum

let private linear =
    testList "linear in the input and in the weights" [
        for kernel in kernels "forward" @ kernels "backward input" @ kernels "backward weights" do
            property kernel.Name kernel.Accepts (fun sizes seed ->
                let shapes = kernel.Operands sizes
                let operands = shapes |> List.mapi (fun i shape -> whole shape (seed + i))

                for changed in 0..1 do
                    let other = whole shapes[changed] (seed + 7)
                    let mixed = Array.map2 (fun a b -> 2f * a - 3f * b) operands[changed] other
                    let with' values = operands |> List.updateAt changed values |> run kernel sizes
                    let apart = Array.map2 (fun a b -> 2.0 * a - 3.0 * b) (with' operands[changed]) (with' other)
                    let error = Array.map2 (-) (with' mixed) apart |> scaleOf
                    Expect.isLessThanOrEqual error (tolerance kernel (scaleOf apart)) $"operand {changed}")
    ]

let private adjoint =
    testList "the adjoint of its gradients: ⟨conv x w, dy⟩ = ⟨x, dx⟩ = ⟨w, dw⟩" [
        for forward in kernels "forward" do
            property forward.Name forward.Accepts (fun sizes seed ->
                let x, w, dy = whole sizes.Input seed, whole sizes.Weights (seed + 1), whole sizes.Output (seed + 2)
                let y = run forward sizes [ x; w ]
                let expected = inner y dy

                // What rounding could make of the sum: of a transform's results alone.
                let allowed (kernel: Kernel<ConvShape>) =
                    let terms = float (max y.Length 1)
                    (tolerance forward (scaleOf y) + tolerance kernel (scaleOf y)) * 3.0 * terms

                for kernel in kernels "backward input" |> List.filter (fun kernel -> kernel.Accepts sizes) do
                    let dx = run kernel sizes [ dy; w ]
                    Expect.isLessThanOrEqual (abs (inner dx x - expected)) (allowed kernel) kernel.Name

                for kernel in kernels "backward weights" |> List.filter (fun kernel -> kernel.Accepts sizes) do
                    let dw = run kernel sizes [ x; dy ]
                    Expect.isLessThanOrEqual (abs (inner dw w - expected)) (allowed kernel) kernel.Name)
    ]

/// Outputs along an axis that see no padding.
let private inside (window: Window) length = [
    for o in 0 .. window.Output length - 1 do
        if window.Start o >= 0 && window.Start o + window.Extent <= length then
            o
]

// A matrix product has nowhere to move.
let private slides (kernel: Kernel<ConvShape>) =
    Any.convolution.Generator
    |> Gen.sampleWithSeed (Rnd 1UL) 30 500
    |> Seq.exists (fun s -> s.P > 1 && s.Q > 1 && kernel.Accepts s)

let private equivariant =
    testList "equivariant: moved by its stride, the input moves the output by one, away from the padding" [
        for kernel in kernels "forward" |> List.filter slides do
            property kernel.Name (fun s -> s.N > 0 && s.P > 1 && s.Q > 1 && kernel.Accepts s) (fun s seed ->
                let x, fresh, w =
                    Numbers.whole s.Input seed, Numbers.whole s.Input (seed + 1), whole s.Weights (seed + 2)

                let down, right = s.Vertical.Stride, s.Horizontal.Stride

                let moved =
                    Tensor.Generate (
                        s.N,
                        s.C,
                        s.H,
                        s.W,
                        fun n c i j ->
                            if i >= down && j >= right then x[n, c, i - down, j - right] else fresh[n, c, i, j]
                    )

                let before, after = run kernel s [ x.Values; w ], run kernel s [ moved.Values; w ]
                let allowed = tolerance kernel (scaleOf before)
                let rows, columns = Set.ofList (inside s.Vertical s.H), Set.ofList (inside s.Horizontal s.W)

                for plane in 0 .. s.N * s.K - 1 do
                    for p in rows do
                        for q in columns do
                            if rows.Contains (p + 1) && columns.Contains (q + 1) then
                                let at row column = (plane * s.P + row) * s.Q + column
                                let expected, actual = before[at p q], after[at (p + 1) (q + 1)]
                                Expect.isLessThanOrEqual (abs (expected - actual)) allowed $"plane {plane}, ({p}, {q})")
    ]

// Windows such as the generator does not draw: near the image's size, larger than it, dilated, padded on one side, cropping.
let private ofLargeWindows =
    let sizes (c, h, w, k) vertical horizontal = ConvShape (2, c, h, w, k, vertical, horizontal, 1)
    let same kernel = Window (kernel, 1, 1, kernel / 2, kernel / 2)

    testList "of large windows what the definition says, by every algorithm" [
        for s in
            [
                sizes (3, 20, 17, 18) (same 31) (same 9)
                sizes (17, 9, 23, 3) (Window (9, 1, 1, 0, 0)) (Window (11, 1, 2, 3, 17))
                sizes (2, 30, 31, 33) (Window (15, 1, 1, -3, 7)) (Window (7, 1, 4, 12, 12))
                sizes (1, 1, 40, 1) (Window 1) (same 27)
                sizes (4, 13, 1, 2) (Window (13, 1, 1, 12, 12)) (Window (1, 1, 1, 2, 3))
            ] do
            testCase (string s) (fun () -> Check.convolution s 1 |> Outcome.require)
    ]

// Results of 32 MB and more are stored past the caches, which the generator's sizes never ask for.
let private ofLargeResults =
    let pad = Window (3, 1, 1, 1, 1)
    let slow = [ "naive"; "fourier"; "groups" ]

    testList "of large results what it is of small ones, by every algorithm" [
        for s in [ ConvShape (9, 3, 128, 128, 64, pad, pad); ConvShape (33, 16, 64, 64, 64, pad, pad) ] do
            for kernel in Kernels.convolutions do
                let isSlow = slow |> List.exists (fun name -> kernel.Name.Contains $"\"{name}\"")
                let gives = kernel.Name.StartsWith "conv forward" && kernel.Accepts s && not isSlow

                if gives then
                    testCase $"{kernel.Name}, {s}" (fun () ->
                        let one = s.WithBatch 1
                        let operands = kernel.Operands one |> List.mapi (fun i shape -> whole shape i)
                        let many = Array.concat (List.replicate s.N operands.Head) :: operands.Tail
                        let alone = kernel.Run (conditions.Force ()) one operands
                        let together = kernel.Run (conditions.Force ()) s many

                        for image, values in Array.indexed (Array.chunkBySize alone.Length together) do
                            Expect.isTrue (values.AsSpan().SequenceEqual alone) $"image {image}")
    ]

let private sizes (n, c, h, w, k) vertical horizontal groups = ConvShape (n, c, h, w, k, vertical, horizontal, groups)
let private same kernel dilation = Window (kernel, 1, dilation, dilation * (kernel / 2), dilation * (kernel / 2))
let private three = same 3 1

let private inEveryLayout name all =
    testList $"{name} what the definition says, in every layout to the same bits" [
        for s in all do
            testCase (string<ConvShape> s) (fun () ->
                Check.convolution s 1 |> Outcome.require

                for kernel, others in Kernels.convolutionsOfAnyLayout do
                    for other in others do
                        if kernel.Accepts s then
                            KernelChecks.sameBitsAs kernel other s 1 |> Outcome.require)
    ]

// Tiles that are taken at once are whole rows of them, pieces of a row, or parts of several images; more of them than are taken at once,
// of more channels than a pass has and of filters of several ranges, which a worker takes one after the other.
let private ofManyTiles =
    inEveryLayout "of many tiles" [
        sizes (1, 3, 9, 301, 5) three three 1
        sizes (3, 4, 30, 62, 3) three three 1
        sizes (1, 17, 6, 120, 18) three three 1
        sizes (2, 4, 70, 9, 5) three three 1
        sizes (5, 3, 14, 15, 16) three three 1
        sizes (2, 5, 40, 70, 3) (Window (3, 1, 1, -2, 1)) (Window (3, 1, 1, 0, -3)) 1
        sizes (3, 16, 5, 11, 16) (Window (3, 1, 1, 2, 9)) (Window (3, 1, 1, 12, 0)) 1
        sizes (2, 3, 21, 130, 4) (same 5 1) (same 5 1) 1
        sizes (9, 66, 13, 13, 34) three three 1
    ]

// Rows of pairs of pixels, whole vectors of them or overlapping ones, of inputs that begin with either of a pair; padding within a
// vector and beyond; rows of tiles, and filters, that are not whole; rows too short for pairs, or odd; other windows.
let private ofFewPlanes =
    let row low high = Window (3, 1, 1, low, high)

    inEveryLayout "of few channels" [
        sizes (2, 3, 8, 32, 6) three three 1
        sizes (2, 3, 11, 46, 4) three three 1
        sizes (1, 2, 9, 33, 5) three (row 2 1) 1
        sizes (1, 2, 9, 47, 8) three (row 0 1) 1
        sizes (2, 4, 5, 96, 33) (row 0 3) (row 0 0) 1
        sizes (1, 15, 6, 40, 3) (row 2 0) (row 15 5) 1
        sizes (1, 2, 7, 39, 4) three (row 17 14) 1
        sizes (1, 3, 4, 65, 3) three three 1
        sizes (3, 5, 3, 30, 7) three three 1
        sizes (1, 2, 6, 44, 9) three (same 3 2) 1
        sizes (1, 2, 4, 70, 3) three (Window 37) 1
        sizes (0, 3, 8, 32, 6) three three 1
    ]

// Rows as long as some vectors and some pixels, planes of several bands, few rows, rows apart by dilation, groups of few channels.
let private ofFewChannels =
    inEveryLayout "of few channels a group" [
        sizes (2, 3, 28, 28, 3) three three 3
        sizes (2, 3, 23, 32, 3) three three 3
        sizes (1, 2, 4, 17, 2) three three 2
        sizes (3, 2, 70, 31, 4) three three 2
        sizes (2, 3, 14, 14, 3) three three 3
        sizes (2, 5, 9, 7, 5) three three 5
        sizes (3, 17, 7, 7, 17) three three 17
        sizes (9, 40, 8, 8, 40) three three 40
        sizes (2, 3, 1, 5, 3) three three 3
        sizes (1, 2, 2, 7, 2) three three 2
        sizes (2, 20, 3, 6, 20) three three 20
        sizes (1, 2, 5, 16, 2) three three 2
        sizes (2, 3, 6, 4, 6) three three 3
        sizes (1, 17, 7, 14, 17) three three 17
        sizes (3, 2, 40, 150, 2) three three 2
        sizes (1, 2, 90, 61, 2) (same 3 2) (same 3 5) 2
        sizes (2, 3, 37, 39, 3) (same 3 9) (same 3 1) 3
        sizes (2, 5, 3, 65, 5) three three 5
        sizes (2, 4, 1, 300, 4) (Window 1) (same 3 1) 4
        sizes (2, 3, 50, 9, 3) (Window (3, 1, 1, 7, 0)) (Window (3, 1, 1, 0, 9)) 3
        sizes (2, 3, 12, 20, 3) (Window (3, 1, 1, -2, 1)) (Window (3, 1, 1, -1, -3)) 3
        sizes (2, 2, 33, 36, 2) (same 5 1) (same 7 1) 2
        sizes (2, 3, 40, 37, 3) (same 5 2) (same 5 2) 3
        sizes (1, 2, 20, 25, 2) (same 31 1) (same 31 1) 2
        sizes (2, 2, 30, 31, 2) (Window (3, 2, 1, 1, 1)) three 2
        sizes (0, 3, 9, 17, 3) three three 3
        sizes (3, 8, 21, 20, 8) three three 2
        sizes (2, 6, 19, 33, 3) (same 3 2) three 3
        sizes (2, 3, 18, 17, 12) three three 3
        sizes (1, 30, 17, 16, 20) (same 5 1) three 2
    ]

// Strided tiles of every side, and of two in one image; of odd and even sizes and paddings, so that either phase comes first and
// last; of more source blocks, filters and tiles than are taken at once.
let private ofStride2 =
    let by2 low high = Window (3, 2, 1, low, high)
    let pad = by2 1 1

    inEveryLayout "of stride 2" [
        sizes (2, 17, 1, 1, 3) pad pad 1
        sizes (2, 3, 2, 5, 18) pad (by2 0 1) 1
        sizes (3, 16, 7, 9, 33) (by2 0 0) (by2 0 0) 1
        sizes (5, 4, 6, 3, 2) pad pad 1
        sizes (1, 70, 11, 14, 20) pad (by2 0 1) 1
        sizes (2, 20, 17, 23, 150) pad pad 1
        sizes (2, 5, 21, 30, 37) (by2 2 0) (by2 -3 2) 1
        sizes (3, 19, 12, 10, 7) (by2 -1 -2) (by2 3 4) 1
        sizes (1, 17, 90, 93, 18) pad pad 1
        sizes (19, 33, 14, 13, 36) pad pad 1
    ]

// Planes of one band and of several, the last of which is not whole; fewer inputs than filters and fewer filters than inputs,
// of several blocks and of a piece of one; more rows than a range takes, more lanes than a band's pixels leave room for.
let private ofOnePixel =
    let ofPixel sizes = sizes (Window 1) (Window 1)

    inEveryLayout "of windows of one pixel" [
        ofPixel (sizes (1, 17, 16, 16, 40)) 1
        ofPixel (sizes (2, 40, 17, 19, 5)) 1
        ofPixel (sizes (3, 3, 30, 31, 70)) 1
        ofPixel (sizes (2, 1, 1, 300, 1)) 1
        ofPixel (sizes (1, 64, 20, 50, 96)) 2
        ofPixel (sizes (1, 30, 16, 25, 801)) 1
        ofPixel (sizes (1, 170, 16, 16, 165)) 1
        ofPixel (sizes (19, 16, 17, 16, 33)) 1
        ofPixel (sizes (0, 17, 20, 20, 5)) 1
    ]

// A plan has room for its largest batch; the last batch of an epoch has fewer images.
let private rooms =
    let sizes =
        let random = Random 1
        let below count = random.Next count

        [
            for _ in 1..2000 do
                let kernel, stride = [| 1; 3; 3; 5; 7 |][below 5], 1 + below 2
                let window = Window (kernel, stride, 1, kernel / 2, kernel / 2)
                let n = 2 + below 24
                let s = ConvShape (n, 1 + below 40, 1 + below 48, 1 + below 48, 1 + below 40, window, window)
                s, s.WithBatch (1 + below (n - 1))
        ]

    let holds name accepts (floats: ConvShape -> int64 list) =
        testCase name (fun () ->
            for s, fewer in sizes do
                if accepts s then
                    for room, needed in List.zip (floats s) (floats fewer) do
                        Expect.isLessThanOrEqual needed room $"{fewer} in the room of {s}")

    testList "room for a batch is room for fewer images, of every algorithm" [
        for a in ConvolutionTables.Forward do
            holds $"forward {a.Name}" (fun s -> a.Accepts &s) (fun s -> [ a.ScratchFloats &s; a.PackedFloats &s ])
        for a in ConvolutionTables.BackwardInput do
            holds $"backward input {a.Name}" (fun s -> a.Accepts &s) (fun s -> [
                a.ScratchFloats &s
                a.PackedFloats &s
            ])
        for a in ConvolutionTables.BackwardWeights do
            holds $"backward weights {a.Name}" (fun s -> a.Accepts &s) (fun s -> [
                a.ScratchFloats &s
                a.SharedFloats &s
            ])
    ]

let tests =
    testList "Convolution is" [
        rooms
        linear
        adjoint
        equivariant
        ofLargeWindows
        ofManyTiles
        ofFewChannels
        ofFewPlanes
        ofStride2
        ofOnePixel
        ofLargeResults
    ]
