/// Every entry of the dispatch tables against its naive twin: a kernel is tested by being listed.
module Fovea.Tests.KernelTests

open Expecto
open FsCheck
open FsCheck.FSharp
open Fovea.Invariants

// There are many entries: a few dozen cases for each, unless more are asked for.
let private cases share = propertyConfig.WithMaxTest (max 1 (propertyConfig.MaxTest * share / 100))

let private property share name (sizes: Arbitrary<'sizes>) check =
    testPropertyWith
        (cases share)
        name
        (Prop.forAll (Any.seeded sizes) (fun (sizes, seed) -> check sizes seed |> Outcome.require))

let private kernelTests (sizes: Kernel<'sizes> -> Arbitrary<'sizes>) (kernel: Kernel<'sizes>) =
    let sizes = sizes kernel

    testList kernel.Name [
        property 100 "agrees with its naive twin" sizes (KernelChecks.agreement kernel)
        property 50 "is exact on whole numbers" sizes (KernelChecks.exactness kernel)
        property 25 "has the same bits with 1, 2 and 4 workers" sizes (KernelChecks.sameBits kernel)

        if kernel.GivesImages then
            property 25 "gives an image the bits that it has alone" sizes (KernelChecks.independence kernel)

        property 30 "hands NaN and infinities on" sizes (KernelChecks.specials kernel)
        property 20 "reads nothing past the last channel" sizes (KernelChecks.lanes kernel)
    ]

// Which conversions a network needs is not to change what it computes.
let private inAnyLayout =
    testList "in any layout" [
        for kernel, others in Kernels.convolutionsOfAnyLayout do
            property 50 $"{kernel.Name} has the same bits" (Any.convolutionWhere kernel.Accepts) (fun sizes seed ->
                others |> List.map (fun other -> KernelChecks.sameBitsAs kernel other sizes seed) |> Outcome.both)
    ]

let tests =
    testList "Kernels agree with their naive twins" [
        yield! Kernels.convolutions |> List.map (kernelTests (fun kernel -> Any.convolutionWhere kernel.Accepts))
        yield inAnyLayout

        yield!
            Kernels.localConvolutions
            |> List.map (kernelTests (fun kernel -> Any.convolutionWhere kernel.Accepts))

        yield! Kernels.maxPoolings |> List.map (kernelTests (fun _ -> Any.maxPool))
        yield! Kernels.averagePoolings |> List.map (kernelTests (fun _ -> Any.averagePool))

        yield! Kernels.lpPoolings |> List.map (kernelTests (fun _ -> Any.maxPool))

        yield!
            Kernels.maxUnpoolings
            |> List.map (kernelTests (fun kernel -> Any.maxPool |> Arb.filter kernel.Accepts))

        yield! Kernels.gates @ Kernels.bendings |> List.map (kernelTests (fun _ -> Any.batchNorm))

        yield! Kernels.batchNorms |> List.map (kernelTests (fun _ -> Any.batchNorm))

        yield!
            Kernels.imageNorms
            |> List.map (kernelTests (fun kernel -> Any.imageNorm |> Arb.filter kernel.Accepts))

        yield!
            Kernels.resamplings
            |> List.map (kernelTests (fun kernel -> Any.resampling |> Arb.filter kernel.Accepts))
    ]
