/// Pipelines as F# text and as JSON.
module Fovea.Tests.StageTextTests

open System
open System.Diagnostics
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Formats
open Fovea.Core.Layers
open Fovea.Tests.DataSupport

let private squared = stage ("square", (fun x -> x * x), (fun x _ dy -> 2f * x * dy))

/// What `dotnet fsi` prints of a script.
let private evaluated (script: string) =
    let start = ProcessStartInfo ("dotnet", RedirectStandardOutput = true, RedirectStandardError = true)
    [ "fsi"; "--quiet"; "--nologo"; script ] |> List.iter start.ArgumentList.Add
    use fsi = Process.Start start
    let errors = fsi.StandardError.ReadToEndAsync ()
    let printed = fsi.StandardOutput.ReadToEnd ()
    fsi.WaitForExit ()

    if fsi.ExitCode <> 0 then
        failtestf "%s" errors.Result

    printed

/// Every kind of layer that Core has, but for those that are made of functions.
let private kinds =
    typeof<Layer>.Assembly.GetTypes()
    |> Array.filter (fun kind -> kind.IsSubclassOf typeof<Layer> && not kind.IsAbstract && kind <> typeof<CustomLayer>)
    |> Array.map _.Name
    |> Set

let private sample count generator = Gen.sampleWithSeed (Rnd 20260101UL) 20 count generator

let sourceTests = [
    testCase "a pipeline's text reads as one would type it" (fun () ->
        let block filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2

        let cnn =
            input (3, 32, 32)
            |> normalize ([ 0.5; 0.25; 1.0 ], [ 1.0 / 3.0; 0.2; 1e-7 ])
            |> block 32
            |> conv (8, (3, 5), name = "stem", stride = 2, pad = pads (0, 1, 2, 3), bias = false)
            |> residual (conv (8, 3, pad = 1) >> relu, shortcut = conv (8, 1))
            |> residual (
                named "a" (conv (8, 3, pad = Same) >> activation Tanh >> conv (8, 3, pad = (1, 1), dilation = 1))
                >> frozen (conv (8, 1))
            )
            |> avgPool (2, stride = 1, ceil = true, countPad = false)
            |> flatten
            |> dense (10, bias = false)

        let expected =
            """input (3, 32, 32)
|> normalize ([ 0.5; 0.25; 1.0 ], [ 0.3333333333333333; 0.2; 1E-07 ])
|> conv (32, 3, pad = Same)
|> relu
|> maxPool 2
|> named "stem" (conv (8, (3, 5), stride = 2, pad = pads (0, 1, 2, 3), bias = false))
|> residual (conv (8, 3, pad = 1) >> relu, shortcut = conv (8, 1))
|> residual (
    named "a" (conv (8, 3, pad = Same) >> activation Tanh >> conv (8, 3, pad = 1))
    >> frozen (conv (8, 1))
)
|> avgPool (2, stride = 1, ceil = true, countPad = false)
|> flatten
|> dense (10, bias = false)"""

        Expect.equal (Pipeline.toSource cnn) expected "the text")

    testCase "evaluated with open Fovea, the text is the same pipeline" (fun () ->
        inFolder (fun folder ->
            let pipelines = sample 60 AnyPipeline.any
            let beside name = Path.Combine (AppContext.BaseDirectory, name)
            let script = Path.Combine (folder, "pipelines.fsx")

            let text = [
                yield!
                    [ "MathNet.Numerics.dll"; "Fovea.Core.dll"; "Fovea.Pipelines.dll" ]
                    |> List.map (fun dll -> $"#r @\"{beside dll}\"")
                "open Fovea"
                for pipeline in pipelines do
                    (Pipeline.toSource pipeline).Replace("\n", "\n    ")
                    |> sprintf "printfn \"%%s\" (\n    %s\n    |> Pipeline.toJson)"
            ]

            File.WriteAllLines (script, text)

            let read =
                (evaluated script).Split('\n', StringSplitOptions.RemoveEmptyEntries) |> Array.map Pipeline.ofJson

            Expect.equal read.Length pipelines.Length "as many"

            for expected, found in Array.zip pipelines read do
                Expect.equal found expected (Pipeline.toSource expected)))

    testCase "a stage of one's own cannot be written, and the sentence says so" (fun () ->
        for write in [ Pipeline.toSource; Pipeline.toJson ] do
            Expect.throwsC (fun () -> inputVector 3 |> frozen squared |> write |> ignore) (fun fault ->
                Expect.stringContains
                    fault.Message
                    "stage \"square\" is made of functions of one's own"
                    "the sentence"))
]

let jsonTests = [
    testProperty
        "a pipeline comes back from its JSON"
        (Prop.forAll (Arb.fromGen AnyPipeline.any) (fun pipeline ->
            let read = Pipeline.toJson pipeline |> Pipeline.ofJson
            read = pipeline && read.Shape = pipeline.Shape))

    testCase "every kind of layer that there is can be written and is generated above" (fun () ->
        let rec kindsIn stage =
            match stage with
            | Stage.Layer layer -> [ layer.GetType().Name ]
            | _ -> Stage.parts stage |> List.collect (List.collect kindsIn)

        let generated = sample 400 AnyPipeline.any |> Seq.collect _.Stages |> Seq.collect kindsIn |> Set

        Expect.equal
            generated
            kinds
            "the kinds: a new one belongs into Pipelines/StageText.fs and tests/AnyPipeline.fs")

    testCase "numbers that JSON does not have come back" (fun () ->
        let pipeline = input (2, 1, 1) |> normalize ([ nan; -infinity ], [ infinity; 1.0 ])
        let read = Pipeline.toJson pipeline |> Pipeline.ofJson

        Expect.equal
            (Pipeline.toSource read)
            "input (2, 1, 1)\n|> normalize ([ nan; -infinity ], [ infinity; 1.0 ])"
            "text")

    for name, json, said in
        [
            "no JSON", "{", "the text is not JSON"
            "too deep a nesting", String.replicate 300 "[" + String.replicate 300 "]", "nested too deeply"
            "no object", "[]", "expected an object, got Array"
            "no stages", """{"input":[3]}""", "the pipeline lacks its stages"
            "no input", """{"stages":[]}""", "the pipeline lacks its input"
            "a negative input", """{"input":[-3],"stages":[]}""", "expected a whole number 1.."
            "an enormous input", """{"input":[3000,30000,3000],"stages":[]}""", "an input of more than"
            "an enormous image", """{"input":[1,40000,1],"stages":[]}""", "are larger than"
            "an unknown stage", """{"input":[3],"stages":[{"lstm":{}}]}""", "there is no stage \"lstm\""
            "a stage that is none", """{"input":[3],"stages":[1]}""", "a stage is to be an object, got Number"
            "two kinds", """{"input":[3],"stages":[{"relu":{},"flatten":{}}]}""", "with one field"
            "a field twice", """{"input":[3],"input":[3],"stages":[]}""", "the text is not JSON"
            "a missing argument", """{"input":[3],"stages":[{"dense":{}}]}""", "dense lacks its outputs"
            "an argument of another kind",
            """{"input":[3],"stages":[{"dense":{"outputs":"9"}}]}""",
            "dense, outputs: expected a whole number, got String"
            "half a filter", """{"input":[3],"stages":[{"dense":{"outputs":1.5}}]}""", "got 1.5"
            "no truth value",
            """{"input":[3],"stages":[{"dense":{"outputs":1,"bias":0}}]}""",
            "dense, bias: expected true or false, got Number"
            "an enormous window",
            """{"input":[3,9,9],"stages":[{"maxPool":{"size":[99999,1]}}]}""",
            "maxPool, size: expected a whole number 1..10000"
            "three sizes", """{"input":[3,9,9],"stages":[{"maxPool":{"size":[9,1,2]}}]}""", "expected two values, got 3"
            "an unknown pad",
            """{"input":[3,9,9],"stages":[{"maxPool":{"size":[9,1],"pad":["same","full"]}}]}""",
            "got \"full\""
            "means without deviations",
            """{"input":[3],"stages":[{"normalize":{"mean":[1],"std":[]}}]}""",
            "expected a positive deviation"
            "a name that is no text",
            """{"input":[3],"stages":[{"named":{"name":"\ud800","body":[]}}]}""",
            "the file is damaged"
        ] do
        testCase $"{name}: the sentence says so" (fun () ->
            Expect.stringContains (SafeTensorsTests.faultOf (fun () -> Pipeline.ofJson json)) said "the message")

    testCase "what does not fit is a fault of the pipeline, as when it is typed" (fun () ->
        let read = Pipeline.ofJson """{"input":[3,9,9],"stages":[{"dense":{"outputs":2}}]}"""
        Expect.equal (Pipeline.fault read) (Pipeline.fault (input (3, 9, 9) |> dense 2)) "the fault")

    testCase "layers that blow an image up without end are refused" (fun () ->
        let pads =
            String.replicate 20 """{"maxPool":{"size":[9999,9999],"stride":[1,1],"pad":[[4999,4999],[4999,4999]]}},"""

        let conv = """{"conv":{"filters":1,"kernel":[1,1],"pad":[[9999,9999],[9999,9999]]}}"""
        let read = Pipeline.ofJson $"""{{"input":[3,9,9],"stages":[{pads}{conv}]}}"""
        Expect.stringContains (Pipeline.fault read).Value.Message "has more than 268,435,456 elements" "the fault")

    FuzzSupport.fuzz
        "JSON text of a pipeline"
        (sample 1 AnyPipeline.fitting |> Array.head |> Pipeline.toJson |> text)
        (fun mutated -> Text.Encoding.UTF8.GetString mutated |> Pipeline.ofJson |> ignore)
]

let nameTests = [
    testCase "parts of one name would have one set of weights: it is a fault, unless sharing is said" (fun () ->
        let part = conv (3, 3, pad = Same)
        let said = "a.conv1: there is a layer of that name already"

        for twice in
            [
                named "a" part >> named "a" part
                conv (3, 3, name = "a", pad = Same) >> residual (named "a" part)
                shared "a" part >> named "a" part
                named "a" part >> shared "a" part
            ] do
            let fault = (input (3, 8, 8) |> twice |> Pipeline.fault).Value
            Expect.stringContains fault.Message said "the fault"

        let sharing = input (3, 8, 8) |> shared "a" part |> residual (shared "a" part)
        Expect.equal (Pipeline.fault sharing) None "said"
        Expect.equal (Pipeline.parameterCount sharing) 84L "one set of weights")

    testCase "weights shared between inputs of other channels are a fault where the stage is added" (fun () ->
        let pipeline = input (3, 8, 8) |> shared "a" (conv (4, 3)) |> shared "a" (conv (4, 3))

        Expect.stringContains
            (Pipeline.fault pipeline).Value.Message
            "shared weights are (4, 3, 3, 3) in one place"
            "the fault")
]

let tests =
    testList "Pipelines as text" [ testList "F#" sourceTests; testList "JSON" jsonTests; testList "names" nameTests ]
