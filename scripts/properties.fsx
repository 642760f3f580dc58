// Properties of kernels and networks, posed to FsCheck: paste it into the REPL, or run it whole. It takes half a minute.
//
// First: dotnet fsi build.fsx build      Then: dotnet fsi --load:scripts/load.fsx, and paste from here on

#load "load.fsx"

open FsCheck
open FsCheck.FSharp
open Fovea
open Fovea.Invariants

Options.explain
    "Properties of kernels and networks, posed to FsCheck, in half a minute; paste it into the REPL, or run it."
    fsi.CommandLineArgs

// Checks answer with a sentence. Of a network of one's own: gradients against central differences in double precision,
// fast kernels against the definitions, the same bits for any number of threads, and what moves when the image moves.
let mine = input (3, 9, 7) |> conv (4, 3, pad = Same) |> relu |> maxPool 2 |> flatten |> dense 5
printfn $"{Check.all mine}\n"

// A model is checked with the weights that it has, trained or not.
printfn $"{Check.gradient (Model.init 7 mine)}\n"

// A stage of one's own with a wrong gradient is found out: the derivative of x² is 2·x, not x.
let wrong = stage ("square", (fun x -> x * x), (fun x _ dy -> x * dy))
printfn $"{Check.gradient (input (1, 4, 4) |> wrong |> flatten |> dense 2)}\n"

// A property of one's own. Generators give what is hard by habit: rectangular, odd, strided, padded, one pixel.
let ``a blur never makes an image brighter than it was`` =
    Prop.forAll Any.seed (fun seed ->
        let image = uniform seed [ 1; 1; 8; 11 ]

        (Ops.convolve2d (image, Filters.blur.Reshape (Shape.Of [| 1; 1; 3; 3 |]))).Max()
        <= image.Max () + 1e-6f)

Check.Quick ``a blur never makes an image brighter than it was``

let ``convolution is linear`` =
    Prop.forAll Any.seed (fun seed ->
        let filters = normal seed [ 2; 3; 3; 3 ]
        Check.linearity (fun x -> Ops.convolve2d (x, filters)) [ 1; 3; 6; 7 ] |> Outcome.holds)

Check.Quick ``convolution is linear``

// Of a model: a probability cannot lose more than it is.
let ``hiding a pixel costs at most the probability`` =
    let model = Model.init 7 mine

    Prop.forAll Any.seed (fun seed ->
        let image = uniform seed [ 3; 9; 7 ]
        let sure = (Model.classify image model).Head.Probability
        float ((Inspect.occlusion 1 image model).Max()) <= sure + 1e-6)

Check.Quick ``hiding a pixel costs at most the probability``

// Any network at all: what is inferred is what a run shows, and its gradients are right.
let ``gradients are right`` = Prop.forAll AnyNetwork.pipeline (fun network -> Check.gradient network |> Outcome.holds)

Check.One (Config.Quick.WithMaxTest 20, ``gradients are right``)
