module Fovea.Tests.PropertyTests

open Expecto

/// What a failing property says, or nothing.
let failure property =
    try
        checkProperty propertyConfig "a property" property
        None
    with :? AssertException as fault ->
        Some fault.Message

let reversedIsItself (list: int list) = List.rev list = list

let tests =
    testList "Properties" [
        testProperty "a property that holds passes" (fun (list: int list) -> List.rev (List.rev list) = list)

        testCase "a property that does not hold fails and tells the seed" (fun () ->
            let said = failure reversedIsItself |> Option.defaultValue ""
            Expect.stringContains said "FOVEA_TEST_SEED=" "what the failure says")

        testCase "the same seed finds the same counterexample" (fun () ->
            Expect.equal (failure reversedIsItself) (failure reversedIsItself) "two runs")

        testCase "an assertion inside a property fails it" (fun () ->
            let said = failure (fun (number: int) -> Expect.isLessThan number 3 "small") |> Option.defaultValue ""

            Expect.stringContains said "small" "what the failure says")
    ]
