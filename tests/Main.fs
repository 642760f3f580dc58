module Fovea.Tests.Main

open Expecto

/// Every test, a line for each file.
let tests: Test list = [
    PropertyTests.tests
    RoomsTests.tests
    TensorTests.tests
    ShapeTests.tests
    RandomnessTests.tests
    MemoryTests.tests
    WorkersTests.tests
    KernelTests.tests
    NetworkTests.tests
    CheckTests.tests
    LayerTests.tests
    CompositionTests.tests
    OpsTests.tests
    DataReadingTests.tests
    TarTests.tests
    DataFuzzTests.tests
    PngTests.tests
    NetpbmTests.tests
    NpyTests.tests
    PictureTests.tests
    DownloadTests.tests
    DatasetTests.tests
    DatasetTests.valueTests
    AugmentationTests.tests
    BatchTests.tests
    GeneratedTests.tests
    LossTests.tests
    OptimizerTests.tests
    ScheduleTests.tests
    MetricTests.tests
    SafeTensorsTests.tests
    StageTextTests.tests
    ModelFileTests.tests
]

[<EntryPoint>]
let main arguments = TestList (tests, Normal) |> testSequenced |> runTestsWithCLIArgs [] arguments
