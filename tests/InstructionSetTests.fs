/// The kernels for older processors, on this one: the runtime hides instruction sets from a process that asks it to.
module Fovea.Tests.InstructionSetTests

open System
open System.Diagnostics
open System.Reflection
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open System.Threading.Tasks
open Expecto

/// Set in the processes that this test starts, to the variable that hides an instruction set.
let private without = Environment.GetEnvironmentVariable "FOVEA_TEST_WITHOUT" |> Option.ofObj

let private width () =
    if Vector512.IsHardwareAccelerated then 512
    elif Vector256.IsHardwareAccelerated then 256
    else 128

/// What such a process runs: it finds them by their list's name.
let private testsWithout variable =
    testList $"With {variable}=0" [
        testCase "it is hidden, and narrower vectors are used" (fun () ->
            Expect.isLessThan (width ()) (if variable = "DOTNET_EnableAVX512" then 512 else 256) "bits of a vector")

        KernelTests.tests
        ElementwiseTests.tests
        PooledConvolutionTests.tests
    ]

/// Runs them, a few cases each.
let private processWithout (variable: string) =
    let program = Assembly.GetExecutingAssembly().Location

    let info =
        ProcessStartInfo (
            Environment.ProcessPath,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    // Where the tests run as a program of their own, that program; otherwise `dotnet` and the assembly.
    if IO.Path.GetFileNameWithoutExtension Environment.ProcessPath = "dotnet" then
        info.ArgumentList.Add program

    for argument in [ "--filter-test-list"; $"With {variable}=0"; "--summary" ] do
        info.ArgumentList.Add argument

    info.Environment[variable] <- "0"
    info.Environment["FOVEA_TEST_WITHOUT"] <- variable
    info.Environment["FOVEA_TEST_COUNT"] <- "6"
    use started = Process.Start info
    let printed = Task.WhenAll (started.StandardOutput.ReadToEndAsync (), started.StandardError.ReadToEndAsync ())

    if not (started.WaitForExit (TimeSpan.FromMinutes 10.0)) then
        started.Kill true
        failtestf "it hangs with %s=0" variable

    let text = String.concat "\n" printed.Result

    if started.ExitCode <> 0 || not (text.Contains "narrower vectors") then
        failtestf "with %s=0:\n%s" variable text

let private variables = [ "DOTNET_EnableAVX512", Avx512F.IsSupported; "DOTNET_EnableAVX2", Avx2.IsSupported ]

let tests =
    match without with
    | Some variable -> testList "Instruction sets" [ testsWithout variable ]
    | None ->
        testList "Instruction sets" [
            for variable, there in variables do
                testCase $"kernels agree with their naive twins with {variable}=0" (fun () ->
                    if there then processWithout variable else skiptest "this processor is without it as it is")
        ]
