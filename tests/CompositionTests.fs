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

let private tagged =
    input (3, 8, 8)
    |> tag "features" (conv (4, 3) >> batchNorm >> relu)
    |> globalAvgPool
    |> tag "neck" flatten
    |> residual (tag "inner" (dense 4))
    |> named "head" (dense 10)

let private referenceTests = [
    testCase "a tag changes no name and no number" (fun () ->
        let plain = input (3, 8, 8) |> conv (4, 3) |> batchNorm |> relu
        let names pipeline = Model.init 1 pipeline |> Model.parameters |> List.map _.Name
        Expect.equal (Pipeline.take 1 tagged |> names) (names plain) "names"
        Expect.equal (Pipeline.rows (Pipeline.take 1 tagged)) (Pipeline.rows plain) "the table")

    testCase "upTo and after are the two sides of a block, named or tagged, wherever it lies" (fun () ->
        Expect.equal (Pipeline.upTo "features" tagged) (Pipeline.take 1 tagged) "features"
        Expect.equal (Pipeline.after "features" tagged) (Pipeline.skip 1 tagged) "behind them"
        Expect.equal (Pipeline.upTo "inner" tagged) (Pipeline.take 4 tagged) "what is inside another"
        Expect.equal (Pipeline.after "head" tagged) (inputVector 10) "behind the last"

        Expect.throwsC (fun () -> Pipeline.upTo "body" tagged |> ignore) (fun fault ->
            Expect.stringContains
                fault.Message
                "there is no block named or tagged \"body\"; there are: features, neck, inner, head"
                "the sentence")

        Expect.throwsC (fun () -> Pipeline.after "a" (inputVector 2 |> dense 2) |> ignore) (fun fault ->
            Expect.stringContains fault.Message "there are: none" "the sentence"))

    testCase "replace finds tags, and keeps them" (fun () ->
        Expect.equal
            (tagged |> Pipeline.replace "inner" (dense 4 >> relu))
            (input (3, 8, 8)
             |> tag "features" (conv (4, 3) >> batchNorm >> relu)
             |> globalAvgPool
             |> tag "neck" flatten
             |> residual (tag "inner" (dense 4 >> relu))
             |> named "head" (dense 10))
            "inside")

    testCase "a network's stages go over inputs of other shapes, and behind other stages" (fun () ->
        let larger = Pipeline.over [ 3; 20; 17 ] tagged
        Expect.equal larger.Input (Shape.Of [| 3; 20; 17 |]) "the input"
        Expect.equal larger.Stages tagged.Stages "the stages"
        Expect.equal (Pipeline.outputShape larger) (Shape.Of [| 10 |]) "the output"

        Expect.equal
            (input (3, 4, 4) |> upsample 2 |> Pipeline.block tagged)
            (input (3, 4, 4) |> upsample 2 |> (fun p -> List.fold (fun p s -> Pipeline.add s p) p tagged.Stages))
            "behind another"

        Expect.isTrue (Pipeline.over [ 3; 2; 2 ] tagged |> Pipeline.fault).IsSome "a fault where they do not fit")

    testCase "transfer: a trained body, frozen, under a new head, which alone trains" (fun () ->
        let source = tagged |> Model.init 1
        let network = tagged |> Pipeline.replace "head" (dense 3) |> Pipeline.freezeBefore "head"
        let model = network |> Model.init 2 |> Model.withWeightsOf source

        for p in Model.parameters source do
            if not (p.Name.StartsWith "head") then
                Expect.equal (Model.parameter p.Name model) p.Value p.Name

        let images = Tensor.Uniform (Shape.Of [| 6; 3; 8; 8 |], 3)
        let data = Data.ofTensor "made" [ "a"; "b"; "c" ] [ 0; 1; 2; 0; 1; 2 ] images
        let recipe = { Recipe.standard with Epochs = 2; Batch = 3; Progress = Silent }
        let trained = model |> Training.fit recipe (data, data)

        for before, after in List.zip (Model.parameters model) (Model.parameters trained) do
            let isHead = before.Name.StartsWith "head"
            Expect.equal before.Trains isHead $"{before.Name} trains"
            Expect.equal (before.Value <> after.Value) isHead before.Name)

    testCase "a model takes from another what fits, and says where nothing does" (fun () ->
        let source = inputVector 4 |> named "a" (dense 3) |> named "b" (dense 2) |> Model.init 1
        let other = inputVector 4 |> named "a" (dense 3) |> named "b" (dense 5) |> Model.init 2
        let taken = other |> Model.withWeightsOf source
        Expect.equal (Model.parameter "a.dense1.weight" taken) (Model.parameter "a.dense1.weight" source) "fits"
        Expect.equal (Model.parameter "b.dense1.weight" taken) (Model.parameter "b.dense1.weight" other) "does not"

        Expect.throwsC
            (fun () -> inputVector 2 |> dense 2 |> Model.init 1 |> Model.withWeightsOf source |> ignore)
            (fun fault ->
                Expect.stringContains
                    fault.Message
                    "no parameter of the other model has the name and shape"
                    "the sentence"))
]

// What torchvision's state_dict has; shapes as PyTorch writes them.
let private torchvisionNames = [
    "AlexNet",
    Zoo.alexNet,
    Torchvision.alexNet,
    16,
    [
        "features.3.weight", "conv2.weight"
        "classifier.1.bias", "dense1.bias"
        "classifier.6.weight", "head.dense1.weight"
    ]
    "VGG-11",
    Zoo.vgg11,
    Torchvision.vgg11,
    22,
    [
        "features.6.weight", "conv3.weight"
        "features.18.bias", "conv8.bias"
        "classifier.3.weight", "dense2.weight"
    ]
    "VGG-16",
    Zoo.vgg16,
    Torchvision.vgg16,
    32,
    [ "features.28.weight", "conv13.weight"; "classifier.6.bias", "head.dense1.bias" ]
    "VGG-11 with batch norm",
    Zoo.vgg11Norm,
    Torchvision.vgg11Norm,
    54,
    [ "features.25.weight", "conv8.weight"; "features.26.running_var", "batchNorm8.running_var" ]
    "VGG-16 with batch norm", Zoo.vgg16Norm, Torchvision.vgg16Norm, 84, [ "features.41.bias", "batchNorm13.bias" ]
    "ResNet-18",
    Zoo.resNet18,
    Torchvision.resNet18,
    102,
    [
        "conv1.weight", "conv1.weight"
        "bn1.running_mean", "batchNorm1.running_mean"
        "layer1.1.conv2.weight", "conv5.weight"
        "layer2.0.conv1.weight", "conv6.weight"
        "layer2.0.downsample.0.weight", "conv8.weight"
        "layer2.0.downsample.1.weight", "batchNorm8.weight"
        "layer4.1.bn2.num_batches_tracked", ""
        "fc.weight", "head.dense1.weight"
    ]
    "ResNet-50",
    Zoo.resNet50,
    Torchvision.resNet50,
    267,
    [
        "layer1.0.downsample.0.weight", "conv5.weight"
        "layer1.0.conv3.weight", "conv4.weight"
        "fc.bias", "head.dense1.bias"
    ]
    "MobileNetV2",
    Zoo.mobileNetV2,
    Torchvision.mobileNetV2,
    262,
    [
        "features.0.0.weight", "conv1.weight"
        "features.1.conv.1.weight", "conv3.weight"
        "features.2.conv.0.0.weight", "conv4.weight"
        "features.2.conv.3.bias", "batchNorm6.bias"
        "features.18.1.weight", "batchNorm52.weight"
        "classifier.1.weight", "head.dense1.weight"
    ]
]

// Their shapes, where the place in the order could be another's.
let private torchvisionShapes = [
    Zoo.resNet18, Torchvision.resNet18, "layer3.0.downsample.0.weight", [ 256; 128; 1; 1 ]
    Zoo.resNet18, Torchvision.resNet18, "layer4.0.conv1.weight", [ 512; 256; 3; 3 ]
    Zoo.resNet50, Torchvision.resNet50, "layer1.0.downsample.0.weight", [ 256; 64; 1; 1 ]
    Zoo.resNet50, Torchvision.resNet50, "layer3.5.conv3.weight", [ 1024; 256; 1; 1 ]
    Zoo.resNet50, Torchvision.resNet50, "layer4.0.bn2.running_mean", [ 512 ]
    Zoo.mobileNetV2, Torchvision.mobileNetV2, "features.2.conv.1.0.weight", [ 96; 1; 3; 3 ]
    Zoo.mobileNetV2, Torchvision.mobileNetV2, "features.17.conv.2.weight", [ 320; 960; 1; 1 ]
    Zoo.mobileNetV2, Torchvision.mobileNetV2, "features.18.0.weight", [ 1280; 320; 1; 1 ]
    Zoo.vgg16, Torchvision.vgg16, "features.17.weight", [ 512; 256; 3; 3 ]
    Zoo.alexNet, Torchvision.alexNet, "features.8.weight", [ 256; 384; 3; 3 ]
]

let private torchvisionTests = [
    for name, network, rename, count, pairs in torchvisionNames do
        testCase $"{name} has torchvision's {count} tensors, by its names" (fun () ->
            Expect.hasLength (Pipeline.graph network).Parameters count "parameters and buffers"

            for theirs, ours in pairs do
                Expect.equal (rename theirs) ours theirs)

    for network, rename, theirs, shape in torchvisionShapes do
        testCase $"{theirs} is {shape}" (fun () ->
            let ours = (Pipeline.graph network).Parameters |> Seq.find (fun p -> p.Name = rename theirs)
            Expect.equal (List.ofSeq ours.Spec.Shape) shape (rename theirs))

    testCase "a name that torchvision does not have stays as it is" (fun () ->
        Expect.equal (Torchvision.resNet18 "layer9.weight") "layer9.weight" "unknown")
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

    testCase "networks over small images run and train: ResNet-20, MobileNetV2, a U-Net" (fun () ->
        let images = Tensor.Uniform (Shape.Of [| 4; 3; 32; 32 |], 1)
        let data = Data.ofTensor "made" [ "a"; "b" ] [ 0; 1; 0; 1 ] images
        let recipe = { Recipe.standard with Epochs = 1; Batch = 4; Progress = Silent; Optimizer = Sgd 0.01 }

        for network in
            [
                Zoo.resNet20 |> Pipeline.replace "head" (dense 2)
                Zoo.mobileNetV2 |> Pipeline.over [ 3; 32; 32 ] |> Pipeline.replace "head" (dense 2)
                Zoo.uNet (3, 32, 32) 2 |> globalAvgPool |> flatten
            ] do
            let trained = network |> Model.init 1 |> Training.fit recipe (data, data)
            Expect.isTrue ((List.last trained.History).Loss > 0.0) "a loss"

        Expect.equal (Pipeline.outputShape (Zoo.uNet (1, 64, 40) 3)) (Shape.Of [| 3; 64; 40 |]) "logits of every pixel")

    testCase "two blocks train a step" (fun () ->
        let data = Generated.load (40, 0) |> fst
        let model = Zoo.twoBlocks (3, 32, 32) 10 |> Model.init 1
        let recipe = { Recipe.standard with Epochs = 1; Batch = 20; Progress = Silent }
        let trained = Training.fit recipe (data, data) model
        Expect.isTrue ((List.last trained.History).Loss > 0.0) "a loss")
]

let tests =
    testList "Composition" [
        testList "Faults" faultTests
        testList "Taken apart" apartTests
        testList "References" referenceTests
        testList "Torchvision" torchvisionTests
        testList "Zoo" zooTests
    ]
