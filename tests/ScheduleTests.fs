module Fovea.Tests.ScheduleTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea.Core.Training

let rates (schedule: Schedule) total = [ for step in 0 .. total - 1 -> (schedule.At (step, total)).RateOf 1.0 ]

/// The schedules of the fixture, by its names.
let fixtureSchedules: (string * Schedule) list = [
    "StepDecay 7", StepDecay 7
    "StepDecay 3 gamma 0.5", StepDecay (3, 0.5)
    "MultiStepDecay", MultiStepDecay ([ 5; 11; 30 ], 0.2f)
    "MultiStepDecay twice", MultiStepDecay [ 30; 5; 5 ]
    "ExponentialDecay", ExponentialDecay 0.9
    "CosineAnnealing", CosineAnnealing ()
    "CosineAnnealing final", CosineAnnealing 0.1
    "PolynomialDecay", PolynomialDecay ()
    "PolynomialDecay 2", PolynomialDecay 2
    "WarmUp", Schedule.Constant.WarmUp 5
    "WarmUp from 0.1, CosineAnnealing", CosineAnnealing().WarmUp(8, 0.1)
    "OneCycle", OneCycle (cycleMomentum = true)
    "OneCycle 25", OneCycle (cycleMomentum = true)
    "OneCycle linear", OneCycle (annealing = Annealing.Linear, cycleMomentum = true)
    "OneCycle settings",
    OneCycle (rise = 0.45, divide = 10, finalDivide = 100, cycleMomentum = true, baseMomentum = 0.7, maxMomentum = 0.9)
    "OneCycle three phases", OneCycle (rise = 0.4, threePhases = true, cycleMomentum = true)
]

let fixture = lazy (Fixtures.read "training/training.json" |> Fixtures.field "schedules" |> Fixtures.list)
let fixtureName case = Fixtures.text (Fixtures.field "name" case)

let equalsPyTorch (schedule: Schedule) case =
    let expected = Fixtures.numbers (Fixtures.field "rates" case)
    Fixtures.expectNear 1e-12 1e-2 "rate" (rates schedule expected.Length) expected

    match Fixtures.tryField "momenta" case with
    | None -> ()
    | Some momenta ->
        let expected = Fixtures.numbers momenta
        let momentum step = (schedule.At (step, expected.Length)).Momentum

        Fixtures.expectNear
            1e-12
            1e-2
            "momentum"
            (List.init expected.Length (fun step -> (momentum step).Value))
            expected

let everySchedule: Schedule list =
    Schedule.Constant
    :: Triangular ()
    :: Triangular (0.2f, 0.1, 0.07)
    :: Triangular 1
    :: OneCycle 0.05f
    :: OneCycle(rise = 0).WarmUpOver 0.1
    :: Schedule.Custom (fun ``done`` -> 1.0 - ``done``)
    :: List.map snd fixtureSchedules

let tests =
    testList "Schedules" [
        testList "a schedule equals PyTorch's at every step" [
            for name, schedule in fixtureSchedules do
                testCase name (fun () ->
                    match fixture.Force () |> List.filter (fun case -> fixtureName case = name) with
                    | [ case ] -> equalsPyTorch schedule case
                    | cases -> failtestf "%d cases" cases.Length)
        ]

        testCase "every case of the fixture is tested" (fun () ->
            Expect.equal (fixture.Force () |> List.map fixtureName) (List.map fst fixtureSchedules) "the names")

        testProperty "a rate is a finite number at any step of a run of any length, also after its end"
        <| fun (NonNegativeInt step) (PositiveInt total) (PositiveInt epoch) ->
            for schedule in everySchedule do
                let point = schedule.At (step, total, epoch)
                let rate = point.RateOf 1.0

                Expect.isTrue
                    (Double.IsFinite rate && rate >= 0.0 && rate <= 1.0)
                    $"{schedule} at {step} of {total}: {rate}"

                Expect.equal point.Position.Value.Step step "it says where it is"

        testProperty "a schedule that ends stays where it ended" (fun (PositiveInt total) ->
            let ending: Schedule list = [
                CosineAnnealing 0.1
                PolynomialDecay ()
                Triangular (final = 0.2)
                OneCycle ()
            ]

            for schedule in ending do
                let after = (schedule.At (total + 5, total)).RateOf 1.0
                let next = (schedule.At (total + 1, total)).RateOf 1.0
                Expect.equal after next (string schedule))

        testCase "epochs are counted in epochs, and in steps where asked" (fun () ->
            let at (schedule: Schedule) step = (schedule.At (step, 100, 10)).RateOf 1.0
            Expect.equal (List.map (at (StepDecay (2, 0.5))) [ 19; 20; 40 ]) [ 1.0; 0.5; 0.25 ] "epochs"
            Expect.equal (List.map (at (StepDecay (2, 0.5, Clock.Steps))) [ 1; 2; 4 ]) [ 1.0; 0.5; 0.25 ] "steps"
            Expect.equal (List.map (at (MultiStepDecay ([ 3 ], 0.5))) [ 29; 30 ]) [ 1.0; 0.5 ] "milestones in epochs"
            Expect.equal (List.map (at (ExponentialDecay 0.5)) [ 9; 10; 20 ]) [ 1.0; 0.5; 0.25 ] "exponential")

        testCase "a triangle rises to 1 and falls to its end" (fun () ->
            let triangle = Triangular (0.25, 0.2)

            Fixtures.expectNear 1e-12 1.0 "eight steps" (rates triangle 8) [
                0.2
                0.6
                1.0
                5.0 / 6.0
                4.0 / 6.0
                0.5
                2.0 / 6.0
                1.0 / 6.0
            ]

            Fixtures.expectNear 1e-12 1.0 "the end" [ (triangle.At (8, 8)).RateOf 1.0 ] [ 0.0 ]
            Expect.equal (rates (Triangular (1, 0)) 4) [ 0.0; 0.25; 0.5; 0.75 ] "only up"
            Expect.equal (rates (Triangular 0) 4) [ 1.0; 0.75; 0.5; 0.25 ] "only down")

        testCase
            "a peak is the largest rate, whatever the optimizer's own; without one it is the optimizer's"
            (fun () ->
                let largest (schedule: Schedule) own =
                    List.max [ for step in 0..100 -> (schedule.At (step, 100)).RateOf own ]

                Expect.floatClose Accuracy.high (largest (OneCycle 0.05f) 7.0) 0.05 "given"
                Expect.isLessThan (abs (largest (OneCycle ()) 7.0 - 7.0)) 0.01 "own"
                Expect.isFalse ((OneCycle ()).At(3, 10).Momentum.HasValue) "momentum is left alone unless asked for")

        testCase "a warm-up takes its steps out of the run's total" (fun () ->
            let warmed = rates (PolynomialDecay().WarmUp(4, 0)) 12

            Fixtures.expectNear 1e-12 1.0 "up, then all of the way down" warmed [
                0.0
                0.25
                0.5
                0.75
                1.0
                0.875
                0.75
                0.625
                0.5
                0.375
                0.25
                0.125
            ]

            Expect.equal (rates (PolynomialDecay().WarmUpOver(0.34, 0)) 12) warmed "as a share"
            Expect.equal (rates (CosineAnnealing().WarmUp 0) 12) (rates (CosineAnnealing ()) 12) "none")

        testCase "a schedule that a script defines sees how much is done, or where the run stands" (fun () ->
            Expect.equal (rates (Schedule.Custom (fun x -> 1.0 - x)) 4) [ 1.0; 0.75; 0.5; 0.25 ] "done"
            let odd = Schedule.OfPosition (fun at -> if at.Epoch % 2 = 1 then 0.5 else 1.0)

            Expect.equal
                [ for step in 0..5 -> (odd.At (step, 6, 2)).RateOf 1.0 ]
                [ 1.0; 1.0; 0.5; 0.5; 1.0; 1.0 ]
                "epoch")

        testCase "a schedule prints as it is typed" (fun () ->
            let typed: (Schedule * string) list = [
                OneCycle (), "OneCycle ()"
                OneCycle (0.05f, rise = 0.4), "OneCycle (0.05, rise = 0.4)"
                CosineAnnealing().WarmUp 500, "CosineAnnealing ().WarmUp (500)"
                StepDecay (30, clock = Clock.Steps), "StepDecay (30, clock = Clock.Steps)"
                MultiStepDecay [ 60; 30 ], "MultiStepDecay ([ 30; 60 ])"
                Triangular (0.23, 0.2), "Triangular (peak = 0.23, start = 0.2)"
            ]

            for schedule, text in typed do
                Expect.equal (string schedule) text "text"

            Expect.equal (string ((OneCycle 0.05f).At(0, 10))) "rate 0.002" "a point")
    ]
