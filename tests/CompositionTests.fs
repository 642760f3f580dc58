/// Pipelines taken apart, and the published networks.
module Fovea.Tests.CompositionTests

open Expecto
open Fovea
open Fovea.Core.Layers

let private faultOf pipeline = (Pipeline.fault pipeline |> Option.get).Message

let private faultTests = [
    testCase "branches that do not fit together are a fault with its mend" (fun () ->
        Expect.equal
            (input (3, 8, 8) |> concat [ conv (4, 3); id ] |> faultOf)
            "concat: the branches give (4, 6, 6) and (3, 8, 8); branches that are joined along channels must be of equal height and width: give them the same strides and paddings"
            "concat"

        Expect.equal
            (input (3, 8, 8) |> sumOf [ conv (4, 1); id ] |> faultOf)
            "sumOf: the branches give (4, 8, 8) and (3, 8, 8); give them equal filters, strides and paddings, or join them with concat"
            "sumOf"

        Expect.stringContains (input (3, 8, 8) |> concat [] |> faultOf) "there is no branch" "none"

        Expect.equal
            (input (3, 8, 8) |> gated (conv (3, 1)) |> faultOf)
            "gated: expected one factor for each of 3 channels, got (3, 8, 8); end the block with globalAvgPool and conv (3, 1)"
            "gated")
]

let private small = input (3, 8, 8) |> conv (4, 3) |> relu |> flatten |> named "head" (dense 10)

let private apartTests = [
    testCase "take and skip are a network's two halves" (fun () ->
        let body, head = Pipeline.take 3 small, Pipeline.skip 3 small
        Expect.equal body (input (3, 8, 8) |> conv (4, 3) |> relu |> flatten) "the body"
        Expect.equal head (inputVector 144 |> named "head" (dense 10)) "the head"

        Expect.throwsC (fun () -> Pipeline.take 5 small |> ignore) (fun fault ->
            Expect.stringContains fault.Message "there are 4 stages, got 5" "too many"))

    testCase "replace puts another block under a name, deep inside too" (fun () ->
        let replaced = small |> Pipeline.replace "head" (dense 7 >> relu)

        Expect.equal
            replaced
            (input (3, 8, 8) |> conv (4, 3) |> relu |> flatten |> named "head" (dense 7 >> relu))
            "at the end"

        let inner filters = input (3, 8, 8) |> residual (conv (3, 1) >> named "a" (conv (filters, 1)) >> conv (3, 1))
        Expect.equal (inner 5 |> Pipeline.replace "a" (conv (9, 1))) (inner 9) "inside"

        Expect.throwsC (fun () -> small |> Pipeline.replace "body" id |> ignore) (fun fault ->
            Expect.stringContains
                fault.Message
                "there is no block named or tagged \"body\"; there are: head"
                "the sentence"))

    testCase "mapStages changes stages wherever they are" (fun () ->
        let soft stage =
            match stage with
            | Stage.Layer layer when layer = ActivationLayer.Relu -> Stage.Layer ActivationLayer.Silu
            | other -> other

        let network f = input (3, 8, 8) |> residual (conv (3, 1) >> f) |> concat [ f; id ] |> f
        Expect.equal (network relu |> Pipeline.mapStages soft) (network silu) "silu for relu")
]

let private zooTests = [
    for name, network: Pipeline, count in
        [
            "LeNet-5", Zoo.leNet5, 61_706L
            "two blocks over 3×32×32", Zoo.twoBlocks (3, 32, 32) 10, 545_098L
            "AlexNet", Zoo.alexNet, 61_100_840L
            "VGG-11", Zoo.vgg11, 132_863_336L
            "VGG-16", Zoo.vgg16, 138_357_544L
            "VGG-11 with batch norm", Zoo.vgg11Norm, 132_868_840L
            "VGG-16 with batch norm", Zoo.vgg16Norm, 138_365_992L
            "MobileNetV2", Zoo.mobileNetV2, 3_504_872L
            "ResNet-20", Zoo.resNet20, 269_722L
            "ResNet-18", Zoo.resNet18, 11_689_512L
            "ResNet-50", Zoo.resNet50, 25_557_032L
        ] do
        testCase $"{name} has {count:N0} parameters" (fun () ->
            Expect.equal (Pipeline.parameterCount network) count "the published number"
            Expect.equal (Pipeline.toJson network |> Pipeline.ofJson) network "and comes back from JSON")

    testCase "ResNet-50 multiplies 4.1 billion times, as published" (fun () ->
        Expect.equal (Pipeline.macs Zoo.resNet50 / 1_000_000L) 4089L "millions of multiply-accumulates")

    testCase "two blocks train a step" (fun () ->
        let data = Generated.load (40, 0) |> fst
        let model = Zoo.twoBlocks (3, 32, 32) 10 |> Model.init 1
        let recipe = { Recipe.standard with Epochs = 1; Batch = 20; Progress = Silent }
        let trained = Training.fit recipe (data, data) model
        Expect.isTrue ((List.last trained.History).Loss > 0.0) "a loss")
]

let tests =
    testList "Composition" [ testList "Faults" faultTests; testList "Taken apart" apartTests; testList "Zoo" zooTests ]
