module Fovea.Tests.MetricTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea.Core.Training

type Scored = { Classes: int; Scores: float32[]; Labels: int[] }

/// Scores in few steps, so that ties are common.
let scored = gen {
    let! classes = Gen.choose (1, 6)
    let! rows = Gen.choose (0, 9)
    let! scores = Gen.choose (-3, 3) |> Gen.map float32 |> Gen.arrayOfLength (rows * classes)
    let! labels = Gen.choose (0, classes - 1) |> Gen.arrayOfLength rows
    return { Classes = classes; Scores = scores; Labels = labels }
}

let forScored check = Prop.forAll (Arb.fromGen scored) check

let accuracy top batches =
    let accuracy = Accuracy top

    batches
    |> List.iter (fun batch -> accuracy.Add (ReadOnlySpan batch.Scores, ReadOnlySpan batch.Labels))

    accuracy

let confusion classes batches =
    let matrix = ConfusionMatrix (classes: int)

    batches
    |> List.iter (fun batch -> matrix.Add (ReadOnlySpan batch.Scores, ReadOnlySpan batch.Labels))

    matrix

/// By sorting: the classes from the best score on, earlier ones first where scores are equal.
let ranked batch row =
    batch.Scores[row * batch.Classes .. row * batch.Classes + batch.Classes - 1]
    |> Array.indexed
    |> Array.sortBy (fun (k, score) -> -score, k)
    |> Array.map fst

let split batch =
    let rows = batch.Labels.Length / 2

    [
        {
            batch with
                Scores = Array.truncate (rows * batch.Classes) batch.Scores
                Labels = Array.truncate rows batch.Labels
        }
        {
            batch with
                Scores = Array.skip (rows * batch.Classes) batch.Scores
                Labels = Array.skip rows batch.Labels
        }
    ]

/// Four images of cats, three of dogs, one of a bird: two cats taken for dogs, a dog for a cat, the bird for a dog.
let animals =
    let matrix = ConfusionMatrix [ "cat"; "dog"; "bird" ]

    for label, predicted in [ 0, 0; 0, 0; 0, 1; 0, 1; 1, 1; 1, 1; 1, 0; 2, 1 ] do
        matrix.Add (label, predicted)

    matrix

let tests =
    testList "Metrics" [
        testProperty "a row is right among its top k when sorting says so"
        <| forScored (fun batch ->
            for top in 1 .. batch.Classes do
                let right =
                    batch.Labels
                    |> Array.indexed
                    |> Array.filter (fun (row, label) ->
                        ranked batch row |> Array.truncate top |> Array.contains label)

                let accuracy = accuracy top [ batch ]
                Expect.equal accuracy.Right right.LongLength "right"
                Expect.equal accuracy.Count batch.Labels.LongLength "all")

        testProperty "counting in batches is counting at once"
        <| forScored (fun batch ->
            let whole, parts = accuracy 1 [ batch ], accuracy 1 (split batch)
            Expect.equal (parts.Right, parts.Count) (whole.Right, whole.Count) "accuracy"

            Expect.equal
                (string (confusion batch.Classes (split batch)))
                (string (confusion batch.Classes [ batch ]))
                "confusion")

        testProperty "the confusion matrix counts every image once, and its diagonal is the accuracy"
        <| forScored (fun batch ->
            let matrix = confusion batch.Classes [ batch ]
            let all = Seq.allPairs [ 0 .. batch.Classes - 1 ] [ 0 .. batch.Classes - 1 ]
            Expect.equal (all |> Seq.sumBy (fun (i, j) -> matrix[i, j])) batch.Labels.LongLength "sum"
            Expect.isTrue (matrix.Accuracy.Equals (accuracy 1 [ batch ]).Value) "accuracy"

            for row, label in Array.indexed batch.Labels do
                Expect.isGreaterThan matrix[label, (ranked batch row)[0]] 0L "where it was counted")

        testCase "a row that holds NaN names no class, and is wrong" (fun () ->
            let batch = { Classes = 2; Scores = [| nanf; 1.0f; 1.0f; nanf; 2.0f; 1.0f |]; Labels = [| 1; 0; 0 |] }
            Expect.equal (accuracy 1 [ batch ]).Right 1L "top 1"
            Expect.equal (accuracy 2 [ batch ]).Right 1L "top 2"
            let matrix = confusion 2 [ batch ]

            Expect.equal
                (matrix.Count, matrix[0, 0], matrix[1, 0] + matrix[1, 1] + matrix[0, 1])
                (3L, 1L, 0L)
                "confusion"

            Expect.stringContains (string matrix) "nothing" "the table says so")

        testCase "precision, recall and F1 of a small example" (fun () ->
            let scores = animals.Scores ()
            let close (actual: float) expected what = Expect.floatClose Accuracy.high actual expected what
            close scores[0].Precision (2.0 / 3.0) "cats: precision"
            close scores[0].Recall (2.0 / 4.0) "cats: recall"
            close scores[0].F1 (4.0 / 7.0) "cats: F1"
            close scores[1].Precision (2.0 / 5.0) "dogs: precision"
            close scores[1].Recall (2.0 / 3.0) "dogs: recall"
            close scores[1].F1 (4.0 / 8.0) "dogs: F1"
            Expect.isTrue (Double.IsNaN scores[2].Precision) "nothing was taken for a bird"
            Expect.equal (scores[2].Recall, scores[2].F1, scores[2].Support) (0.0, 0.0, 1L) "the bird"
            close animals.MacroF1 ((4.0 / 7.0 + 0.5 + 0.0) / 3.0) "macro F1"
            close animals.Accuracy 0.5 "accuracy"
            Expect.equal (animals.ToMatrix().[0, 1]) 2.0 "as a matrix")

        testCase "the confusion matrix prints as a table" (fun () ->
            let table =
                [
                    "label \\ taken for  cat  dog  bird  precision  recall     F1"
                    "cat                  2    2     ·      0.667   0.500  0.571"
                    "dog                  1    2     ·      0.400   0.667  0.500"
                    "bird                 ·    1     ·          –   0.000  0.000"
                    "accuracy 50.00 % (4 of 8)"
                ]
                |> String.concat "\n"

            Expect.equal (string animals) table "table")

        testProperty "a running mean of batches is the mean of all" (fun (numbers: (NormalFloat * PositiveInt) list) ->
            let mean = RunningMean ()

            for NormalFloat value, PositiveInt weight in numbers do
                mean.Add (value, float weight)

            let weighted = numbers |> List.sumBy (fun (NormalFloat value, PositiveInt weight) -> value * float weight)
            let all = numbers |> List.sumBy (fun (_, PositiveInt weight) -> float weight)
            Expect.isTrue (mean.Value.Equals (weighted / all)) "mean"
            mean.Add (nan, 0.0)
            Expect.isTrue (mean.Value.Equals (weighted / all)) "what counts nothing is left out"
            mean.Add nan
            Expect.isTrue (Double.IsNaN mean.Value) "NaN"
            mean.Reset ()
            mean.Add 3.0
            Expect.equal mean.Value 3.0 "after a reset")

        testCase "metrics print well" (fun () ->
            let batch = { Classes = 3; Scores = [| 3.0f; 2.0f; 1.0f; 3.0f; 2.0f; 1.0f |]; Labels = [| 0; 1 |] }
            Expect.equal (string (accuracy 1 [ batch ])) "50.00 % (1 of 2)" "accuracy"
            Expect.equal (string (accuracy 2 [ batch ])) "top-2 100.00 % (2 of 2)" "top-2"

            Expect.equal
                (string (animals.Scores().[0]))
                "cat: precision 0.667, recall 0.500, F1 0.571, 4 images"
                "class")

        testCase "scores that do not fit the labels are said" (fun () ->
            let said work = LossTests.sentence work

            let add scores labels () =
                (Accuracy ()).Add(ReadOnlySpan (scores: float32[]), ReadOnlySpan (labels: int[]))

            Expect.stringContains (said (add (Array.zeroCreate 5) [| 0; 1 |])) "2 labels, got 5 scores" "rows"
            Expect.stringContains (said (add (Array.zeroCreate 4) [| 0; 2 |])) "0..1, got 2" "label"

            let matrix () =
                (ConfusionMatrix 3).Add(ReadOnlySpan (Array.zeroCreate<float32> 4), ReadOnlySpan [| 0; 1 |])

            Expect.stringContains (said matrix) "3 classes, got scores of 2" "classes")
    ]
