/// Runs that are saved as they go, cut off wherever, and gone on with.
module Fovea.Tests.CheckpointTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats
open Fovea.Tests.DataSupport
open Fovea.Tests.SafeTensorsTests

let private data = Generated.load (42, 1, test = 12)
let private augmented = fst data |> Data.augment [ flip; shift 2 ], snd data

let private pipeline =
    input (3, 32, 32)
    |> maxPool 4
    |> conv (4, 3, pad = Same)
    |> relu
    |> frozen (conv (4, 3))
    |> flatten
    |> dense 10

let private model = Model.init 3 pipeline

/// Three epochs of six batches, the last of them short.
let private recipe = { Recipe.standard with Epochs = 3; Batch = 8; Progress = Silent }

let private steps = 18

/// What must be the same: every weight's bits, the history but for its seconds, the names of the classes.
let private outcome (model: Model) =
    Model.parameters model |> List.map (fun p -> p.Name, p.Trains, bits p.Value),
    model.History
    |> List.map (fun epoch -> { epoch with Epoch.Seconds = 0.0; Epoch.ImagesPerSecond = 0.0 }),
    model.Classes

exception private Killed

/// The recipe, with an end in the middle.
let private killedAfter step (recipe: Recipe) =
    let seen = ref 0

    {
        recipe with
            OnBatch =
                fun _ ->
                    seen.Value <- seen.Value + 1

                    if seen.Value >= step then
                        raise Killed
    }

let private run host recipe data = Training.resumeOn host recipe data model

let private killed host recipe data step =
    try
        run host (killedAfter step recipe) data |> ignore
        failtest "expected to be killed"
    with Killed ->
        ()

/// A host that remembers what it says.
let private host disk =
    let said = ResizeArray ()
    { Host.Disk = disk; Host.Say = said.Add }, said

let private real () = host Disk.Real

let private inRun recipe interval use' =
    inFolder (fun folder ->
        let runs = Path.Combine (folder, "runs", "one")
        use' runs { recipe with Checkpoint = Some (runs, interval) })

let private files folder = Checkpoints.all folder |> List.map Path.GetFileName

let private optimizers = [
    Recipe.standard.Optimizer
    Adam 0.01 :> Optimizer
    AdamW (0.01, weightDecay = 0.1)
    RmsProp 0.001
    Adagrad 0.01
    Lion 0.001
    Ema (Sgd (0.05, momentum = 0.9), decay = 0.9)
    Lookahead (Adam 0.01, every = 4)
    (Muon 0.01).For((fun p -> p.Shape.Rank < 2), Sgd 0.05, name = "vectors")
    (Sgd 0.05).ClipNorm 0.5
]

let private anyRun = gen {
    let! optimizer = Gen.elements optimizers
    let! interval = Gen.oneof [ Gen.map EveryBatches (Gen.choose (1, 7)); Gen.map EveryEpochs (Gen.choose (1, 2)) ]
    let! keep, patience = Gen.zip (Gen.elements [ LastWeights; BestWeights ]) (Gen.elements [ None; Some 1 ])
    let! isAugmented = Gen.elements [ true; false ]
    let! deaths = Gen.choose (1, 2) |> Gen.bind (fun count -> Gen.listOfLength count (Gen.choose (1, 10)))

    return
        { recipe with Optimizer = optimizer; Keep = keep; Patience = patience },
        interval,
        (if isAugmented then augmented else data),
        deaths
}

let resumeTests = [
    testPropertyWith
        (propertyConfig.WithMaxTest 25)
        "cut off anywhere and gone on with, a run ends with the bits of one that never stopped"
        (Prop.forAll (Arb.fromGen anyRun) (fun (recipe, interval, data, deaths) ->
            let expected = Training.fit recipe data model

            inRun recipe interval (fun _ recipe ->
                let host, _ = real ()

                // Patience may end it before it dies.
                for step in deaths do
                    try
                        run host (killedAfter step recipe) data |> ignore
                    with Killed ->
                        ()

                outcome (run host recipe data) = outcome expected)))

    testCase "a second run over a model that was trained goes on as well" (fun () ->
        let once = Training.fit recipe data model
        let expected = Training.fit recipe data once

        inRun recipe (EveryBatches 5) (fun _ recipe ->
            let host, _ = real ()

            try
                Training.resumeOn host (killedAfter 11 recipe) data once |> ignore
            with Killed ->
                ()

            let resumed = Training.resumeOn host recipe data once
            Expect.equal resumed.History.Length 6 "both runs' epochs"
            Expect.equal (outcome resumed) (outcome expected) "the bits"))

    testCase "a run that is through is not trained again" (fun () ->
        inRun recipe (EveryEpochs 2) (fun folder recipe ->
            let host, said = real ()
            let first = run host recipe data

            Expect.equal
                (files folder)
                [ "checkpoint-000000018.safetensors"; "checkpoint-000000012.safetensors" ]
                "the files"

            let again = run host (killedAfter 1 recipe) data
            Expect.equal (outcome again) (outcome first) "the same model"))

    testCase "a run that a callback ended stays ended" (fun () ->
        inRun recipe (EveryBatches 4) (fun _ recipe ->
            let host, _ = real ()
            let stopping = { recipe with OnEpoch = fun epoch -> if epoch.Epoch = 2 then Stop else Continue }
            let first = run host stopping data
            Expect.equal first.History.Length 2 "two epochs"
            Expect.equal (outcome (run host stopping data)) (outcome first) "and no third"))

    testCase "the last three checkpoints are kept, and what a death left half-written is removed" (fun () ->
        inRun recipe (EveryBatches 1) (fun folder recipe ->
            let host, _ = real ()
            killed host recipe data 10
            Expect.equal (files folder) [ for step in [ 9; 8; 7 ] -> $"checkpoint-{step:D9}.safetensors" ] "three"
            let half = put folder "checkpoint-000000010.safetensors.123-4.tmp" [| 1uy |]
            run host recipe data |> ignore
            Expect.isFalse (File.Exists half) "the half-written one"))

    testCase "a checkpoint loads as a model: what it would be evaluated with" (fun () ->
        let averaging = { recipe with Optimizer = Ema (Sgd 0.05, decay = 0.5) }

        inRun averaging (EveryEpochs 1) (fun folder averaging ->
            let trained = Training.fit averaging data model
            let loaded = Model.load (List.head (Checkpoints.all folder))
            Expect.equal (outcome loaded) (outcome trained) "the average, the history, the classes"
            Expect.equal loaded.Pipeline pipeline "the pipeline"))

    testCase "fit refuses a folder that holds a run, and resume one that is not named" (fun () ->
        inRun recipe (EveryEpochs 1) (fun folder recipe ->
            Training.fit recipe data model |> ignore

            Expect.throwsC (fun () -> Training.fit recipe data model |> ignore) (fun fault ->
                Expect.stringContains fault.Message $"{folder}: it holds the checkpoints of a run already" "fit"))

        Expect.throwsC (fun () -> Training.resume recipe data model |> ignore) (fun fault ->
            Expect.stringContains fault.Message "names no folder to go on from" "resume"))

    testCase "another recipe, other data and another network are told apart by name" (fun () ->
        inRun recipe (EveryEpochs 1) (fun _ recipe ->
            let host, _ = real ()
            killed host recipe data 8

            let refused recipe data said =
                Expect.throwsC (fun () -> run host recipe data |> ignore) (fun fault ->
                    Expect.stringContains fault.Message said "the sentence")

            refused { recipe with Seed = 9 } data "Seed was 0 and is now 9"

            refused
                { recipe with Optimizer = Adam 0.1; Epochs = 4 }
                data
                "Epochs was 3 and is now 4; Optimizer was Sgd (0.05"

            refused recipe augmented "augmentations was [] and is now [flip"
            refused recipe (fst (Generated.load (40, 1)), snd data) "training images was 42 of"

            Expect.throwsC
                (fun () ->
                    Training.resumeOn host recipe data (Model.init 1 (input (3, 32, 32) |> flatten |> dense 10))
                    |> ignore)
                (fun fault ->
                    Expect.stringContains
                        fault.Message
                        "unexpected in the file:\n  conv1.weight (4, 3, 3, 3)"
                        "the tensors")))
]

// ---- Damage ----

let private shorten path =
    let bytes = File.ReadAllBytes path
    File.WriteAllBytes (path, Array.truncate (bytes.Length * 2 / 3) bytes)

let damageTests = [
    testCase "where the newest checkpoint is cut short, the one before it is taken, and that is said" (fun () ->
        let expected = Training.fit recipe data model

        inRun recipe (EveryBatches 2) (fun folder recipe ->
            let host, said = real ()
            killed host recipe data 9
            let newest = List.head (Checkpoints.all folder)
            shorten newest
            said.Clear ()
            Expect.equal (outcome (run host recipe data)) (outcome expected) "the bits"
            Expect.stringStarts said[0] newest "which one"
            Expect.stringContains said[0] "it is cut short: this checkpoint is passed over" "what is wrong"
            Expect.equal said.Count 1 "once"))

    testCase "where none can be read, nothing is begun anew behind one's back" (fun () ->
        inRun recipe (EveryBatches 2) (fun folder recipe ->
            let host, said = real ()
            killed host recipe data 9
            Checkpoints.all folder |> List.iter shorten

            Expect.stringContains
                (faultOf (fun () -> run host recipe data))
                "none of its checkpoints can be read"
                "the sentence"

            Expect.equal said.Count 3 "each is said"))

    for name, fault in [ "full disk", DiskFault.Full 500; "disk that will not rename", DiskFault.NoRename ] do
        testCase $"a {name} ends neither the run nor the checkpoints that there are" (fun () ->
            let expected = Training.fit recipe data model

            inRun recipe (EveryBatches 2) (fun folder recipe ->
                killed (fst (real ())) recipe data 9
                let before = Checkpoints.all folder |> List.map (fun path -> path, File.ReadAllBytes path)
                let host, said = host (FaultyDisk fault)
                Expect.equal (outcome (run host recipe data)) (outcome expected) "the bits"

                Expect.equal
                    (Checkpoints.all folder |> List.map (fun path -> path, File.ReadAllBytes path))
                    before
                    "the checkpoints"

                Expect.isGreaterThan said.Count 3 "it is said"
                Expect.stringContains said[0] "the checkpoint could not be written" "what is said"
                Expect.equal (Directory.GetFiles(folder).Length) 3 "nothing is left over"))

    testCase "a model file is no checkpoint" (fun () ->
        inFolder (fun folder ->
            let path = Path.Combine (folder, "checkpoint-000000001.safetensors")
            Model.save path model

            Expect.stringContains
                (faultOf (fun () -> RunFile.read path model))
                "it is a model, not a checkpoint"
                "the sentence"))

    (let checkpoint, owner =
        inFolder (fun folder ->
            let data = Data.ofTensor "dots" [ "a"; "b" ] [ 0; 1; 0; 1 ] (uniform 1 [ 4; 1; 2; 2 ])
            let tiny = input (1, 2, 2) |> flatten |> dense 2 |> Model.init 1
            let tinyRecipe = { recipe with Batch = 2; Epochs = 1; Checkpoint = Some (folder, EveryEpochs 1) }
            Training.fit tinyRecipe (data, data) tiny |> ignore
            File.ReadAllBytes (List.head (Checkpoints.all folder)), tiny)

     FuzzSupport.fuzz "checkpoint" checkpoint (fun mutated ->
         inFolder (fun folder -> RunFile.read (put folder "mutant.safetensors" mutated) owner |> ignore)))
]

// ---- Numbers gone wrong ----

let private blowingUpIn epoch = {
    recipe with
        Optimizer = Sgd 0.01
        Schedule = Schedule.OfPosition (fun position -> if position.Epoch + 1 >= epoch then 1e30 else 1.0)
}

let divergenceTests = [
    testCase
        "a loss that is no number ends the run with the epoch, the batch, and the weights that it began with"
        (fun () ->
            Expect.throwsC (fun () -> Training.fit (blowingUpIn 1) data model |> ignore) (fun fault ->
                let diverged = fault :?> DivergedException
                Expect.stringContains diverged.Message "batch 2 in epoch 1" "where"

                Expect.stringContains
                    diverged.Message
                    "the first numbers that are not finite are in the output of dense1"
                    "what to look at"

                Expect.stringContains diverged.Message "use a smaller learning rate" "what to try"

                Expect.equal
                    (outcome diverged.Model |> fun (weights, _, _) -> weights)
                    (outcome model |> fun (weights, _, _) -> weights)
                    "the weights"))

    testCase "after some epochs, the last good epoch's model is what is left" (fun () ->
        let expected =
            Training.fit
                { blowingUpIn 3 with OnEpoch = fun epoch -> if epoch.Epoch = 2 then Stop else Continue }
                data
                model

        Expect.throwsC (fun () -> Training.fit (blowingUpIn 3) data model |> ignore) (fun fault ->
            let diverged = fault :?> DivergedException
            Expect.stringContains diverged.Message "the weights after epoch 2" "which weights"
            Expect.equal (outcome diverged.Model) (outcome expected) "the model"))

    testCase "no checkpoint is written of weights that have gone wrong" (fun () ->
        inRun (blowingUpIn 2) (EveryBatches 1) (fun folder recipe ->
            Expect.throwsT<DivergedException> (fun () -> Training.fit recipe data model |> ignore) "it stops"

            for path in Checkpoints.all folder do
                let isFinite =
                    Model.parameters (Model.load path)
                    |> List.forall (fun p -> p.Value.Values |> Array.forall Single.IsFinite)

                Expect.isTrue isFinite path))

    testCase "weights that go wrong in the very last step do not pass for a trained model" (fun () ->
        let last = {
            recipe with
                Optimizer = Sgd 0.01
                Schedule = Schedule.OfPosition (fun p -> if p.Step = steps - 1 then infinity else 1.0)
        }

        Expect.throwsC (fun () -> Training.fit last data model |> ignore) (fun fault ->
            Expect.stringContains fault.Message "the validation loss after epoch 3" "where"
            Expect.stringContains fault.Message "the weights after epoch 2" "which weights"))
]

// ---- Death ----

/// Runs that are really killed; FOVEA_KILLS sets another number.
let private kills =
    match Environment.GetEnvironmentVariable "FOVEA_KILLS" with
    | null
    | "" -> 3
    | count -> int count

/// A long run of short steps, saved after each, so that a death finds it writing more often than not.
let private longRecipe folder = {
    recipe with
        Epochs = 20
        Batch = 4
        Optimizer = Adam 0.01
        Checkpoint = folder |> Option.map (fun folder -> folder, EveryBatches 1)
}

/// What the child process does: train, or go on training, and write the model.
let child folder =
    Training.resume (longRecipe (Some (Path.Combine (folder, "run")))) augmented model
    |> Model.save (Path.Combine (folder, "done.safetensors"))

let childArgument = "train-until-killed"

let private startChild folder =
    let tests = Reflection.Assembly.GetExecutingAssembly().Location
    let start = ProcessStartInfo ("dotnet", RedirectStandardError = true)
    [ tests; childArgument; folder ] |> List.iter start.ArgumentList.Add
    Process.Start start

/// Waits until a child has written checkpoints of its own, or is through.
let private untilItWrites (child: Process) runs =
    let newest () = Checkpoints.all runs |> List.tryHead
    let before = newest ()

    while not child.HasExited && newest () = before do
        Thread.Sleep 2

/// One death: as soon as the child has written something, or a little later.
let private killOnce (random: Random) folder =
    use child = startChild folder
    untilItWrites child (Path.Combine (folder, "run"))
    Thread.Sleep (random.Next 60)
    child.Kill ()
    child.WaitForExit ()

let private finish folder =
    use last = startChild folder
    let errors = last.StandardError.ReadToEnd ()
    last.WaitForExit ()
    Expect.equal last.ExitCode 0 errors

let deathTests = [
    testCase $"killed {kills} times at random moments, runs end with the bits of one that was left alone" (fun () ->
        let expected = Training.fit (longRecipe None) augmented model
        let random = Random 20260101

        // A run dies twenty times at most: more, and it would be through before the last.
        for deaths in List.replicate kills 1 |> List.chunkBySize 20 do
            inFolder (fun folder ->
                let finished = Path.Combine (folder, "done.safetensors")

                for _ in deaths do
                    if not (File.Exists finished) then
                        killOnce random folder

                if not (File.Exists finished) then
                    finish folder

                Expect.equal (outcome (Model.load finished)) (outcome expected) "the bits"))
]

let tests =
    testList "Checkpoints" [
        testList "going on" resumeTests
        testList "damage" damageTests
        testList "numbers gone wrong" divergenceTests
        testList "death" deathTests
    ]
