/// The one size formula, counted by hand.
module Fovea.Tests.ShapeTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea.Core.Shapes

/// Windows and lengths, most of which fit.
let private windows = gen {
    let! kernel = Gen.choose (1, 6)
    let! stride = Gen.choose (1, 5)
    let! dilation = Gen.choose (1, 3)
    let! ceil = Gen.elements [ false; true ]

    // Partial windows are for pools, which are padded by half a window at most, as in PyTorch.
    let! low, high = if ceil then Gen.two (Gen.choose (0, kernel / 2)) else Gen.two (Gen.choose (-2, 5))

    let! length = Gen.choose (1, 20)
    return Window (kernel, stride, dilation, low, high, ceil), length
}

let private forWindows property = Prop.forAll (Arb.fromGen windows) property

/// The starts of the windows over positions -low .. length + high - 1, slid one stride at a time.
let private slide (w: Window) length =
    let whole start = start + w.Dilation * (w.Kernel - 1) < length + w.High
    let starts = Seq.initInfinite (fun i -> i * w.Stride - w.Low)
    let fitting = starts |> Seq.takeWhile whole |> List.ofSeq

    // PyTorch's ceil mode: one more window where positions are left over, unless it began behind the input. It may be the
    // only one.
    let last = List.tryLast fitting |> Option.defaultValue (-w.Low - w.Stride)

    if w.Ceil && last + w.Dilation * (w.Kernel - 1) < length + w.High - 1 && last + w.Stride < length then
        fitting @ [ last + w.Stride ]
    else
        fitting

let private fault f =
    try
        f () |> ignore
        failtest "expected a ShapeException"
    with :? ShapeException as fault ->
        fault.Message

let private pads = Gen.elements [ Padding.Valid; Padding.Same; Padding.SameSymmetric ]

let tests =
    testList "Shapes" [
        testProperty "the output size is the number of windows that one can slide"
        <| forWindows (fun (window, length) ->
            match slide window length with
            | [] -> Expect.isNotNull (window.Fault length) "a window larger than its input"
            | starts ->
                Expect.isNull (window.Fault length) "it fits"
                Expect.equal (window.Output length) starts.Length "windows"
                Expect.equal [ for o in 0 .. starts.Length - 1 -> window.Start o ] starts "where they begin")

        testProperty "a kernel larger than its padded input is an error, and not one output"
        <| forWindows (fun (window, length) ->
            let lacking = window.Extent - (length + window.Low + window.High)

            if lacking > 0 && not (window.Ceil && lacking < window.Stride) then
                Expect.stringContains
                    (fault (fun () -> window.Output length))
                    "larger than its padded input"
                    "the sentence")

        testCase "kernel, stride and dilation are 1 or more" (fun () ->
            for window in [ Window 0; Window (3, 0); Window (3, 1, 0) ] do
                Expect.stringContains (fault (fun () -> window.Output 9)) "must be 1 or more" "the sentence")

        testProperty
            "same padding gives ⌈n / stride⌉ outputs, with the odd position at the end, and no more padding than it takes"
        <| forWindows (fun (w, length) ->
            let window = Padding.Same.Resolve (length, w.Kernel, w.Stride, w.Dilation)
            Expect.equal (window.Output length) ((length + w.Stride - 1) / w.Stride) "outputs"
            Expect.isTrue (window.High - window.Low = 0 || window.High - window.Low = 1) "evenly"

            if window.Low + window.High > 0 then
                let less = Window (w.Kernel, w.Stride, w.Dilation, window.Low, window.High - 1)
                Expect.isTrue (slide less length |> List.length < window.Output length) "all of it is needed")

        testProperty "symmetric same padding is dilation·(kernel − 1), whatever the stride"
        <| forWindows (fun (w, length) ->
            let window = Padding.SameSymmetric.Resolve (length, w.Kernel, w.Stride, w.Dilation)
            Expect.equal (window.Low + window.High) (w.Dilation * (w.Kernel - 1)) "in all"
            Expect.isTrue (window.High - window.Low = 0 || window.High - window.Low = 1) "evenly"
            Expect.equal (window.Output length) ((length + w.Stride - 1) / w.Stride) "and so many outputs")

        testCase "PyTorch's padding of k/2 is the symmetric one: 224 with kernel 3, stride 2" (fun () ->
            let window = Padding.SameSymmetric.Resolve (224, 3, 2)
            Expect.equal (window.Low, window.High, window.Output 224) (1, 1, 112) "ResNet's"
            let same = Padding.Same.Resolve (224, 3, 2)
            Expect.equal (same.Low, same.High, same.Output 224) (0, 1, 112) "TensorFlow's")

        testProperty "a pool that is accepted has a real input in every window"
        <| forWindows (fun (window, length) ->
            let pool =
                try
                    Some (PoolShape (1, 1, length, length, window, Window 1))
                with :? ShapeException ->
                    None

            match pool with
            | None -> ()
            | Some pool ->
                for o in 0 .. pool.P - 1 do
                    let taps = [ for tap in 0 .. window.Kernel - 1 -> window.Start o + tap * window.Dilation ]
                    Expect.exists taps (fun i -> i >= 0 && i < length) $"window {o}")

        testProperty "an average over padding divides by what the window covers of the padded input"
        <| forWindows (fun (window, length) ->
            if
                window.Low >= 0
                && window.High >= 0
                && window.Dilation = 1
                && 2 * max window.Low window.High <= window.Kernel
                && isNull (window.Fault length)
            then
                let pool = PoolShape (1, 1, length, 1, window, Window 1)

                let within low high o =
                    [
                        for t in 0 .. window.Kernel - 1 do
                            if window.Start o + t >= low && window.Start o + t < high then
                                t
                    ]
                    |> List.length

                let outputs = [ 0 .. pool.P - 1 ]

                Expect.equal
                    (List.ofArray (pool.Divisors true))
                    (outputs |> List.map (within -window.Low (length + window.High)))
                    "counting padding"

                Expect.equal
                    (List.ofArray (pool.Divisors false))
                    (outputs |> List.map (within 0 length))
                    "real inputs alone")

        testCase "sentences say what is wrong and what to do" (fun () ->
            let window = Window 3

            Expect.stringContains
                (fault (fun () -> ConvShape (1, 3, 2, 9, 4, window, window)))
                "along the height"
                "the axis"

            Expect.stringContains
                (fault (fun () -> ConvShape (1, 4, 9, 9, 6, window, window, 4)))
                "4 groups must divide"
                "groups"

            Expect.stringContains
                (fault (fun () -> ConvShape (1, 0, 9, 9, 6, window, window)))
                "1 or more"
                "no channels"

            Expect.stringContains
                (fault (fun () -> PoolShape (1, 1, 9, 9, Window (2, 2, 1, 2, 2), window)))
                "more than half"
                "padding")

        testCase "numbers of elements, multiply-accumulates and weights do not overflow" (fun () ->
            let window = Window (3, 1, 1, 1, 1)
            let large = ConvShape (64, 512, 224, 224, 512, window, window)
            Expect.equal large.Macs (64L * 512L * 224L * 224L * 512L * 9L) "beyond 2³²"

            Expect.stringContains
                (fault (fun () -> Shape.Of [| 65536; 65536 |]))
                "more elements than one array holds"
                "too large")
    ]
