/// A stand-in for the part of Expecto that these tests use, with Expecto's names, signatures and arguments.
/// It is compiled only where the package feed does not carry Expecto itself: see Tests.fsproj.
namespace Expecto

open System
open System.Diagnostics

type AssertException(message) =
    inherit Exception(message)

type IgnoreException(message) =
    inherit Exception(message)

type FocusState =
    | Normal
    | Pending
    | Focused

type Test =
    | TestCase of code: (unit -> unit) * state: FocusState
    | TestList of tests: Test list * state: FocusState
    | TestLabel of label: string * test: Test * state: FocusState
    | Sequenced of Test

/// How close two floats must be: |a − b| ≤ absolute + relative · max |a| |b|.
type Accuracy = { absolute: float; relative: float }

module Accuracy =
    let low = { absolute = 1e-6; relative = 1e-3 }
    let medium = { absolute = 1e-8; relative = 1e-5 }
    let high = { absolute = 1e-10; relative = 1e-7 }
    let veryHigh = { absolute = 1e-12; relative = 1e-9 }
    let areCloseRhs accuracy a b = accuracy.absolute + accuracy.relative * max (abs a) (abs b)
    let areClose accuracy (a: float) (b: float) = abs (a - b) <= areCloseRhs accuracy a b

[<AutoOpen>]
module Tests =
    let failtest message : 'a = raise (AssertException message)
    let failtestf format = Printf.ksprintf failtest format
    let skiptest message : 'a = raise (IgnoreException message)
    let skiptestf format = Printf.ksprintf skiptest format
    let private labelled state name test = TestLabel (name, test, state)
    let testList name tests = labelled Normal name (TestList (tests, Normal))
    let ptestList name tests = labelled Pending name (TestList (tests, Pending))
    let ftestList name tests = labelled Focused name (TestList (tests, Focused))
    let testCase name code = labelled Normal name (TestCase (code, Normal))
    let ptestCase name code = labelled Pending name (TestCase (code, Pending))
    let ftestCase name code = labelled Focused name (TestCase (code, Focused))
    let testCaseAsync name (code: Async<unit>) = testCase name (fun () -> Async.RunSynchronously code)
    let ptestCaseAsync name (code: Async<unit>) = ptestCase name (fun () -> Async.RunSynchronously code)
    let ftestCaseAsync name (code: Async<unit>) = ftestCase name (fun () -> Async.RunSynchronously code)
    let testSequenced test = Sequenced test

module Expect =
    let private expect holds message (because: unit -> string) =
        if not holds then
            failtest $"{message}. {because ()}"

    let private differ actual expected () = $"\n  expected: %A{expected}\n    actual: %A{actual}"

    let private thrownBy f =
        try
            f ()
            None
        with fault ->
            Some fault

    let isTrue actual message = expect actual message (fun () -> "It was false.")
    let isFalse actual message = expect (not actual) message (fun () -> "It was true.")
    let equal actual expected message = expect (actual = expected) message (differ actual expected)
    let notEqual actual expected message = expect (actual <> expected) message (fun () -> $"Both were %A{actual}.")
    let isLessThan a b message = expect (a < b) message (fun () -> $"Expected %A{a} < %A{b}.")
    let isLessThanOrEqual a b message = expect (a <= b) message (fun () -> $"Expected %A{a} <= %A{b}.")
    let isGreaterThan a b message = expect (a > b) message (fun () -> $"Expected %A{a} > %A{b}.")
    let isGreaterThanOrEqual a b message = expect (a >= b) message (fun () -> $"Expected %A{a} >= %A{b}.")
    let isSome x message = expect (Option.isSome x) message (fun () -> "Expected Some, was None.")
    let isNone x message = expect (Option.isNone x) message (fun () -> $"Expected None, was %A{x}.")
    let isOk x message = expect (Result.isOk x) message (fun () -> $"Expected Ok, was %A{x}.")
    let isError x message = expect (Result.isError x) message (fun () -> $"Expected Error, was %A{x}.")
    let isNotNull x message = expect (not (isNull x)) message (fun () -> "It was null.")
    let isNull x message = expect (isNull x) message (fun () -> $"Expected null, was %A{x}.")
    let isNotNaN (x: float) message = expect (not (Double.IsNaN x)) message (fun () -> "It was NaN.")
    let isNotInfinity (x: float) message = expect (not (Double.IsInfinity x)) message (fun () -> $"It was {x}.")
    let throws f message = expect (Option.isSome (thrownBy f)) message (fun () -> "Expected an exception.")

    let throwsC f cont =
        match thrownBy f with
        | Some fault -> cont fault
        | None -> failtest "Expected an exception."

    let throwsT<'fault> f message =
        let thrown = thrownBy f
        let right = thrown |> Option.exists (fun fault -> fault.GetType () = typeof<'fault>)
        let got () = thrown |> Option.map (fun fault -> $"{fault.GetType().FullName}: {fault.Message}")
        expect right message (fun () -> $"""Expected {typeof<'fault>.FullName}, got {defaultArg (got ()) "nothing"}.""")

    let floatClose accuracy (actual: float) expected message =
        let close = Double.IsFinite actual && Double.IsFinite expected && Accuracy.areClose accuracy actual expected
        let within () = $"within {Accuracy.areCloseRhs accuracy actual expected:g3}"
        expect close message (fun () -> $"Expected {actual:R} to be {expected:R}, {within ()}.")

    let floatLessThanOrClose accuracy actual expected message =
        if not (actual < expected) then
            floatClose accuracy actual expected message

    let floatGreaterThanOrClose accuracy actual expected message =
        if not (actual > expected) then
            floatClose accuracy actual expected message

    let isEmpty actual message = expect (Seq.isEmpty actual) message (fun () -> $"Not empty: %A{actual}.")
    let isNonEmpty actual message = expect (not (Seq.isEmpty actual)) message (fun () -> "It was empty.")

    let hasLength actual expected message =
        expect (Seq.length actual = expected) message (fun () -> $"Expected {expected} elements: %A{actual}.")

    let sequenceEqual actual expected message =
        let actual, expected = List.ofSeq actual, List.ofSeq expected
        expect (actual = expected) message (differ actual expected)

    let contains sequence element message =
        expect (Seq.contains element sequence) message (fun () -> $"Expected %A{sequence} to contain %A{element}.")

    let containsAll actual expected message =
        let missing = expected |> Seq.filter (fun element -> not (Seq.contains element actual)) |> List.ofSeq
        expect missing.IsEmpty message (fun () -> $"Missing: %A{missing}.")

    let all actual asserter message =
        let others = actual |> Seq.indexed |> Seq.filter (snd >> asserter >> not) |> List.ofSeq
        expect others.IsEmpty message (fun () -> $"It does not hold of (index, value) %A{others}.")

    let exists actual asserter message =
        expect (Seq.exists asserter actual) message (fun () -> $"It holds of none of %A{actual}.")

    let stringContains (subject: string) (part: string) message =
        expect (subject.Contains part) message (fun () -> $"Expected '{part}' in:\n{subject}")

    let stringStarts (subject: string) (part: string) message =
        expect (subject.StartsWith (part, StringComparison.Ordinal)) message (fun () ->
            $"Expected '{part}' first:\n{subject}")

    let stringEnds (subject: string) (part: string) message =
        expect (subject.EndsWith (part, StringComparison.Ordinal)) message (fun () ->
            $"Expected '{part}' last:\n{subject}")

[<AutoOpen>]
module Runner =
    type private Outcome =
        | Passed
        | Failed of string
        | Skipped of string

    let private within parent child =
        match parent, child with
        | Pending, _
        | _, Pending -> Pending
        | Focused, _ -> Focused
        | Normal, _ -> child

    let rec private flatten names state test =
        match test with
        | TestCase (code, own) -> [ List.rev names, code, within state own ]
        | TestList (tests, own) -> tests |> List.collect (flatten names (within state own))
        | TestLabel (label, inner, own) -> flatten (label :: names) (within state own) inner
        | Sequenced inner -> flatten names state inner

    let private join (names: string list) = String.concat "." names

    /// The first line of the stack that is neither Expecto's nor a library's.
    let private place (fault: exn) =
        (string fault.StackTrace).Split '\n'
        |> Array.tryFind (fun line -> line.Contains ":line " && not (line.Contains "at Expecto."))
        |> Option.map (fun line -> "\n" + line.TrimEnd ())
        |> Option.defaultValue ""

    let private runOne code =
        try
            code ()
            Passed
        with
        | :? IgnoreException as reason -> Skipped reason.Message
        | :? AssertException as fault -> Failed (fault.Message + place fault)
        | fault -> Failed ($"{fault.GetType().FullName}: {fault.Message}{place fault}")

    /// The filters of the command line as predicates over a test's names, or what was not understood.
    let rec private filters arguments =
        match arguments with
        | [] -> Ok []
        | "--filter" :: prefix :: rest -> (fun names -> (join names).StartsWith(prefix: string)) |> add rest
        | "--filter-test-list" :: part :: rest ->
            (fun (names: string list) ->
                names
                |> List.take (names.Length - 1)
                |> List.exists (fun (name: string) -> name.Contains (part: string)))
            |> add rest
        | "--filter-test-case" :: part :: rest ->
            (fun names -> (List.last names: string).Contains(part: string)) |> add rest
        | ("--list-tests" | "--summary" | "--sequenced" | "--no-spinner") :: rest -> filters rest
        | other :: _ -> Error other

    and private add rest filter = filters rest |> Result.map (fun others -> filter :: others)

    let private report summary (names, outcome, elapsed: TimeSpan) =
        match outcome with
        | Failed message -> printfn "FAILED %s\n%s\n" (join names) message
        | Skipped reason -> printfn "skipped %s: %s" (join names) reason
        | Passed when summary -> printfn "passed %s (%.2f s)" (join names) elapsed.TotalSeconds
        | Passed -> ()

    let private run summary tests =
        let focused = tests |> List.exists (fun (_, _, state) -> state = Focused)

        let outcomes = [
            for names, code, state in tests do
                let watch = Stopwatch.StartNew ()

                let outcome =
                    match state with
                    | Pending -> Skipped "pending"
                    | Normal when focused -> Skipped "another test is focused"
                    | Normal
                    | Focused -> runOne code

                report summary (names, outcome, watch.Elapsed)
                outcome
        ]

        let count which = outcomes |> List.filter which |> List.length
        let failed = count _.IsFailed
        printfn "%d passed, %d failed, %d skipped" (count _.IsPassed) failed (count _.IsSkipped)
        if failed > 0 then 1 else 0

    /// Runs the tests one after another; the exit code. `cliArguments` is Expecto's, and must be empty here.
    let runTestsWithCLIArgs (cliArguments: seq<unit>) (arguments: string[]) test =
        let arguments = List.ofArray arguments
        let tests = flatten [] Normal test

        let repeated =
            tests |> List.countBy (fun (names, _, _) -> join names) |> List.filter (fun (_, times) -> times > 1)

        match filters arguments, repeated with
        | Error other, _ ->
            printfn
                "Not understood: %s. There are --filter, --filter-test-list, --filter-test-case TEXT, --list-tests, --summary."
                other

            2
        | _, (name, _) :: _ ->
            printfn "Two tests have the name '%s'." name
            3
        | Ok holds, [] ->
            let chosen = tests |> List.filter (fun (names, _, _) -> holds |> List.forall (fun holds -> holds names))

            if List.contains "--list-tests" arguments then
                chosen |> List.iter (fun (names, _, _) -> printfn "%s" (join names))
                0
            elif chosen.IsEmpty then
                printfn "No test has such a name; --list-tests lists them."
                4
            else
                run (List.contains "--summary" arguments) chosen
