module Fovea.Tests.Main

open Expecto

/// Every test, a line for each file.
let tests: Test list =
    [
        PropertyTests.tests
        RoomsTests.tests
        TensorTests.tests
        KernelTests.tests
        OpsTests.tests
    ]

[<EntryPoint>]
let main arguments = TestList (tests, Normal) |> testSequenced |> runTestsWithCLIArgs [] arguments
