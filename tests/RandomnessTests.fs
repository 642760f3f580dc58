/// Counter-based random numbers.
module Fovea.Tests.RandomnessTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea.Core.Randomness

let private rounds (counter: uint32 list) (key: uint32 list) =
    let struct (a, b, c, d) = Philox.Rounds (counter[0], counter[1], counter[2], counter[3], key[0], key[1])
    [ a; b; c; d ]

let private keys = Gen.choose (Int32.MinValue, Int32.MaxValue) |> Gen.map RandomKey.Of

let tests =
    testList "Randomness" [
        testCase "Philox 4×32-10 gives the answers that Random123 publishes" (fun () ->
            let zero, ones = List.replicate 4 0u, List.replicate 4 0xffffffffu
            Expect.equal (rounds zero [ 0u; 0u ]) [ 0x6627e8d5u; 0xe169c58du; 0xbc57ac4cu; 0x9b00dbd8u ] "zeros"

            Expect.equal
                (rounds ones [ 0xffffffffu; 0xffffffffu ])
                [ 0x408f276du; 0x41c83b0eu; 0xa20bc7c6u; 0x6d5451fdu ]
                "ones"

            Expect.equal
                (rounds [ 0x243f6a88u; 0x85a308d3u; 0x13198a2eu; 0x03707344u ] [ 0xa4093822u; 0x299f31d0u ])
                [ 0xd16cfe09u; 0x94fdccebu; 0x5001e420u; 0x24126ea1u ]
                "digits of pi")

        testProperty "a key's children differ from it and from each other"
        <| Prop.forAll (Arb.fromGen keys) (fun key ->
            let children =
                [ key; key.Child -1L; key.Child Int64.MaxValue; key.Child(0L).Child 1L; key.Child(1L).Child 0L ]
                @ [ for i in 0L .. 99L -> key.Child i ]
                @ [ for purpose in [ "weight"; "bias"; "augment"; "" ] -> key.Child purpose ]

            Expect.hasLength (List.distinct children) children.Length "all different")

        testProperty "seeds give different keys"
        <| fun (a: int) (b: int) -> a = b || RandomKey.Of a <> RandomKey.Of b

        testProperty "the draws of a key are the same from any position and in any order"
        <| Prop.forAll (Arb.fromGen keys) (fun key ->
            let inOrder = CounterRandom key
            let drawn = [| for _ in 0..40 -> inOrder.NextSingle () |]
            let direct = [| for i in 40..-1..0 -> Philox.Uniform (key, uint64 i) |] |> Array.rev
            Expect.equal drawn direct "floats")

        testProperty "draws stay in their ranges"
        <| Prop.forAll
            (Arb.fromGen (Gen.zip keys (Gen.zip (Gen.choose (-50, 50)) (Gen.choose (0, 100)))))
            (fun (key, (low, width)) ->
                let random = CounterRandom key

                for _ in 1..50 do
                    let draw = random.Next (low, low + width)

                    Expect.isTrue
                        (draw >= low && (draw < low + width || width = 0))
                        $"{draw} of {low} .. {low + width}"

                    let real = random.NextDouble ()
                    Expect.isTrue (real >= 0.0 && real < 1.0) $"{real}")

        testCase "all values of a range come, evenly" (fun () ->
            let random = CounterRandom (RandomKey.Of 1)
            let counts = List.init 60_000 (fun _ -> random.Next 6) |> List.countBy id |> List.sort
            Expect.equal (counts |> List.map fst) [ 0..5 ] "values"
            // 10,000 each, with a deviation of 91.
            Expect.all counts (fun (_, count) -> abs (count - 10_000) < 500) "evenly")
    ]
