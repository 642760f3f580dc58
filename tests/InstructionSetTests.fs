/// The kernels for older processors, on this one: the runtime hides instruction sets from a process that asks it to.
module Fovea.Tests.InstructionSetTests

open System
open System.Diagnostics
open System.Reflection
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open System.Threading.Tasks
open Expecto

// Set in the processes that this test starts: they do not start others.
let private marker = "FOVEA_TEST_WITHOUT"

/// Runs the kernel and element-wise tests, a few cases each, in a process without an instruction set.
let private testsWithout (variable: string) (list: string) =
    let program = Assembly.GetExecutingAssembly().Location
    let info = ProcessStartInfo (Environment.ProcessPath, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true)

    // Where the tests run as a program of their own, that program; otherwise `dotnet` and the assembly.
    if IO.Path.GetFileNameWithoutExtension Environment.ProcessPath = "dotnet" then
        info.ArgumentList.Add program

    for argument in [ "--filter-test-list"; list; "--summary" ] do
        info.ArgumentList.Add argument

    info.Environment[variable] <- "0"
    info.Environment[marker] <- variable
    info.Environment["FOVEA_TEST_COUNT"] <- "12"
    use started = Process.Start info
    let printed = Task.WhenAll (started.StandardOutput.ReadToEndAsync (), started.StandardError.ReadToEndAsync ())

    if not (started.WaitForExit (TimeSpan.FromMinutes 2.0)) then
        started.Kill true
        failtestf "no answer in two minutes, without %s" variable

    let text = String.concat "\n" printed.Result

    if started.ExitCode <> 0 then
        let failed = text.Split '\n' |> Array.filter (fun line -> not (line.StartsWith "passed")) |> String.concat "\n"
        failtestf "with %s=0:\n%s" variable failed

    text

let private width () =
    if Vector512.IsHardwareAccelerated then 512
    elif Vector256.IsHardwareAccelerated then 256
    else 128

let tests =
    let without = Environment.GetEnvironmentVariable marker

    testList "Instruction sets" [
        if isNull without then
            for variable, there in [ "DOTNET_EnableAVX512", Avx512F.IsSupported; "DOTNET_EnableAVX2", Avx2.IsSupported ] do
                testCase $"kernels agree with their naive twins with {variable}=0" (fun () ->
                    if there then
                        testsWithout variable "Kernels agree with their naive twins" |> ignore
                        testsWithout variable "Element by element" |> ignore
                        testsWithout variable "Without an instruction set" |> ignore
                    else
                        skiptest "this processor is without it as it is")
        else
            testList "Without an instruction set" [
                testCase "it is hidden, and narrower vectors are used" (fun () ->
                    match without with
                    | "DOTNET_EnableAVX512" -> Expect.isLessThan (width ()) 512 "AVX-512"
                    | _ -> Expect.isLessThan (width ()) 256 "AVX2")
            ]
    ]
