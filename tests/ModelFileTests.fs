/// Models saved and loaded.
module Fovea.Tests.ModelFileTests

open System
open System.Diagnostics
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats
open Fovea.Tests.DataSupport
open Fovea.Tests.SafeTensorsTests

let private epoch n = {
    Epoch.Epoch = n
    Epoch.Loss = 1.0 / 3.0
    Epoch.TrainAccuracy = 0.1
    Epoch.ValidationLoss = nan
    Epoch.ValidationAccuracy = 0.7
    Epoch.Seconds = 1e-9
    Epoch.ImagesPerSecond = infinity
    Epoch.LearningRate = 0.05
}

let private small = input (3, 8, 8) |> conv (4, 3, pad = Same) |> relu |> maxPool 2 |> flatten |> dense 3
let private model = small |> Model.init 1 |> Model.withClasses [ "cat"; "größe"; "" ]

let private trained = Model.withTraining model.Own [ epoch 1; epoch 2 ] model.Classes model

/// The network of fixtures/safetensors/make.py.
let private network =
    input (3, 8, 12)
    |> conv (4, 3, pad = 1)
    |> relu
    |> maxPool 2
    |> conv (6, (3, 5), stride = 2, pad = (1, 2), bias = false)
    |> relu
    |> flatten
    |> dense 5

let private theirNames (name: string) =
    let layers = Map [ "0", "conv1"; "3", "conv2"; "6", "dense1" ]
    let parts = name.Split '.'
    $"{layers[parts[0]]}.{parts[1]}"

let private parameters model = Model.parameters model |> List.map (fun p -> p.Name, p.Role, p.Trains, bits p.Value)

let private inFile name use' = inFolder (fun folder -> use' (Path.Combine (folder, name)))

let private saved model use' =
    inFile "model.safetensors" (fun path ->
        Model.save path model
        use' path)

let private isClose (expected: Fovea.Core.Tensors.Tensor) (found: Fovea.Core.Tensors.Tensor) =
    let scale = expected.Values |> Array.map abs |> Array.max
    let error = Array.map2 (fun a b -> abs (a - b)) expected.Values found.Values |> Array.max
    Expect.isLessThan error (1e-5f * scale) "the largest difference"

let roundTrips = [
    testCase "a model comes back whole: pipeline, weights, classes and history" (fun () ->
        saved trained (fun path ->
            let read = Model.load path
            Expect.equal read.Pipeline trained.Pipeline "the pipeline"
            Expect.equal (parameters read) (parameters trained) "the parameters"
            Expect.equal read.Classes trained.Classes "the classes"
            Expect.equal (string read.History) (string trained.History) "the history, NaN and all"))

    testPropertyWith
        (propertyConfig.WithMaxTest 40)
        "any pipeline's model comes back bit for bit, and answers the same"
        (Prop.forAll (Arb.fromGen AnyPipeline.fitting) (fun pipeline ->
            let model = Model.init 7 pipeline
            let images = uniform 1 (2 :: List.ofSeq pipeline.Input)

            saved model (fun path ->
                let read = Model.load path

                read.Pipeline = pipeline
                && parameters read = parameters model
                && bits (Model.logits images read) = bits (Model.logits images model))))

    testCase "the same model makes the same file" (fun () ->
        saved trained (fun first ->
            saved trained (fun second ->
                Expect.equal (File.ReadAllBytes first) (File.ReadAllBytes second) "the bytes")))

    testCase "the file says in F# what is in it" (fun () ->
        saved model (fun path ->
            use file = SafeTensors.Open path
            Expect.equal file.Metadata["source"] (Pipeline.toSource small) "the source"
            Expect.equal file.Metadata["format"] "pt" "whose layouts they are"))
]

let pytorch = [
    testCase "a PyTorch state_dict gives PyTorch's logits" (fun () ->
        let answers = SafeTensors.Load (fixture "logits.safetensors")
        let loaded = network |> Model.init 3 |> Model.loadNamed theirNames (fixture "network.safetensors")
        isClose answers.Tensors["logits"] (Model.logits answers.Tensors["images"] loaded))

    testCase "PyTorch gives our logits for a file of ours (where FOVEA_PYTHON names a Python with torch)" (fun () ->
        match Environment.GetEnvironmentVariable "FOVEA_PYTHON" with
        | null
        | "" -> skiptest "FOVEA_PYTHON is not set"
        | python ->
            inFolder (fun folder ->
                let at name = Path.Combine (folder, name)
                let model = Model.init 5 network
                let images = uniform 2 [ 4; 3; 8; 12 ]
                Model.save (at "ours.safetensors") model

                SafeTensors.Save (
                    at "answers.safetensors",
                    pairs [ "images", images; "logits", Model.logits images model ]
                )

                use run =
                    Process.Start (python, [ fixture "make.py"; at "ours.safetensors"; at "answers.safetensors" ])

                run.WaitForExit ()
                Expect.equal run.ExitCode 0 "PyTorch agrees"))
]

let private into = small |> Model.init 2

let misfits = [
    testCase "missing, unexpected and misshapen tensors are listed by name with both shapes" (fun () ->
        let other =
            input (3, 8, 8)
            |> conv (5, 3, pad = Same, bias = false)
            |> relu
            |> maxPool 2
            |> flatten
            |> dense (3, name = "head")

        saved (Model.init 1 other) (fun path ->
            let said = faultOf (fun () -> Model.loadInto path into)

            for line in
                [
                    path
                    "missing from the file:\n  conv1.bias (4)\n  dense1.weight (3, 64)\n  dense1.bias (3)"
                    "unexpected in the file:\n  head.dense1.weight (3, 80)\n  head.dense1.bias (3)"
                    "of another shape:\n  conv1.weight: the model has (4, 3, 3, 3), the file (5, 3, 3, 3)"
                    "Model.loadMatching"
                ] do
                Expect.stringContains said line "the message"))

    testCase "what fits is taken, the rest is reported and left as it was" (fun () ->
        let other = input (3, 8, 8) |> conv (4, 3, pad = Same) |> relu |> maxPool 2 |> flatten |> dense 9

        saved (Model.init 1 other) (fun path ->
            let taken, report = Model.loadMatching path into
            let value name model = bits (Model.parameter name model)
            Expect.equal report.Loaded [ "conv1.weight"; "conv1.bias" ] "what was loaded"
            Expect.isFalse report.IsWhole "not all"

            Expect.equal
                (report.Misshapen |> List.map (fun (name, _, _) -> name))
                [ "dense1.weight"; "dense1.bias" ]
                "what not"

            Expect.equal (value "conv1.weight" taken) (value "conv1.weight" (Model.init 1 other)) "taken"
            Expect.equal (value "dense1.weight" taken) (value "dense1.weight" into) "left"))

    testCase "names can be mapped and left out, but not two to one" (fun () ->
        saved (Model.init 1 network) (fun path ->
            let headless name = if name = "dense1.bias" then "" else name

            Expect.stringContains
                (faultOf (fun () -> Model.init 2 network |> Model.loadNamed headless path))
                "missing from the file:\n  dense1.bias (5)"
                "left out"

            Expect.throwsC
                (fun () -> Model.init 2 network |> Model.loadNamed (fun _ -> "conv1.bias") path |> ignore)
                (fun fault -> Expect.stringContains fault.Message "are all mapped to conv1.bias" "two to one")))

    testCase "a file of weights alone loads into an architecture, not by itself" (fun () ->
        Expect.stringContains
            (faultOf (fun () -> Model.load (fixture "network.safetensors")))
            "there is no pipeline in it"
            "the sentence")

    testCase "a model with stages of one's own is saved, and loads into its pipeline" (fun () ->
        let squared = stage ("square", (fun x -> x * x), (fun x _ dy -> 2f * x * dy))
        let own = inputVector 4 |> squared |> dense 3 |> Model.init 1

        saved own (fun path ->
            Expect.stringContains (faultOf (fun () -> Model.load path)) "stages of one's own (square)" "the sentence"
            let read = inputVector 4 |> squared |> dense 3 |> Model.init 2 |> Model.loadInto path
            Expect.equal (parameters read) (parameters own) "the parameters"))

    testCase "a frozen part stays frozen" (fun () ->
        let frozen = input (3, 8, 8) |> frozen (conv (4, 3)) |> flatten |> dense 3 |> Model.init 1
        saved frozen (fun path -> Expect.equal (parameters (Model.load path)) (parameters frozen) "the parameters"))
]

let private withMetadata key text path =
    let file = SafeTensors.Load path
    let metadata = Collections.Generic.Dictionary file.Metadata
    metadata[key] <- text
    SafeTensors.Save (path, file.Tensors, metadata)

let damaged = [
    for name, key, text, said in
        [
            "a newer version", "fovea", "2", "written in version 2"
            "a pipeline that is none", "pipeline", "{", "the text is not JSON"
            "a stage of the future",
            "pipeline",
            """{"input":[3],"stages":[{"lstm":{}}]}""",
            "there is no stage \"lstm\""
            "a pipeline that does not fit",
            "pipeline",
            """{"input":[3,8,8],"stages":[{"dense":{"outputs":1}}]}""",
            "does not fit together"
            "a pipeline of other tensors",
            "pipeline",
            """{"input":[3],"stages":[{"dense":{"outputs":2000000000}}]}""",
            "more elements than one array holds"
            "a null history", "history", "null", "the history in its metadata cannot be read"
            "a history of nothing", "history", "[null]", "the history in its metadata lacks an entry"
            "classes that are no texts", "classes", "[1]", "the classes in its metadata cannot be read"
        ] do
        testCase $"{name}: the sentence says so, and names the file" (fun () ->
            saved model (fun path ->
                withMetadata key text path
                let sentence = faultOf (fun () -> Model.load path)
                Expect.stringStarts sentence path "the file"
                Expect.stringContains sentence said "the sentence"))

    testCase "a file that is not there is told by its name" (fun () ->
        Expect.throwsC (fun () -> Model.load "nowhere.safetensors" |> ignore) (fun fault ->
            Expect.stringContains fault.Message "nowhere.safetensors" "the message"))

    FuzzSupport.fuzz
        "model file"
        (saved
            (inputVector 4 |> dense 3 |> relu |> dense 2 |> Model.init 1 |> Model.withClasses [ "a"; "b" ])
            File.ReadAllBytes)
        (fun mutated ->
            inFile "mutant.safetensors" (fun path ->
                File.WriteAllBytes (path, mutated)
                Model.load path |> ignore))
]

let tests =
    testList "Model files" [
        testList "round trips" roundTrips
        testList "PyTorch" pytorch
        testList "what does not fit" misfits
        testList "damaged" damaged
    ]
