/// Convolutions that are pooled some images at a time, against the same networks with the whole batch at once.
module Fovea.Tests.PooledConvolutionTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Plans
open Fovea.Invariants
open Fovea.Tests.SessionTests

let private cases share = propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest * share / 100))

// ---- Networks ----

let private pooling = gen {
    let! kernel = Gen.choose (1, 3)
    let! stride = Gen.choose (1, 3)
    let! pad = Gen.choose (0, kernel / 2)
    let! ceil = Gen.elements [ false; true ]

    return!
        Gen.elements [
            maxPool (kernel, stride = stride, pad = pad, ceil = ceil)
            avgPool (kernel, stride = stride, pad = pad, ceil = ceil)
        ]
}

let private block = gen {
    let! filters = Gen.elements [ 1; 5; 16; 17; 33 ]
    let! kernel = Gen.elements [ 1; 2; 3; 3; 5 ]
    let! stride = Gen.elements [ 1; 1; 2 ]
    let! pad = Gen.elements [ Same; Valid ]
    let! bias = Gen.elements [ true; false ]
    let! follow = Gen.elements [ id; relu; relu; batchNorm >> relu ]
    let! trained = Gen.frequency [ 4, Gen.constant id; 1, Gen.constant frozen; 1, Gen.constant biasesOnly ]
    let! pool = pooling
    return trained (conv (filters, kernel, stride = stride, pad = pad, bias = bias)) >> follow >> pool
}

let private networks =
    gen {
        let! channels = Gen.elements [ 1; 3; 16; 20 ]
        let! height = Gen.choose (4, 14)
        let! width = Gen.choose (4, 14)
        let! blocks = Gen.choose (1, 2)
        let! stages = Gen.listOfLength blocks block
        return List.fold (|>) (input (channels, height, width)) stages |> flatten |> dense 3
    }
    |> Gen.filter (fun pipeline -> (Pipeline.fault pipeline).IsNone)
    |> Arb.fromGen

let private property share name check = testPropertyWith (cases share) name (Prop.forAll networks check)

// ---- Their runs ----

let private training count group = PlanOptions (count, ParameterGradients = true, InputGradient = true, Group = group)

let private values pipeline (options: PlanOptions) threads counts =
    use workers = new Workers (threads)
    use bench = new Bench (pipeline, options, workers)

    [
        for count in counts do
            let x, dy = batch pipeline count count
            bench.Values (x, dy, count)
    ]

let private bits = List.map (List.map (Array.map Numbers.bits))

// Sums of the same products in another order.
let private close (a: float32[]) (b: float32[]) =
    let scale = Seq.fold (fun most v -> max most (abs v)) 0f a
    a.Length = b.Length && Array.forall2 (fun a b -> abs (a - b) <= 1e-4f * scale + 1e-6f) a b

let private agree whole grouped =
    for expected, actual in List.zip whole grouped do
        Expect.equal (bits [ List.take 2 actual ]) (bits [ List.take 2 expected ]) "bits of output and input's gradient"
        Expect.isTrue (List.forall2 close (List.skip 2 expected) (List.skip 2 actual)) "gradients of parameters"

let private planOf pipeline options = string (Plan.Create ((network pipeline).Graph, options, 1))

let private twoBlocks size =
    input (3, size, size)
    |> conv (32, 3, pad = Same)
    |> relu
    |> maxPool 2
    |> conv (64, 3, pad = Same)
    |> relu
    |> maxPool 2
    |> flatten
    |> dense 10

let tests =
    testList "Pooled convolutions" [
        property
            100
            "groups give the bits of the whole batch, and gradients of parameters that are as good"
            (fun pipeline ->
                let counts = [ 7; 1; 0; 4 ]
                let whole = values pipeline (training 7 7) 1 counts

                for group in [ 1; 3; 6 ] do
                    agree whole (values pipeline (training 7 group) 2 counts))

        property 50 "in use, groups give the bits of the whole batch" (fun pipeline ->
            let outputs group =
                use workers = new Workers (2)
                use bench = new Bench (pipeline, PlanOptions (5, Group = group), workers)

                [
                    for count in [ 5; 2; 0; 3 ] do
                        let x, _ = batch pipeline count count
                        x.AsSpan().CopyTo(bench.Session.Input count)
                        bench.Session.Forward count
                        bench.Session.Output.ToArray () |> Array.map Numbers.bits
                ]

            let whole = outputs 5

            for group in [ 1; 2; 4 ] do
                Expect.equal (outputs group) whole $"{group} at a time")

        property 50 "1, 2 and 4 threads, which share a group or take one each, give the same bits" (fun pipeline ->
            for group in [ 1; 2; 5 ] do
                let run threads = values pipeline (training 9 group) threads [ 9; 2 ] |> bits
                let one = run 1
                Expect.equal (run 2) one "2 threads"
                Expect.equal (run 4) one "4 threads")

        property 30 "a step leaves no trace in the next" (fun pipeline ->
            use workers = new Workers (2)
            use bench = new Bench (pipeline, training 5 2, workers)
            let x, dy = batch pipeline 5 1
            let first = bench.Step (x, dy, 5)
            bench.Step (Array.create x.Length nanf, Array.create dy.Length nanf, 5) |> ignore
            Expect.equal (bench.Step (x, dy, 5)) first "the same again")

        testList "of images of a size that a worker cannot hold" [
            for threads in [ 1; 2; 4 ] do
                testCase $"{threads} threads" (fun () ->
                    let pipeline =
                        input (3, 131, 129) |> conv (16, 3, pad = Same) |> relu |> maxPool 3 |> globalAvgPool

                    let sizes = PlanOptions (4, ParameterGradients = true, InputGradient = true)
                    Expect.stringContains (planOf pipeline sizes) "blocked, 1 at a time" "one by one"
                    agree (values pipeline (training 4 4) 1 [ 4; 3 ]) (values pipeline sizes threads [ 4; 3 ]))
        ]

        testCase
            "sizes decide, in use as in training; small batches, kept outputs and other readers go as a whole"
            (fun () ->
                let groups pipeline options = (planOf pipeline options).Split "at a time" |> Array.length |> (+) -1

                let net = twoBlocks 32
                Expect.equal (groups net (PlanOptions.Training 64)) 2 "training"
                Expect.equal (groups net (PlanOptions 64)) 2 "in use"
                Expect.equal (groups net (PlanOptions (64, InputGradient = true))) 2 "for the input"
                Expect.equal (groups net (PlanOptions 1)) 0 "one image"
                Expect.equal (groups net (PlanOptions 8)) 0 "a few"
                Expect.equal (groups net (PlanOptions (64, KeepOutputs = true))) 0 "kept outputs"
                Expect.equal (groups (twoBlocks 8) (PlanOptions.Training 64)) 0 "small images"

                let block pool = input (3, 32, 32) |> conv (32, 3) |> relu |> pool
                Expect.equal (groups (block (avgPool 2)) (PlanOptions 64)) 1 "an average in use"
                // Where the sums were positive is known from the output alone.
                Expect.equal (groups (block (avgPool 2)) (PlanOptions.Training 64)) 0 "an average in training"
                Expect.equal (groups (block (batchNorm >> maxPool 2)) (PlanOptions.Training 64)) 0 "a norm between"

                Expect.equal
                    (groups (block (residual (maxPool (3, stride = 1, pad = 1)))) (PlanOptions 64))
                    0
                    "two readers"

                let heavy = input (256, 7, 7) |> conv (256, 3, pad = Same) |> maxPool 2
                Expect.equal (groups heavy (PlanOptions 128)) 0 "weights larger than a group's images")

        testCase "groups take less memory, and nothing is allocated after the first step" (fun () ->
            let net = twoBlocks 32
            use workers = new Workers (2)
            use bench = new Bench (net, PlanOptions.Training 64, workers)
            let whole = Plan.Create (bench.Network.Graph, PlanOptions (64, RunMode.Training, true, Group = 64), 2)
            Expect.isLessThan (bench.Session.Plan.Bytes * 10L) (whole.Bytes * 9L) "bytes"
            let x, dy = batch net 64 1

            let step () =
                x.AsSpan().CopyTo(bench.Session.Input 64)
                bench.Session.Forward 64
                dy.AsSpan().CopyTo bench.Session.OutputGradient
                bench.Session.Backward ()

            step ()

            // The runtime may allocate once for itself; a step would in every round.
            let round () =
                let before = GC.GetTotalAllocatedBytes true
                step ()
                step ()
                GC.GetTotalAllocatedBytes true - before

            Expect.equal (List.init 5 (fun _ -> round ()) |> List.min) 0L "bytes")
    ]
