/// What is seen of models: gradients at stages, maps, fields, mistakes, pictures, reports, studies.
module Fovea.Tests.InspectTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Core.Analysis
open Fovea.Core.Pictures
open Fovea.Core.Plans
open Fovea.Core.Shapes
open Fovea.Core.Tensors
open Fovea.Invariants

let private cases share = propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest * share / 100))

let private inspector (model: Model) =
    Inspector (Pipeline.graph model.Pipeline, Model.parameters model |> List.map _.Value |> List.toArray)

let private close what (actual: Tensor) (expected: Tensor) =
    Expect.equal actual.Shape expected.Shape $"{what}: shape"
    Expect.isLessThanOrEqual (actual.MaxDifference expected) (1e-3f * (1e-3f + expected.NormMax ())) what

/// A network whose answer to an image can be written down: maps, their means, a matrix.
let private simple = input (3, 8, 7) |> conv (4, 3, pad = Same) |> relu |> globalAvgPool |> flatten |> dense 5

let private model = simple |> Model.init 3 |> Model.withClasses [ "a"; "b"; "c"; "d"; "e" ]
let private image = Tensor.Uniform (Shape.Of [| 3; 8; 7 |], 5)

let private data =
    Data.ofTensor
        "some"
        [ "a"; "b"; "c"; "d"; "e" ]
        (Seq.init 30 (fun i -> i % 5))
        (Tensor.Uniform (Shape.Of [| 30; 3; 8; 7 |], 6))

// ---- Stages and gradients ----

let private insideTests =
    testList "inside" [
        testPropertyWith (cases 40) "a probe changes nothing, and sees the output of its stage"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            let network = Model.init 1 pipeline |> inspector
            let images = Tensor.Normal (pipeline.Input.Prepend 2, 4)
            let values = network.Values images

            for v in 0 .. values.Count - 1 do
                let mutable outputs = None

                let struct (value, gradient) =
                    network.At (
                        v,
                        images,
                        fun y ->
                            outputs <- Some y
                            Tensor.Ones y.Shape
                    )

                close $"vertex {v}" value values[v]
                Expect.equal gradient.Shape value.Shape "a slope for each number"
                close "the output" outputs.Value values[values.Count - 1])

        testPropertyWith (cases 40) "gradients at the input and at the last stage are those of the definitions"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            let network = NetworkOf $ pipeline
            let images = Tensor.Normal (pipeline.Input.Prepend 2, 4)
            let witness = Runs.witness network (Runs.wide network) (Numbers.wide images.Values) 2
            let weights = Tensor.Normal ((Pipeline.outputShape pipeline).Prepend 2, 7)
            witness.Backward (ReadOnlySpan (Numbers.wide weights.Values))
            let own = Inspector (network.Graph, List.toArray network.Values)
            let expected = Tensor.Wrap (images.Shape, Array.map float32 witness.InputGradient)
            close "input" (own.InputGradient (images, fun _ -> weights)) expected

            for p, gradient in Seq.indexed (own.ParameterGradients (images, fun _ -> weights)) do
                if not (isNull gradient) then
                    close
                        network.Graph.Parameters[p].Name
                        gradient
                        (Tensor.Wrap (gradient.Shape, Array.map float32 witness.Gradients[p])))

        testCase "activations are named as the table names them" (fun () ->
            let found = Inspect.activations image model
            Expect.equal (List.map fst found) [ for row in Pipeline.rows simple -> row.Name ] "names"

            Expect.equal
                [ for _, value in found -> value.Shape ]
                [ for row in Pipeline.rows simple -> row.Output ]
                "shapes"

            Expect.equal (Inspect.output "relu1" image model) (snd found[1]) "one of them")

        testCase "the loss's gradients, by parameter" (fun () ->
            let found = Inspect.gradients (CrossEntropy ()) data model
            Expect.equal (List.map fst found) [ for p in Model.parameters model -> p.Name ] "names"

            // Of cross-entropy, what comes to the last bias adds up to nothing.
            Expect.floatClose { absolute = 1e-6; relative = 0.0 } (float ((snd (List.last found)).Sum())) 0.0 "bias")
    ]

// ---- Where it looks ----

let private lookTests =
    testList "where it looks" [
        testCase "Grad-CAM over means and a matrix is the maps weighed by the matrix" (fun () ->
            let maps = Inspect.output "relu1" image model
            let weights = model |> Model.parameter "dense1.weight"
            let row = weights.Take(2).Reshape(4, 1, 1)
            let expected = ((maps * row).Sum 0 / 56f).Map(fun v -> max v 0f)

            // The slope of a mean is 1/56 everywhere, so its mean is that as well.
            close "class c" (Inspect.gradCamOf "relu1" "c" image model) expected)

        testCase "saliency is the largest slope of the channels" (fun () ->
            let linear = input (2, 3, 3) |> flatten |> dense 2 |> Model.init 4
            let weights = linear |> Model.parameter "dense1.weight"
            let expected = Tensor.Abs(weights.Take(1).Reshape(2, 3, 3)).Max 0
            close "class 1" (Inspect.saliencyOf "1" (Tensor.Uniform (Shape.Of [| 2; 3; 3 |], 1)) linear) expected)

        testCase "hiding costs only where it hides what counts" (fun () ->
            // Class 1's logit is ten times one pixel, row 5, column 2.
            let pixel = 5 * 8 + 2
            let weights = Tensor.Generate (2, 64, fun k i -> if k = 1 && i = pixel then 10f else 0f)

            let one =
                input (1, 8, 8) |> flatten |> dense 2 |> Model.init 1 |> Model.withParameter "dense1.weight" weights

            let image = Tensor.Generate (1, 8, 8, fun _ y x -> if y = 5 && x = 2 then 1f else 0f)
            let lost = Inspect.occlusion 2 image one
            Expect.equal lost.Shape (Shape.Of [| 8; 8 |]) "a place for each step of one pixel"

            for y in 0..7 do
                for x in 0..7 do
                    // A square of two around (y, x) covers rows y−1 and y.
                    let hides = (y = 5 || y = 6) && (x = 2 || x = 3)
                    Expect.equal (lost[y, x] > 0.1f) hides $"at ({y}, {x})")

        testCase "what is asked for must be there" (fun () ->
            let says (part: string) f =
                Expect.throwsC (f >> ignore) (fun fault -> Expect.stringContains fault.Message part "says")

            says "there is no stage \"conv7\"; there are conv1, relu1" (fun () -> Inspect.output "conv7" image model)
            says "it has no filters; stages with filters are: conv1" (fun () -> Inspect.filters "relu1" model)

            says "the model takes images (3, 8, 7), got (3, 4, 4); give one image" (fun () ->
                Inspect.saliency (zeros [ 3; 4; 4 ]) model)

            says "take one of the batch" (fun () -> Inspect.saliency (zeros [ 2; 3; 8; 7 ]) model)
            says "there is no class \"f\"; there are a, b, c, d, e" (fun () -> Inspect.saliencyOf "f" image model)
            says "name a stage before flatten" (fun () -> Inspect.gradCamOf "dense1" "a" image model)
            says "there is no filter 4; it has 4, from 0" (fun () -> Inspect.exciting 3 "conv1" 4 data model)
            says "there are no images; give at least one" (fun () -> Inspect.mistakes 3 (Data.take 0 data) model)
            says "it has no history" (fun () -> View.training model)

            says "not one number for each class" (fun () ->
                input (3, 8, 7) |> conv (2, 3) |> Model.init 1 |> Inspect.saliency image)

            says "not images (channels, height, width)" (fun () ->
                inputVector 4 |> dense 2 |> Model.init 1 |> Inspect.occlusion 2 (zeros [ 4 ]))

            says "there is no window of 9×7" (fun () -> Data.window (0, 0, 9, 7) data))
    ]

// ---- What a place sees ----

let private fieldTests =
    testList "receptive fields" [
        testCase "the footprint of convolutions fills the field and nothing else" (fun () ->
            let stack =
                input (2, 21, 19)
                |> conv (4, 3, stride = 2, pad = 1)
                |> conv (4, (5, 3), pad = Same, dilation = (1, 2))
                |> Model.init 2

            let top, left, height, width = Inspect.field "conv2" stack
            let heat = Inspect.footprint "conv2" stack
            let mutable seen = 0

            for y in 0..20 do
                for x in 0..18 do
                    let inside = y >= top && y < top + height && x >= left && x < left + width

                    if inside && heat[y, x] > 0f then
                        seen <- seen + 1

                    Expect.isTrue (inside || heat[y, x] = 0f) $"({y}, {x}) is outside of {(top, left, height, width)}"

            // Every row of the field, and of its columns all that dilation and stride leave.
            Expect.equal (height, width) (11, 11) "calculated: 3 + 2·4, 3 + 2·2·2"
            Expect.equal seen (11 * 9) "two columns lie between the taps")

        testPropertyWith (cases 30) "outside the field, a footprint is nothing"
        <| Prop.forAll AnyNetwork.pipeline (fun pipeline ->
            let model = Model.init 1 pipeline

            for row in Pipeline.rows pipeline do
                if
                    NetworkTests.seesByPlace pipeline
                    && pipeline.Input.Rank = 3
                    && row.Output.Rank = 3
                    && row.Output.Count > 0
                then
                    let top, left, height, width = Inspect.field row.Name model
                    let heat = Inspect.footprint row.Name model

                    for y in 0 .. heat.Shape[0] - 1 do
                        for x in 0 .. heat.Shape[1] - 1 do
                            let inside = y >= top && y < top + height && x >= left && x < left + width
                            Expect.isTrue (inside || heat[y, x] = 0f) $"{row.Name}: ({y}, {x})")

        testCase "what excites a filter is found, and its patch is what it sees" (fun () ->
            let found = Inspect.exciting 30 "conv1" 2 data model
            Expect.hasLength found 30 "one for each image"

            Expect.equal
                (found |> List.map _.Value)
                (found |> List.map _.Value |> List.sortDescending)
                "the strongest first"

            for one in found do
                let map = (Inspect.output "conv1" (Data.image one.Index data) model).Take 2
                let p, q = one.Place
                Expect.equal (map[p, q], map.Max ()) (one.Value, one.Value) "the largest of the map"
                let rows, columns = min 8 (p + 2) - max 0 (p - 1), min 7 (q + 2) - max 0 (q - 1)
                Expect.equal one.Patch.Shape (Shape.Of [| 3; rows; columns |]) "3×3, cut at the border")
    ]

// ---- Right and wrong ----

let private answerTests =
    testList "right and wrong" [
        testCase "mistakes are wrong, the surest first; confusions are the matrix's" (fun () ->
            let wrong = Inspect.mistakes 100 data model
            let evaluation = Model.evaluate data model
            Expect.equal (30 - wrong.Length) (int (round (30.0 * evaluation.Accuracy))) "as many as evaluation says"
            Expect.all wrong (fun answer -> answer.Said.Class <> answer.Truth) "wrong"
            let surety = wrong |> List.map _.Said.Probability
            Expect.equal surety (List.sortDescending surety) "order"

            for pair in Inspect.confusions 100 data model do
                let of' name = List.findIndex ((=) name) model.Classes
                Expect.equal (int64 pair.Count) evaluation.Confusion[of' pair.Truth, of' pair.Said] (string pair)
                Expect.equal pair.Of 6 "of each class")

        testCase "the doubtful are those with the smallest largest probability" (fun () ->
            let doubts = Inspect.doubts 3 data model
            let all = Inspect.answers data model |> List.map _.Said.Probability |> List.sort
            Expect.equal (doubts |> List.map _.Said.Probability) (List.take 3 all) "three")
    ]

// ---- Pictures and pages ----

let private trained =
    lazy
        (let train, test = Generated.load (64, 1, 20)

         let network = input (3, 32, 32) |> conv (4, 3, stride = 2) |> relu |> maxPool 2 |> flatten |> dense 10

         network
         |> Model.init 1
         |> Training.fit { Recipe.standard with Epochs = 2; Progress = Silent } (train, test),
         test)

let private pageTests =
    testList "pictures and pages" [
        testCase "a kernel's walk has a step for each number that comes out" (fun () ->
            let grey = Tensor.Uniform (Shape.Of [| 6; 5 |], 1)
            Expect.hasLength (View.kernelWalk Filters.sobelX 1 1 grey) 30 "same size"
            Expect.hasLength (View.kernelWalk Filters.sobelX 2 0 grey) 4 "every second, inside"

            let sizes =
                View.kernelWalk Filters.blur 2 1 (Tensor.Uniform (Shape.Of [| 3; 6; 5 |], 1))
                |> List.distinctBy (fun i -> i.Width, i.Height)

            Expect.hasLength sizes 1 "of one size, as a film needs")

        testCase "a long walk shows every n-th step, and the last picture is the same" (fun () ->
            let image = Tensor.Uniform (Shape.Of [| 21; 13 |], 1)
            let all = View.kernelSteps 1 Filters.sobelX 1 1 image
            let shown = View.kernelWalk Filters.sobelX 1 1 image
            Expect.hasLength all 273 "every step"
            Expect.equal shown [ for i in [ 0..2..272 ] -> all[i] ] "every second of 273 steps, the last among them"
            let few = View.kernelSteps 100 Filters.sobelX 1 1 image
            Expect.equal few [ for i in [ 0; 100; 200; 272 ] -> all[i] ] "every hundredth, and the last")

        testCase "what makes no film is said in a sentence" (fun () ->
            let image = Tensor.Uniform (Shape.Of [| 8; 8 |], 1)

            for make, said in
                [
                    (fun () -> View.kernelWalk (Tensor.Zeros (Shape.Of [| 3 |])) 1 1 image |> ignore),
                    "expected a kernel (rows, columns), got (3)"
                    (fun () -> View.kernelSteps 0 Filters.sobelX 1 1 image |> ignore), "every 0 steps is no film"
                    (fun () ->
                        Picture.animate 120 "no-such-folder/walk.png" (View.kernelWalk Filters.sobelX 1 1 image)),
                    "no-such-folder/walk.png: there is no folder no-such-folder; create it first"
                ] do
                Expect.throwsC make (fun fault -> Expect.stringContains fault.Message said "the sentence"))

        testCase "a film of CIFAR's size takes the memory of a few hundred pictures" (fun () ->
            let before = GC.GetAllocatedBytesForCurrentThread ()
            let walk = View.kernelWalk Filters.sobelX 1 1 (Tensor.Uniform (Shape.Of [| 3; 32; 32 |], 1))
            let bytes = walk |> List.sumBy _.Pixels.Length |> int64
            Expect.hasLength walk 257 "every fourth of 1,024 steps, and the last"
            Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread () - before) (2L * bytes + 1_000_000L) "allocated")

        testCase "charts in characters: what is written can be read, curves are told apart, lines fit" (fun () ->
            let two = Picture.curves "loss" "epoch" [ "training", [ 3f; 2f; 1f ]; "validation", [ 3f; 3f; 2f ] ]

            let many = Picture.curves "title" "x" [ for i in 1..8 -> $"a rather long name {i}", [ 0f; float32 i ] ]

            for chart in
                [
                    two
                    many
                    Picture.bars "bars" [ "one", 1f; "two", -2f ]
                    Picture.histogram "h" (normal 1 [ 99 ])
                ] do
                for columns in [ 60; 80; 133 ] do
                    let lines = (chart.ToText (ColourDepth.Plain, columns)).Split '\n'
                    Expect.all lines (fun line -> line.Length <= columns) $"{chart} in {columns}"

            let plain = two.ToText (ColourDepth.Plain, 80)

            for word in [ "loss"; "*training"; "ovalidation"; "epoch" ] do
                Expect.isTrue (plain.Contains word) word

            for word in [ "title" :: [ for i in 1..8 -> $"a rather long name {i}" ] ] |> List.concat do
                Expect.isTrue ((many.ToText (ColourDepth.Plain, 80)).Contains word) word

            let coloured = two.ToText (ColourDepth.True, 80)
            Expect.isTrue (coloured.Contains "\u001b[38;2;0;114;178m") "the first curve's colour"
            Expect.isTrue (coloured |> Seq.exists (fun c -> c > '\u2800' && c <= '\u28FF')) "dots"
            Expect.isFalse (plain.Contains '\u001b') "no colour where there is none")

        testCase "a report is one page that fetches nothing" (fun () ->
            let model, test = trained.Force ()
            let walk = View.kernelWalk Filters.blur 1 0 (Tensor.Uniform (Shape.Of [| 5; 5 |], 1))
            let page = Report.ofModel "A <report> & more" test model |> Report.film "walk" 100 walk |> Report.toHtml
            Expect.isTrue (page.Contains "A &lt;report&gt; &amp; more") "text is escaped"

            for word in [ "<script"; "<link"; "src=\"http"; "href="; "url("; "@import" ] do
                Expect.isFalse (page.Contains word) word

            for word in [ "data:image/png;base64,"; "<svg"; "prefers-color-scheme: dark"; "Where it looks"; "Memory" ] do
                Expect.isTrue (page.Contains word) word

            let count (part: string) = page.Split(part).Length - 1
            Expect.equal (count "<figure>") (count "</figure>") "figures"
            Expect.equal (count "<table>") 5 "tables: stages, costs, fields, dense, memory")

        testCase "a report is written whole or not at all" (fun () ->
            let folder = IO.Directory.CreateTempSubdirectory ()

            try
                let path = IO.Path.Combine (folder.FullName, "report.html")
                Report.titled "One" |> Report.write path
                Expect.stringContains (IO.File.ReadAllText path) "<h1>One</h1>" "there"

                Expect.throws
                    (fun () ->
                        Report.titled "Two" |> Report.write (IO.Path.Combine (folder.FullName, "none", "report.html")))
                    "no folder"

                Expect.hasLength (folder.GetFiles ()) 1 "nothing beside it"
            finally
                folder.Delete true)
    ]

let private studyTests =
    testList "studies" [
        testCase "the width whose figure is nearest" (fun () ->
            let flat width = inputVector 10 |> dense width |> dense 2
            let figure width = Pipeline.parameterCount (flat width)

            for wanted in [ 1L; 50L; 100L; 1000L; 12345L ] do
                let found = Study.width Pipeline.parameterCount wanted flat
                let best = [ 1..2000 ] |> List.minBy (fun width -> abs (figure width - wanted))
                Expect.equal found best $"for {wanted}")

        testCase "arms share images, recipe and seeds; the same study gives the same numbers" (fun () ->
            let train, test = Generated.load (32, 1, 20)

            let study = {
                Study.Title = "small"
                Study.Train = train
                Study.Test = test
                Study.Recipe = { Recipe.standard with Epochs = 1; Progress = Silent }
                Study.Seeds = [ 3; 4 ]
            }

            let network = Study.input study |> conv (2, 3, stride = 4) |> flatten |> dense 10
            let run () = Study.run study [ Study.arm "one" network; Study.arm "other" network ]
            let results = run ()
            Expect.equal results[0].Test results[1].Test "equal arms, equal numbers"
            Expect.equal [ for r in run () -> r.Test ] [ for r in results -> r.Test ] "again"

            Expect.equal
                (Study.against "one" "other" results)
                "other: 0.0 points better than one, in 2 of 2 seeds"
                "a sentence"

            Expect.throwsC (fun () -> Study.against "none" "one" results |> ignore) (fun fault ->
                Expect.stringContains fault.Message "there are one, other" "says which"))
    ]

let tests = testList "Inspect" [ insideTests; lookTests; fieldTests; answerTests; pageTests; studyTests ]
