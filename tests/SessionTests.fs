/// Plans, sessions and predictors: memory, batches of any size, weights used twice, many threads.
module Fovea.Tests.SessionTests

open System
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Data
open Fovea.Core.Dispatch
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Training
open Fovea.Invariants

let private cases share = propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest * share / 100))

let private property share name check = testPropertyWith (cases share) name (Prop.forAll AnyNetwork.pipeline check)

let internal network (pipeline: Pipeline) = NetworkOf $ pipeline

let private small =
    input (3, 8, 8)
    |> conv (16, 3, pad = Same)
    |> relu
    |> maxPool 2
    |> residual (conv (16, 3, pad = Same) >> relu)
    |> avgPool 2
    |> flatten
    |> dense 5

/// A session with what goes into it.
type internal Bench(pipeline: Pipeline, options: PlanOptions, workers: Workers) =
    let network = network pipeline

    let session =
        new Session (Plan.Create (network.Graph, options, workers.Count), List.toArray network.Values, workers)

    member _.Session = session
    member _.Network = network

    /// One step over images; what it gives, as bits.
    member bench.Step (x: float32[], dy: float32[], count: int) =
        bench.Values (x, dy, count) |> List.map (Array.map Numbers.bits)

    /// The same as numbers: the output, the input's gradient if it is wanted, and the parameters'.
    member _.Values (x: float32[], dy: float32[], count: int) =
        x.AsSpan().CopyTo(session.Input count)
        session.Forward count
        let output = session.Output.ToArray ()
        dy.AsSpan().CopyTo session.OutputGradient
        session.Backward ()

        [
            output
            if options.InputGradient then
                session.InputGradient.ToArray ()
            for p in 0 .. network.Graph.Parameters.Count - 1 do
                session.Gradient(p).ToArray()
        ]

    interface IDisposable with
        member _.Dispose () = (session :> IDisposable).Dispose()

let private training count = PlanOptions (count, ParameterGradients = true, InputGradient = true)

let private numbers (shape: Shape) count seed = (Numbers.normal (shape.Prepend count) seed).Values

let internal batch pipeline count seed =
    numbers pipeline.Input count seed, numbers (Pipeline.outputShape pipeline) count (seed + 1)

let private sessionTests =
    testList "sessions" [
        testCase "gradients that lie over what was read for the last time have the bits of gradients apart" (fun () ->
            // Kept outputs keep every gradient beside them. Two read the gelu's output, and one of them keeps it.
            let net =
                input (3, 8, 8)
                |> conv (16, 3, pad = Same)
                |> gelu
                |> residual (conv (16, 3, pad = Same) >> sigmoid >> conv (16, 3, pad = Same))
                |> relu
                |> maxPool 2
                |> flatten
                |> dense 8
                |> sigmoid
                |> dense 3

            use workers = new Workers (2)
            let x, dy = batch net 4 5
            use over = new Bench (net, training 4, workers)

            use apart =
                new Bench (
                    net,
                    PlanOptions (4, ParameterGradients = true, InputGradient = true, KeepOutputs = true),
                    workers
                )

            Expect.isLessThan over.Session.Plan.Bytes apart.Session.Plan.Bytes "bytes"
            Expect.equal (over.Step (x, dy, 4)) (apart.Step (x, dy, 4)) "bits"
            Expect.equal (over.Step (x, dy, 4)) (apart.Step (x, dy, 4)) "of the second step")

        testCase "a training step of the two-block network takes 100 kB an image" (fun () ->
            let net =
                input (3, 32, 32)
                |> conv (32, 3, pad = Same)
                |> relu
                |> maxPool 2
                |> conv (64, 3, pad = Same)
                |> relu
                |> maxPool 2
                |> flatten
                |> dense 128
                |> relu
                |> dense 10

            // 32 kB that the first pooling leaves or their gradient, 16 kB of the second and as much for their gradient, some 12 kB for where
            // the maxima stand, and the image's 12 kB twice; not the 128 kB and 64 kB that the convolutions write.
            let bytes count = (Plan.Create ((network net).Graph, PlanOptions.Training count, 1)).Bytes
            Expect.isLessThan ((bytes 512 - bytes 256) / 256L) 105_000L "bytes an image")

        testCase "nothing is allocated after the first step" (fun () ->
            use workers = new Workers (2)
            use bench = new Bench (small, training 6, workers)
            let x, dy = batch small 6 1
            bench.Step (x, dy, 6) |> ignore

            let step () =
                x.AsSpan().CopyTo(bench.Session.Input 6)
                bench.Session.Forward 6
                dy.AsSpan().CopyTo bench.Session.OutputGradient
                bench.Session.Backward ()

            step ()

            // The runtime may allocate once for itself, as when a lock is first contended; a step would in every round.
            let round () =
                let before = GC.GetAllocatedBytesForCurrentThread ()

                for _ in 1..20 do
                    step ()

                GC.GetAllocatedBytesForCurrentThread () - before

            Expect.equal (List.init 5 (fun _ -> round ()) |> List.min) 0L "bytes")

        testCase "memory stays flat over thousands of training steps, whatever the batches' sizes" (fun () ->
            let sizes = [ 1; 2; 3; 5; 8; 13; 16; 7 ]
            let struct (train: ImageDataset, _) = GeneratedImages.Create (48, 1, 0)

            let pipeline =
                input (3, 32, 32)
                |> avgPool 4
                |> conv (16, 3, pad = Same, bias = false)
                |> batchNorm
                |> relu
                |> conv (17, 3, stride = 2)
                |> dropout 0.1
                |> flatten
                |> dense 10

            let own = network pipeline
            let model = Model.init 1 pipeline
            let optimizer = Sgd (0.001, momentum = 0.9)

            let parameters = List.toArray (Model.parameters model)
            use run = new TrainingRun (own.Graph, parameters, CrossEntropy (), optimizer, 16, 0)

            let streams = [
                for size in sizes do
                    let batches = Batches (train, size, 0)
                    batches.NewBatch (), new BatchStream (batches)
            ]

            let mutable step = 0

            let round () =
                for batch, stream in streams do
                    stream.Next batch |> ignore
                    run.Step (batch, step, SchedulePoint ()) |> ignore
                    step <- step + 1

            let rounds count =
                for _ in 1..count do
                    round ()

            let workingSet () =
                use self = Process.GetCurrentProcess ()
                self.WorkingSet64

            rounds 60
            GC.Collect ()
            let before, allocated = workingSet (), GC.GetTotalAllocatedBytes true
            rounds 375
            let perStep = float (GC.GetTotalAllocatedBytes true - allocated) / 3000.0
            let rise = workingSet () - before
            Expect.isLessThan perStep 64.0 "managed bytes allocated in a step, the data's shuffles included"
            Expect.isLessThan rise (8L <<< 20) $"bytes of working set over 3000 steps, {rise}")

        property 40 "a smaller batch gives what a session of its size gives" (fun pipeline ->
            use workers = new Workers (2)
            use large = new Bench (pipeline, training 7, workers)
            let x, dy = batch pipeline 7 1
            large.Step (x, dy, 7) |> ignore

            for count in [ 1; 4 ] do
                let x, dy = batch pipeline count 2
                // Not what a session of another size has chosen: the same plan, fresh.
                use fresh = new Bench (pipeline, training 7, workers)
                Expect.equal (large.Step (x, dy, count)) (fresh.Step (x, dy, count)) $"{count} images")

        property 20 "an empty batch gives no outputs and zero gradients" (fun pipeline ->
            use workers = new Workers (2)
            use bench = new Bench (pipeline, training 3, workers)
            let x, dy = batch pipeline 3 1
            bench.Step (x, dy, 3) |> ignore

            match bench.Step ([||], [||], 0) with
            | output :: inputGradient :: gradients ->
                Expect.equal (output.Length, inputGradient.Length) (0, 0) "no images"
                Expect.all gradients (Array.forall (fun bits -> bits &&& 0x7FFFFFFFu = 0u)) "zero"
            | _ -> failtest "nothing")

        property 20 "a step leaves no trace in the next" (fun pipeline ->
            use workers = new Workers (2)
            use bench = new Bench (pipeline, training 4, workers)
            let x, dy = batch pipeline 4 1
            let first = bench.Step (x, dy, 4)
            bench.Step (Array.create x.Length nanf, Array.create dy.Length nanf, 4) |> ignore
            Expect.equal (bench.Step (x, dy, 4)) first "the same again")

        property 20 "changed parameters count from the next step on" (fun pipeline ->
            use workers = new Workers (1)
            use bench = new Bench (pipeline, training 2, workers)
            let x, dy = batch pipeline 2 1
            let before = bench.Step (x, dy, 2)

            for value in bench.Network.Values do
                value.Values |> Array.iteri (fun i v -> value.Values[i] <- 2f * v)

            bench.Step (x, dy, 2) |> ignore

            for value in bench.Network.Values do
                value.Values |> Array.iteri (fun i v -> value.Values[i] <- v / 2f)

            Expect.equal (bench.Step (x, dy, 2)) before "and back")

        testCase "gradients of weights that are used twice add up" (fun () ->
            let block = conv (3, 3, pad = Same, bias = false)
            let twice = input (3, 5, 5) |> shared "key" block |> relu |> shared "key" block
            let apart = input (3, 5, 5) |> block |> relu |> block
            use workers = new Workers (1)
            let own = network twice
            Expect.hasLength own.Values 1 "one weight"
            let weight = own.Values.Head
            let x, dy = batch twice 2 1

            let gradients (graph: Graph) (values: Tensor list) =
                use session = new Session (Plan.Create (graph, training 2, 1), List.toArray values, workers)
                x.AsSpan().CopyTo(session.Input 2)
                session.Forward 2
                dy.AsSpan().CopyTo session.OutputGradient
                session.Backward ()
                [ for p in 0 .. values.Length - 1 -> Tensor.Wrap (weight.Shape, session.Gradient(p).ToArray()) ]

            let together = gradients own.Graph [ weight ] |> List.head
            let parts = gradients (Pipeline.graph apart) [ weight; weight ]
            Expect.isTrue (together.AllClose (parts[0] + parts[1], 1e-5f, 1e-5f)) "the sum of both uses"
            Expect.isFalse (together.AllClose (parts[0], 1e-5f, 1e-5f)) "not one alone")

        testCase "a residual's gradient is the sum over its branches" (fun () ->
            use workers = new Workers (1)
            let pipeline = input (2, 3, 4) |> residual (sigmoid)
            use bench = new Bench (pipeline, training 1, workers)
            let x, dy = batch pipeline 1 1
            let result = bench.Step (x, dy, 1)
            let s = x |> Array.map (fun v -> 1f / (1f + exp -v))
            let expected = Array.map2 (fun s dy -> dy * (1f + s * (1f - s))) s dy
            let actual = result[1] |> Array.map BitConverter.UInt32BitsToSingle

            Expect.isTrue
                (Tensor.Wrap(pipeline.Input, actual).AllClose(Tensor.Wrap (pipeline.Input, expected)))
                "dy·(1 + s′)")

        testCase "parameters that do not train have no gradient" (fun () ->
            use workers = new Workers (1)
            let pipeline = input (2, 4, 4) |> frozen (conv (3, 3)) |> relu |> conv (2, 1)
            use bench = new Bench (pipeline, PlanOptions.Training 1, workers)
            let x, dy = batch pipeline 1 1
            x.AsSpan().CopyTo(bench.Session.Input 1)
            bench.Session.Forward 1
            dy.AsSpan().CopyTo bench.Session.OutputGradient
            bench.Session.Backward ()
            let lengths = [ for p in 0..3 -> Array.length (bench.Session.Gradient(p).ToArray()) ]
            Expect.equal lengths [ 0; 0; 6; 2 ] "of weight and bias, frozen and not")

        testCase "what was not planned for is refused in a sentence" (fun () ->
            use workers = new Workers (1)
            use bench = new Bench (small, PlanOptions 2, workers)

            let says part f =
                Expect.throwsC (f >> ignore) (fun fault -> Expect.stringContains fault.Message part "the sentence")

            says "ask for gradients when planning" (fun () -> box (bench.Session.InputGradient.ToArray ()))
            says "plan with KeepOutputs" (fun () -> box (bench.Session.Value 0))
            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> bench.Session.Input(3).Clear()) "too many images"

            says "give the graph's own parameters" (fun () ->
                box (
                    new Session (
                        bench.Session.Plan,
                        [| for _ in bench.Network.Values -> Tensor.Zeros (Shape.Of [| 1 |]) |],
                        workers
                    )
                ))

            use many = new Workers (2)

            says "the plan has scratch for 1 workers" (fun () ->
                box (new Session (bench.Session.Plan, List.toArray bench.Network.Values, many))))

        testCase "batch normalisation in use is part of the convolution before it" (fun () ->
            use workers = new Workers (1)
            let block = conv (18, 3, pad = Same, bias = false) >> batchNorm >> relu
            let pipeline = input (3, 6, 5) |> block |> residual (block >> conv (18, 1) >> batchNorm)
            let x, _ = batch pipeline 2 1
            // No parameter at its neutral value.
            let own = network pipeline

            let outputs options =
                let plan = Plan.Create (own.Graph, options, 1)
                use session = new Session (plan, List.toArray own.Values, workers)

                let run () =
                    session.Pack ()
                    x.AsSpan().CopyTo(session.Input 2)
                    session.Forward 2
                    session.Output.ToArray ()

                let mean = own.Values[own.Values.Length - 2].Values
                let before = run ()
                mean[3] <- mean[3] + 1f
                let after = run ()
                mean[3] <- mean[3] - 1f
                string plan, before, after

            let folded, before, after = outputs (PlanOptions 2)
            let apart, expected, expectedAfter = outputs (PlanOptions (2, KeepOutputs = true))
            let exact, _, _ = outputs (PlanOptions (2, Exact = true))
            let training, _, _ = outputs (PlanOptions (2, InputGradient = true))
            Expect.isFalse (folded.Contains "batchNorm") "no step of its own"

            for plan in [ apart; exact; training ] do
                Expect.stringContains plan "batchNorm" "a step of its own"

            let close (a: float32[]) (b: float32[]) =
                Array.forall2 (fun a b -> abs (a - b) <= 1e-4f * (1f + abs b)) a b

            Expect.isTrue (close before expected) "the same outputs"
            Expect.isTrue (close after expectedAfter) "the same outputs with other statistics"
            Expect.isFalse (close before after) "which are not those from before")

        testList "an activation is computed with the batch norm before it, to the bit" [
            for name, follow in
                [
                    "relu", relu
                    "gelu", gelu
                    "sigmoid", sigmoid
                    "tanh", activation Tanh
                    "softsign", softsign
                    "softplus", softplus
                ] do
                for mode in [ RunMode.Training; RunMode.Evaluation ] do
                    testCase $"{name}, {mode}" (fun () ->
                        let pipeline =
                            input (3, 9, 6)
                            |> batchNorm
                            |> follow
                            |> conv (20, 3)
                            |> batchNorm
                            |> follow
                            |> maxPool 2
                            |> batchNorm
                            |> follow
                            |> flatten
                            |> dense 4

                        let step keeps count =
                            use workers = new Workers (2)
                            let options = PlanOptions (5, mode, true, true, keeps)
                            use bench = new Bench (pipeline, options, workers)
                            let x, dy = batch pipeline count 1
                            string bench.Session.Plan, bench.Step (x, dy, count)

                        for count in [ 5; 2; 0 ] do
                            let together, bits = step false count
                            let apart, expected = step true count
                            Expect.isFalse (together.Contains name) "no step of its own"
                            Expect.stringContains apart name "a step of its own"
                            Expect.equal bits expected "the same outputs and gradients")
        ]

        testCase "results larger than the caches, which are stored past them, have the bits of small ones" (fun () ->
            let pipeline =
                input (3, 64, 64)
                |> conv (32, 3, pad = Same)
                |> gelu
                |> conv (32, 3, pad = Same)
                |> maxPool 2
                |> avgPool 8

            let options = PlanOptions (64, RunMode.Evaluation, InputGradient = true, Group = 64)
            let x, dy = batch pipeline 64 1

            let run size =
                use workers = new Workers (2)
                use bench = new Bench (pipeline, options, workers)

                Array.zip
                    (Array.chunkBySize (size * pipeline.Input.Count) x)
                    (Array.chunkBySize (dy.Length / 64 * size) dy)
                |> Array.map (fun (x, dy) -> bench.Step (x, dy, size) |> List.take 2)

            let together, apart = run 64, run 4

            for result, name in [ 0, "outputs"; 1, "gradients of the images" ] do
                let whole steps = steps |> Array.collect (fun (step: uint32[] list) -> step[result])
                Expect.equal (whole apart) (whole together) name)

        testCase "a ReLU between convolution and max pooling comes after the pooling, and is the same" (fun () ->
            let pipeline =
                input (3, 11, 9)
                |> conv (20, 3, pad = Same)
                |> relu
                |> maxPool 2
                |> conv (7, 3)
                |> relu
                |> maxPool (2, stride = 1)

            let step keeps =
                use workers = new Workers (2)
                use bench = new Bench (pipeline, PlanOptions (3, RunMode.Training, true, true, keeps), workers)
                let x, dy = batch pipeline 3 1
                bench.Session.Plan.Bytes, bench.Step (x, dy, 3)

            let smaller, bits = step false
            let larger, expected = step true
            Expect.isLessThan smaller larger "less memory"
            Expect.equal bits expected "the same outputs and gradients")

        property 20 "a session takes the memory that its plan tells" (fun pipeline ->
            let plan = Plan.Create ((network pipeline).Graph, training 2, 1)
            let larger = Plan.Create ((network pipeline).Graph, training 20, 1)
            Expect.isGreaterThanOrEqual larger.Bytes plan.Bytes "more images, more memory"
            Expect.isGreaterThan plan.Bytes 0L "some")
    ]

let private predictorTests =
    testList "predictors" [
        testCase "many threads at once get what one gets alone" (fun () ->
            let model = Model.init 1 small

            let images = [
                for i in 0..15 -> Tensor.Wrap (small.Input.Prepend (1 + i % 5), numbers small.Input (1 + i % 5) i)
            ]

            let alone = images |> List.map (fun x -> Model.logits x model)

            let together =
                [ for i in 0..63 -> Task.Run (fun () -> i % 16, Model.logits images[i % 16] model) ]
                |> List.map _.Result

            for i, logits in together do
                Expect.isTrue (logits.SameBits alone[i]) $"batch {i}")

        property 25 "an image's answer does not depend on the images beside it" (fun pipeline ->
            let model = Model.init 1 pipeline
            let count = 19 // More than one session of 16 takes.
            let x = Tensor.Wrap (pipeline.Input.Prepend count, numbers pipeline.Input count 1)
            let together = Model.logits x model

            for i in [ 0; 7; 18 ] do
                let alone = Model.logits (x.Slice (0, i, 1)) model
                Expect.isTrue (alone.SameBits (together.Slice (0, i, 1))) $"image {i}")

        testCase "more images than the largest session takes are answered in parts" (fun () ->
            let model = input (1, 2, 2) |> flatten |> dense 3 |> Model.init 1
            let x = normal 1 [ 300; 1; 2; 2 ]
            let logits = Model.logits x model
            Expect.equal (Tensor.shape logits) [ 300; 3 ] "shape"
            Expect.isTrue (logits.Slice(0, 299, 1).SameBits(Model.logits (x.Slice (0, 299, 1)) model)) "the last")

        testCase "no images, no answers" (fun () ->
            let logits = small |> Model.init 1 |> Model.logits (zeros [ 0; 3; 8; 8 ])
            Expect.equal (Tensor.shape logits) [ 0; 5 ] "shape")

        testCase "images of another size are refused in a sentence" (fun () ->
            let model = Model.init 1 small

            let says part x =
                Expect.throwsC (fun () -> Model.logits x model |> ignore) (fun fault ->
                    Expect.stringContains fault.Message part "the sentence")

            says "add the batch dimension: (1, 3, 8, 8)" (zeros [ 3; 8; 8 ])
            says "got (2, 3, 9, 8)" (zeros [ 2; 3; 9; 8 ]))
    ]

let private poolTests =
    testList "pools and special values" [
        testProperty "a padded maximum of negative numbers is one of them: neither -∞ nor a false 0"
        <| Prop.forAll (Any.seeded Any.maxPool) (fun (s, seed) ->
            let x = Numbers.normal s.Input seed |> Tensor.map (fun v -> -1f - abs v)

            for kernel in
                Kernels.maxPoolings
                |> List.filter (fun k -> k.Batches = 1 && k.Accepts s && not (k.Name.Contains "relu")) do
                let conditions = { Workers = Workers.Shared; Lanes = 0f; LanesAreZero = false }
                let y = kernel.Run conditions s [ x.Values ]
                let values = Set.ofArray x.Values
                Expect.all y (fun v -> values.Contains v) kernel.Name)

        testCase "a NaN in a window is its maximum, as in PyTorch" (fun () ->
            let x = tensor [ [ 1.0; nan; 3.0; 4.0 ]; [ 5.0; 6.0; 7.0; 8.0 ] ]

            for algorithm in [ "naive"; "blocked" ] do
                let y = Ops.maxPool (x, 2, algorithm = algorithm)
                Expect.isTrue (Single.IsNaN y[0, 0]) algorithm
                Expect.equal y[0, 1] 8f algorithm
                let dx = Ops.maxPoolGradient (x, tensor [ [ 1; 10 ] ], 2, algorithm = algorithm)
                Expect.equal dx (tensor [ [ 0; 1; 0; 0 ]; [ 0; 0; 0; 10 ] ]) "the gradient goes to the NaN")

        testCase "a maximum of -∞ alone is -∞" (fun () ->
            for algorithm in [ "naive"; "blocked" ] do
                let y = Ops.maxPool (full -infinityf [ 2; 2 ], 2, algorithm = algorithm)
                Expect.equal y (full -infinityf [ 1; 1 ]) algorithm
                let dx = Ops.maxPoolGradient (full -infinityf [ 2; 2 ], ones [ 1; 1 ], 2, algorithm = algorithm)
                Expect.equal dx (tensor [ [ 1; 0 ]; [ 0; 0 ] ]) "the first of equals")

        testCase "a NaN reaches every output that sees it, through a whole network" (fun () ->
            let model = input (3, 8, 8) |> conv (8, 3, pad = Same) |> relu |> maxPool 2 |> Model.init 1
            let x = normal 1 [ 1; 3; 8; 8 ]
            x[0, 0, 0, 0] <- nanf
            let y = Model.logits x model
            Expect.isTrue (Single.IsNaN y[0, 0, 0, 0]) "where it is seen"
            Expect.isFalse (Single.IsNaN y[0, 0, 3, 3]) "where it is not")
    ]

let tests = testList "Sessions" [ sessionTests; predictorTests; poolTests ]
