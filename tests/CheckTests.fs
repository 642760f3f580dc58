/// The checks themselves: that they see what is wrong, and say so.
module Fovea.Tests.CheckTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Shapes
open Fovea.Invariants

let private says part outcome =
    Expect.isFalse (Outcome.holds outcome) $"{outcome}"
    Expect.stringContains (string outcome) part "the sentence"

let private holds outcome = Expect.isTrue (Outcome.holds outcome) $"{outcome}"

// A sound network, whatever stage comes in the middle.
let private around stage = input (2, 6, 5) |> conv (3, 3, pad = Same) |> stage |> flatten |> dense 4

let private position (x: Tensor) = Tensor.Generate (x.Shape, fun place -> float32 place[place.Length - 1])

/// A kernel that answers wrong in one way.
let private wrong change (kernel: Kernel<ConvShape>) = {
    kernel with
        Run = fun conditions sizes operands -> kernel.Run conditions sizes operands |> change
}

let private direct = Kernels.convolutions |> List.find (fun kernel -> kernel.Name.Contains "\"direct\"")
let private sizes = ConvShape (2, 3, 7, 6, 5, Window (3, 1, 1, 1, 1), Window (3, 1, 1, 1, 1))

let tests =
    testList "Checks" [
        testCase "a sound network holds, and the sentence says what was looked at" (fun () ->
            let outcome = Check.all (around relu)
            holds outcome

            for part in [ "gradient"; "agreement"; "same bits"; "translation" ] do
                Expect.stringContains (string outcome) part "what was looked at")

        testCase "a model is checked with its own weights" (fun () -> around relu |> Model.init 3 |> Check.all |> holds)

        testCase "a stage of one's own with its right gradient holds" (fun () ->
            let cube = stage ("cube", (fun x -> x * x * x), (fun x _ dy -> 3f * x * x * dy))
            Check.gradient (around cube) |> holds
            Check.agreement (around cube) |> holds)

        testCase "a stage of one's own with a wrong gradient is found" (fun () ->
            let cube = stage ("cube", (fun x -> x * x * x), (fun x _ dy -> 2f * x * x * dy))
            Check.gradient (around cube) |> says "central differences say")

        testCase "a parameter whose gradient is wrong is named" (fun () ->
            let scale =
                stageWith (
                    "scale",
                    (fun _ -> [ { Name = "factor"; Extents = [ 1 ]; Initial = fun _ -> ones [ 1 ] } ]),
                    (fun weights x -> weights.Head * x),
                    (fun weights x _ dy -> weights.Head * dy, [ tensor [ -(x * dy).Sum() ] ])
                )

            Check.gradient (around scale) |> says "scale1.factor")

        testCase "a stage that knows where it stands is not equivariant" (fun () ->
            let lean = stage ("lean", (fun x -> x * position x), (fun x _ dy -> dy * position x))
            Check.translationEquivariance (around lean) |> says "did not move"
            Check.equivariance (fun x -> x * position x) 1 [ 12; 12 ] |> says "did not move")

        testCase "a convolution is linear and equivariant, and its gradient is its adjoint" (fun () ->
            let w = normal 1 [ 4; 3; 3; 3 ]
            let f x = Ops.convolve2d (x, w, pad = 1)
            let g y = (Ops.convolve2dGradients (zeros [ 2; 3; 15; 16 ], w, y, pad = 1)).Input
            Check.linearity f [ 2; 3; 15; 16 ] |> holds
            Check.adjoint f g [ 2; 3; 15; 16 ] |> holds
            Check.equivariance f 1 [ 2; 3; 15; 16 ] |> holds)

        testCase "a bias is not linear, a rotated filter not adjoint" (fun () ->
            let w = normal 1 [ 4; 3; 3; 3 ]
            Check.linearity (fun x -> Ops.convolve2d (x, w, bias = ones [ 4 ])) [ 2; 3; 8; 9 ] |> says "differ"
            let f x = Ops.convolve2d (x, w, pad = 1)
            let g y = (Ops.convolve2dGradients (zeros [ 1; 3; 8; 9 ], w.Flip 3, y, pad = 1)).Input
            Check.adjoint f g [ 1; 3; 8; 9 ] |> says "and ⟨x, g y⟩ =")

        testCase "kernels are checked over given sizes" (fun () ->
            Check.convolution sizes 1 |> holds
            Check.pool (PoolShape (2, 17, 7, 6, Window 2, Window 3)) 1 |> holds)

        testList "a wrong kernel is found" [
            let change name f =
                testCase name (fun () -> KernelChecks.agreement (wrong f direct) sizes 1 |> says "its naive twin says")

            change "one element that was not written" (fun y -> Array.updateAt 17 nanf y)
            change "one element off by a thousandth" (fun y -> Array.updateAt 17 (y[17] * 1.001f) y)
            change "two elements exchanged" (fun y -> y |> Array.updateAt 0 y[1] |> Array.updateAt 1 y[0])
            change "an infinity" (fun y -> Array.updateAt 3 infinityf y)

            testCase "one that writes behind its result" (fun () ->
                let writes = { direct with Run = fun _ _ _ -> failwith "something was written behind y" }
                KernelChecks.agreement writes sizes 1 |> says "behind y")

            testCase "one whose bits depend on the workers" (fun () ->
                let shaky = {
                    direct with
                        Run =
                            fun conditions s x ->
                                direct.Run conditions s x |> Array.updateAt 5 (float32 conditions.Workers.Count)
                }

                KernelChecks.sameBits shaky sizes 1 |> says "other bits with 2 workers")

            testCase "one whose bits depend on the other images" (fun () ->
                let shaky = {
                    direct with
                        Run = fun conditions s x -> direct.Run conditions s x |> Array.updateAt 5 (float32 s.N)
                }

                KernelChecks.independence shaky sizes 1 |> says "other bits than it has alone")
        ]

        testList "guarded memory" [
            testCase "sees what is written before and behind" (fun () ->
                for place in [ -1; 8 ] do
                    use block = new Block ("the block", 8L)
                    block.Span.Clear ()
                    block.RequireGuards ()
                    Block.Write (block, place, 0f)
                    Expect.throws (fun () -> block.RequireGuards ()) $"place {place}")
        ]

        testList "generators" [
            testProperty "what shrinking gives is still valid, and smaller lists of stages"
            <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
                let smaller = AnyNetwork.pipeline.Shrinker pipeline |> Seq.truncate 20
                Expect.all smaller (fun p -> Pipeline.fault p |> Option.isNone) "sound")

            testProperty "what shrinking gives of a fault still has one"
            <| Prop.forAll AnyNetwork.faulty (fun pipeline ->
                Expect.isSome (Pipeline.fault pipeline) "itself"

                Expect.all
                    (AnyNetwork.faulty.Shrinker pipeline |> Seq.truncate 20)
                    (Pipeline.fault >> Option.isSome)
                    "faulty")

            testCase "convolutions of all kinds come" (fun () ->
                let drawn = Gen.sampleWithSeed (Rnd 1UL) 30 400 Any.convolution.Generator |> List.ofSeq
                let some name holds = Expect.exists drawn holds name
                some "rectangular" (fun s -> s.H <> s.W && s.R <> s.S)
                some "strided" (fun s -> s.Vertical.Stride > 1 && s.Horizontal.Stride <> s.Vertical.Stride)
                some "dilated" (fun s -> s.Vertical.Dilation > 1)
                some "padded unevenly" (fun s -> s.Vertical.Low <> s.Vertical.High)
                some "cropped" (fun s -> s.Vertical.Low < 0)
                some "depthwise" (fun s -> s.Groups = s.C && s.C > 1)
                some "grouped" (fun s -> s.Groups > 1 && s.GroupC > 1)
                some "of one pixel" (fun s -> s.H = 1 && s.W = 1 && s.IsPointwise)
                some "of an empty batch" (fun s -> s.N = 0)
                some "of more than a block" (fun s -> s.C > 16 && s.K > 16)
                some "wider than a tile" (fun s -> s.W > 28))

            testCase "networks of all kinds come" (fun () ->
                let drawn = Gen.sampleWithSeed (Rnd 1UL) 30 400 AnyNetwork.pipeline.Generator |> List.ofSeq
                let layers = drawn |> List.collect Pipeline.rows |> List.map _.Layer

                for kind in
                    [
                        "conv"
                        "maxPool"
                        "avgPool"
                        "relu"
                        "sigmoid"
                        "tanh"
                        "dense"
                        "add"
                        "normalize"
                        "globalAvgPool"
                        "flatten"
                        "softmax"
                    ] do
                    Expect.exists layers (fun layer -> layer.StartsWith kind) kind)
        ]
    ]
