/// The arrows between rooms that must never exist, read from the compiled assemblies.
module Fovea.Tests.RoomsTests

open System
open System.IO
open Expecto
open Fovea.Tests.Rooms

type Rule = { Says: string; From: Place -> bool; Never: Use -> bool }

let rule says from never = { Says = says; From = from; Never = never }

// ---- Which types a rule is about ----

/// Types in one of Core's rooms, or in a room inside it.
let room (names: string list) (place: Place) =
    names
    |> List.exists (fun name ->
        place.Namespace = $"Fovea.Core.{name}" || place.Namespace.StartsWith $"Fovea.Core.{name}.")

let core place = place.Assembly = "Fovea.Core" || place.Namespace.StartsWith "Fovea.Core"
let pipelines place = place.Assembly = "Fovea.Pipelines" || place.Namespace = "Fovea"
let anywhere place = core place || pipelines place

// ---- What it must not use ----

let rooms names (it: Use) = room names it.To
let assemblies names (it: Use) = names |> List.contains it.To.Assembly
let types names (it: Use) = names |> List.contains $"{it.To.Namespace}.{it.To.Type}"

let members names (it: Use) =
    match it.Member with
    | Some called -> names |> List.contains $"{it.To.Namespace}.{it.To.Type}.{called.Split('/')[0]}"
    | None -> false

let either first second it = first it || second it

let rules = [
    rule "Shapes uses no other room" (room [ "Shapes" ]) (fun it ->
        it.To.Namespace.StartsWith "Fovea.Core." && not (room [ "Shapes" ] it.To))

    rule
        "Kernels use neither tensors, plans, layers nor training"
        (room [ "Kernels" ])
        (rooms [ "Tensors"; "Plans"; "Layers"; "Training" ])

    rule
        "Layers, plans, operations and analysis ask Dispatch, never a kernel"
        (room [ "Layers"; "Plans"; "Operations"; "Analysis" ])
        (rooms [ "Kernels" ])

    rule "Layers do not know how they are trained" (room [ "Layers" ]) (rooms [ "Training" ])
    rule "Optimizers do not know layers" (room [ "Training" ]) (rooms [ "Layers" ])
    rule "Core does not know Pipelines" core (fun it -> pipelines it.To)
    rule "Core uses neither FSharp.Core nor FsCheck" core (assemblies [ "FSharp.Core"; "FsCheck" ])
    rule "Core writes nothing to the console" core (types [ "System.Console" ])
    rule "Pipelines use neither kernels, Dispatch nor Memory" pipelines (rooms [ "Kernels"; "Dispatch"; "Memory" ])
    rule "Pipelines do not use FsCheck" pipelines (assemblies [ "FsCheck" ])
    rule "Pipelines hold no span" pipelines (types [ "System.Span`1"; "System.ReadOnlySpan`1" ])

    rule
        "Nothing draws a random number without a seed"
        anywhere
        (either (fun it -> it.To.Type = "Random" && it.Member = Some ".ctor/0") (members [ "System.Random.get_Shared" ]))

    rule
        "Core reads no clock"
        core
        (either
            (types [ "System.Diagnostics.Stopwatch" ])
            (members [
                "System.DateTime.get_Now"
                "System.DateTime.get_UtcNow"
                "System.DateTimeOffset.get_Now"
                "System.DateTimeOffset.get_UtcNow"
                "System.Environment.get_TickCount"
                "System.Environment.get_TickCount64"
            ]))

    // Batches are read ahead by one thread of their own; their order and bits are those of reading them in turn.
    rule
        "Only Dispatch starts threads"
        (fun place -> core place && not (room [ "Dispatch" ] place) && place.Type <> "PrefetchedBatches")
        (either
            (types [ "System.Threading.ThreadPool"; "System.Threading.Tasks.Parallel" ])
            (members [
                "System.Threading.Thread..ctor"
                "System.Threading.Tasks.Task.Run"
                "System.Threading.Tasks.TaskFactory.StartNew"
            ]))

    rule
        "Only Memory owns memory outside the garbage collector"
        (fun place -> core place && not (room [ "Memory" ] place))
        (either
            (types [ "System.Runtime.InteropServices.NativeMemory" ])
            (members [
                "System.Runtime.InteropServices.Marshal.AllocHGlobal"
                "System.Runtime.InteropServices.Marshal.AllocCoTaskMem"
            ]))
]

// ---- The rule of scripts, read from their text ----

let scriptFaults (text: string) = [
    for line in text.Split '\n' do
        if line.Contains "Fovea.Core" then
            "names Fovea.Core"

        // What a build makes is no script.
        let isAllowed = line.Contains "\"load.fsx\"" || line.Contains "\"../artifacts/"

        if line.TrimStart().StartsWith "#load" && not isAllowed then
            "loads another script than load.fsx"

        if line.TrimStart().StartsWith "#r" then
            "refers to an assembly by itself"
]

// ---- The tests ----

let broken (uses: Use list) rule = uses |> List.filter (fun it -> rule.From it.From && rule.Never it)

let sentence it =
    let called = it.Member |> Option.map (fun name -> "." + name) |> Option.defaultValue ""
    $"{it.From.Namespace}.{it.From.Type} uses {it.To.Namespace}.{it.To.Type}{called}"

let beside name = Path.Combine (AppContext.BaseDirectory, name)
let compiled = lazy (usesOf (beside "Fovea.Core.dll") @ usesOf (beside "Fovea.Pipelines.dll"))
let faulty = lazy (usesOf (beside "Fovea.Tests.dll"))

let roomsInCore = [
    "Shapes"
    "Tensors"
    "Memory"
    "Kernels"
    "Dispatch"
    "Operations"
    "Plans"
    "Layers"
    "Training"
    "Analysis"
]

let tests =
    testList "Rooms" [
        testList "no such arrow" [
            for rule in rules do
                testCase rule.Says (fun () ->
                    let faults = broken (compiled.Force ()) rule |> List.map sentence |> List.distinct
                    let listed = String.concat "\n  " faults
                    Expect.isTrue faults.IsEmpty $"{rule.Says}, but\n  {listed}\n")
        ]

        testList "an arrow that is there is seen" [
            for rule in rules do
                testCase rule.Says (fun () -> Expect.isNonEmpty (broken (faulty.Force ()) rule) "RoomsFaults.fs")
        ]

        testList "a room that a rule names holds types" [
            for name in roomsInCore do
                testCase name (fun () ->
                    let there = compiled.Force () |> List.exists (fun it -> room [ name ] it.From)
                    Expect.isTrue there $"Fovea.Core.{name}")
        ]

        testCase "a script knows Fovea alone, and load.fsx" (fun () ->
            let scripts = Path.Combine (__SOURCE_DIRECTORY__, "..", "scripts")

            let faults = [
                for script in Directory.EnumerateFiles (scripts, "*.fsx") do
                    if Path.GetFileName script <> "load.fsx" then
                        for fault in scriptFaults (File.ReadAllText script) do
                            $"{Path.GetFileName script} {fault}"
            ]

            Expect.equal faults [] "faults of scripts")

        testCase "a script that knows more is seen" (fun () ->
            let texts = [ "open Fovea.Core.Plans"; "#load \"cifar10.fsx\""; "  #r \"x.dll\""; "#load \"load.fsx\"" ]
            Expect.equal (texts |> List.map (scriptFaults >> List.length)) [ 1; 1; 1; 0 ] "faults in each")
    ]
