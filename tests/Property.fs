namespace Fovea.Tests

open System
open Expecto
open FsCheck
open FsCheck.FSharp

/// Properties as tests. A run is repeatable: the seed is fixed, and told when a property fails.
/// FOVEA_TEST_SEED sets another (or `random`), FOVEA_TEST_COUNT the number of cases.
[<AutoOpen>]
module Property =
    let private variable name =
        match Environment.GetEnvironmentVariable name with
        | null
        | "" -> None
        | value -> Some value

    let private seed =
        match variable "FOVEA_TEST_SEED" with
        | None -> 20260101UL
        | Some "random" -> uint64 (Random.Shared.NextInt64 ())
        | Some value -> uint64 value

    /// 100 cases (or FOVEA_TEST_COUNT) from the run's seed; a failure throws.
    let propertyConfig =
        let count = variable "FOVEA_TEST_COUNT" |> Option.map int |> Option.defaultValue 100

        Config.QuickThrowOnFailure
            .WithReplay(Some { Rnd = Rnd seed; Size = None })
            .WithMaxTest(count)
            .WithQuietOnSuccess
            true

    /// Fails, with the seed, where `property` does not hold.
    let checkProperty (config: Config) name (property: 'testable) =
        try
            Check.One (name, config, property)
        with fault ->
            failtestf "%s\nFOVEA_TEST_SEED=%d repeats it." fault.Message seed

    /// A property under a configuration of its own, for instance `propertyConfig.WithMaxTest 20`.
    let testPropertyWith config name (property: 'testable) =
        testCase name (fun () -> checkProperty config name property)

    let testProperty name (property: 'testable) = testPropertyWith propertyConfig name property
