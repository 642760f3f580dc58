// Builds, tests and runs Fovea: `dotnet fsi build.fsx TARGET [arguments]`. Run bare, it lists the targets.
// It needs the .NET 10 SDK and restores the rest itself.

open System
open System.Diagnostics
open System.IO
open System.Security.Cryptography
open System.Text

/// What went wrong, and what to do about it.
exception Stop of wrong: string * mend: string

let stop wrong mend = raise (Stop (wrong, mend))

let root = __SOURCE_DIRECTORY__
let at path = Path.Combine (root, path)
let artifacts = at "artifacts"

// ---- Running programs ----

let start (arguments: string list) quiet =
    let info = ProcessStartInfo ("dotnet", WorkingDirectory = root, UseShellExecute = false)
    arguments |> List.iter info.ArgumentList.Add
    info.RedirectStandardOutput <- quiet
    info.RedirectStandardError <- quiet
    Process.Start info

/// The exit code of `dotnet ARGUMENTS`, which shares this terminal.
let dotnetCode arguments =
    use started = start arguments false
    started.WaitForExit ()
    started.ExitCode

/// `dotnet ARGUMENTS`, which must succeed.
let dotnet arguments mend =
    match dotnetCode arguments with
    | 0 -> ()
    | code ->
        let command = String.concat " " arguments
        stop $"`dotnet {command}` failed with exit code {code}." mend

/// `dotnet ARGUMENTS` without a word: what it printed, where it failed or took too long.
let dotnetQuietly arguments (limit: TimeSpan) =
    use started = start arguments true
    let printed = started.StandardOutput.ReadToEndAsync (), started.StandardError.ReadToEndAsync ()

    if not (started.WaitForExit limit) then
        started.Kill true
        Error $"gave no answer in {limit.TotalSeconds:F0} s"
    elif started.ExitCode = 0 then
        Ok ()
    else
        Error ((fst printed).Result + (snd printed).Result)

// ---- Packages ----

let restoreWith arguments =
    match dotnetQuietly arguments (TimeSpan.FromMinutes 20.0) with
    | Ok () -> ()
    | Error printed ->
        let command = String.concat " " arguments

        stop
            $"`dotnet {command}` failed:\n{printed}"
            "Is the package feed reachable (`dotnet nuget list source`)? Then try again."

let restore () =
    restoreWith [ "tool"; "restore" ]
    restoreWith [ "paket"; "restore"; "--only-referenced" ]

let expecto = "packages/expecto/Expecto/lib/net8.0/Expecto.dll"

/// Expecto from the feed, where the feed has it; tests/Tests.fsproj looks whether it came.
let restoreExpecto () =
    if not (File.Exists (at expecto)) then
        restoreWith [ "tool"; "restore" ]

        match dotnetQuietly [ "paket"; "restore"; "--group"; "Expecto" ] (TimeSpan.FromSeconds 60.0) with
        | Ok () -> ()
        | Error _ -> printfn "The package feed has no Expecto: the tests run on the stand-in, tests/Expecto.fs."

// ---- Building ----

let sources folders =
    let ignored = set [ "bin"; "obj" ]

    let rec within folder = seq {
        yield! Directory.EnumerateFiles folder

        for inner in Directory.EnumerateDirectories folder do
            if not (ignored.Contains (Path.GetFileName inner)) then
                yield! within inner
    }

    Seq.append
        (Seq.map at [ "Directory.Build.props"; "paket.dependencies"; "paket.lock" ])
        (folders |> Seq.map at |> Seq.filter Directory.Exists |> Seq.collect within)

/// Name, time and size of every file that a build reads, in one line.
let fingerprint folders =
    let text =
        sources folders
        |> Seq.map FileInfo
        |> Seq.map (fun file -> $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}")
        |> Seq.sort
        |> String.concat "\n"

    text |> Encoding.UTF8.GetBytes |> SHA256.HashData |> Convert.ToHexString

/// Builds `project` in Release, unless nothing that it is made of has changed since it was last built.
let buildOnce (project: string) (result: string) folders =
    let mark = Path.Combine (artifacts, "built", Path.GetFileNameWithoutExtension project)
    let now = fingerprint folders
    let unchanged = File.Exists mark && File.Exists (at result) && File.ReadAllText mark = now

    if not unchanged then
        Directory.CreateDirectory (Path.GetDirectoryName mark) |> ignore
        File.Delete mark
        restore ()

        dotnet
            [ "msbuild"; project; "-restore"; "-p:Configuration=Release"; "-nologo"; "-v:quiet" ]
            "Mend what the compiler names above. If it names a package or a stale file: dotnet fsi build.fsx clean"

        File.WriteAllText (mark, now)

let library = "artifacts/fovea/Fovea.Invariants.dll"

/// artifacts/fovea: the one folder that scripts read.
let buildLibrary () = buildOnce "tests/Invariants/Invariants.fsproj" library [ "Core"; "Pipelines"; "tests/Invariants" ]

// ---- Targets ----

type Target = { Name: string; Does: string; Run: string list -> unit }

/// artifacts/fovea/aspnet.fsx: what serve.fsx loads, since ASP.NET Core lies elsewhere with every version of .NET.
let referAspNet () =
    let runtime = DirectoryInfo (Path.GetDirectoryName typeof<obj>.Assembly.Location)
    let version = runtime.Name
    let folder = Path.Combine (runtime.Parent.Parent.FullName, "Microsoft.AspNetCore.App", version)

    if Directory.Exists folder then
        let assemblies = [
            "Microsoft.AspNetCore"
            "Microsoft.AspNetCore.Http"
            "Microsoft.AspNetCore.Http.Abstractions"
        ]

        String.concat "\n" [
            "// Written by `dotnet fsi build.fsx build`: ASP.NET Core, from beside the .NET that runs this."
            $"#I @\"{folder}\""
            for file in Directory.EnumerateFiles (folder, "*.dll") |> Seq.sort do
                $"#r \"{Path.GetFileName file}\""
            ""
        ]
        |> fun text -> File.WriteAllText (at "artifacts/fovea/aspnet.fsx", text)

let build _ =
    buildLibrary ()
    referAspNet ()
    printfn "Built: %s" (Path.GetDirectoryName library)

/// The program that the tests are.
let buildTests () =
    restoreExpecto ()
    let folder = if File.Exists (at expecto) then "tests/bin/expecto" else "tests/bin"
    let tests = $"{folder}/Release/net10.0/Fovea.Tests.dll"
    buildOnce "tests/Tests.fsproj" tests [ "Core"; "Pipelines"; "tests"; "packages/expecto" ]
    tests

let test arguments =
    dotnet
        (buildTests () :: arguments)
        "The failed tests are named above; `--filter NAME` runs those whose name starts so."

/// Damaged files of every kind that is read, by the hundred thousand.
let fuzz arguments =
    let count =
        match arguments with
        | [] -> 100_000
        | [ count ] when fst (Int32.TryParse (count: string)) && int count > 0 -> int count
        | _ -> stop "fuzz takes one number, the mutants of each kind of file." "dotnet fsi build.fsx fuzz 1000000"

    Environment.SetEnvironmentVariable ("FOVEA_FUZZ_COUNT", string count)
    dotnet [ buildTests (); "fuzz" ] "The mutant is named above: it is the same one whenever it is made."

let script name arguments =
    buildLibrary ()
    dotnet ("fsi" :: name :: arguments) $"`dotnet fsi {name} help` tells its options."

let bench arguments =
    let benchmarks = "benchmarks/bin/Release/net10.0/Fovea.Benchmarks.dll"
    buildOnce "benchmarks/Benchmarks.csproj" benchmarks [ "Core"; "Pipelines"; "benchmarks" ]
    dotnet (benchmarks :: arguments) "`dotnet fsi build.fsx bench --list flat` names the benchmarks."

/// The table from which convolution algorithms are chosen, measured on this machine.
let tune arguments =
    let table = "Core/Dispatch/Convolution/costs.csv"
    bench ("tune" :: at table :: arguments)
    printfn "Written where choices get better: %s. Build to take it up." table

let fsharp = [ "build.fsx"; "Pipelines"; "scripts"; "tests" ]
let csharp = [ "Core/Core.csproj"; "benchmarks/Benchmarks.csproj" ]

let format _ =
    restore ()
    dotnet ("fantomas" :: fsharp) "Fantomas could not read a file: build it first, the compiler says more."

    for project in csharp do
        dotnet [ "format"; project ] "dotnet format could not read the project: build it first, the compiler says more."

let checkFormat _ =
    let mend = "To mend: dotnet fsi build.fsx format"
    restore ()
    dotnet ("fantomas" :: "--check" :: fsharp) mend

    for project in csharp do
        dotnet [ "format"; project; "--verify-no-changes" ] mend

    printfn "Every file is formatted."

let pack _ =
    restore ()

    dotnet
        [ "pack"; "Fovea.slnx"; "-c"; "Release"; "--nologo"; "-v"; "quiet"; "-o"; "artifacts/packages" ]
        "Mend what is named above."

    Directory.EnumerateFiles (at "artifacts/packages", "*.nupkg")
    |> Seq.iter (fun file -> printfn "%s" (Path.GetRelativePath (root, file)))

let clean _ =
    let projects = [ "Core"; "Pipelines"; "tests"; "tests/Invariants"; "benchmarks" ]

    let made = [
        for project in projects do
            $"{project}/bin"
            $"{project}/obj"
    ]

    for folder in "artifacts" :: "packages" :: "paket-files" :: made do
        if Directory.Exists (at folder) then
            Directory.Delete (at folder, true)

let target name does run = { Name = name; Does = does; Run = run }

let targets = [
    target "build" "build Core, Pipelines and Invariants into artifacts/fovea" build
    target "train" "build, then train a network on generated images [help]" (script "scripts/quickstart.fsx")
    target "test" "build and run the tests [--filter NAME] [--list-tests]" test
    target "fuzz" "damage files of every kind that is read [MUTANTS OF EACH]" fuzz
    target "bench" "build and run the benchmarks [--filter PATTERN] [--list flat]" bench
    target "tune" "measure what convolution algorithms cost, and write the table they are chosen by [ROUNDS]" tune
    target "format" "format every source file, F# and C#" format
    target "check-format" "fail where `format` would change a file" checkFormat
    target "pack" "make NuGet packages in artifacts/packages" pack
    target "clean" "remove everything that a build made" clean
]

let list () =
    printfn "dotnet fsi build.fsx TARGET [arguments]\n"
    targets |> List.iter (fun target -> printfn "    %-14s%s" target.Name target.Does)

let run name arguments =
    match targets |> List.tryFind (fun target -> target.Name = name) with
    | Some target -> target.Run arguments
    | None -> stop $"There is no target `{name}`." "`dotnet fsi build.fsx` lists the targets."

// A script that trains ends Ctrl-C itself, cleanly: wait for it.
Console.CancelKeyPress.Add (fun pressed -> pressed.Cancel <- true)

try
    if Environment.Version.Major < 10 then
        stop $"This is .NET {Environment.Version}." "Fovea needs the .NET 10 SDK: https://dotnet.microsoft.com/download"

    match List.ofArray fsi.CommandLineArgs |> List.tail with
    | [] -> list ()
    | name :: arguments -> run name arguments
with Stop (wrong, mend) ->
    eprintfn "\n%s\n%s" (wrong.TrimEnd ()) mend
    exit 1
