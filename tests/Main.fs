module Fovea.Tests.Main

open Expecto

/// Every test, a line for each file.
let tests: Test list = [
    PropertyTests.tests
    RoomsTests.tests
    TensorTests.tests
    DataReadingTests.tests
    TarTests.tests
    DataFuzzTests.tests
    DownloadTests.tests
    DatasetTests.tests
    DatasetTests.valueTests
    AugmentationTests.tests
    BatchTests.tests
    GeneratedTests.tests
]

[<EntryPoint>]
let main arguments = TestList (tests, Normal) |> testSequenced |> runTestsWithCLIArgs [] arguments
