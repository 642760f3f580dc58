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
    ConvolutionTests.tests
    ElementwiseTests.tests
    NetworkTests.tests
    SessionTests.tests
    PooledConvolutionTests.tests
    LayerFixtureTests.tests
    CheckTests.tests
    SummaryTests.tests
    InspectTests.tests
    LayerTests.tests
    WindowTests.tests
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
    FolderTests.tests
    AugmentationTests.tests
    BatchTests.tests
    GeneratedTests.tests
    LossTests.tests
    OptimizerTests.tests
    TrajectoryTests.tests
    InitialTests.tests
    ScheduleTests.tests
    MetricTests.tests
    SafeTensorsTests.tests
    TensorFileTests.tests
    StageTextTests.tests
    ModelFileTests.tests
    OnnxExportTests.tests
    OnnxConstantsTests.tests
    OnnxImportTests.tests
    InstructionSetTests.tests
    CheckpointTests.tests
    TrainingTests.tests
    TestViewTests.tests
]

[<EntryPoint>]
let main arguments =
    match arguments with
    | [| argument; folder |] when argument = CheckpointTests.childArgument ->
        CheckpointTests.child folder
        0
    | [| "fuzz" |] -> TestList (List.ofSeq FuzzSupport.all, Normal) |> testSequenced |> runTestsWithCLIArgs [] [||]
    | _ -> TestList (tests, Normal) |> testSequenced |> runTestsWithCLIArgs [] arguments
