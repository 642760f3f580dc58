/// What torchvision calls the parameters of those networks of the zoo that it has, for `Model.loadNamed`:
/// `Zoo.resNet18 |> Model.init 0 |> Model.loadNamed Torchvision.resNet18 "resnet18.safetensors"`. Each is a function from
/// torchvision's name to ours; the counters of batches that PyTorch keeps beside running statistics are left out.
[<RequireQualifiedAccess>]
module Fovea.Torchvision

// A parameter's layer and its name in it.
let private cut (name: string) =
    match name.LastIndexOf '.' with
    | -1 -> "", name
    | dot -> name[.. dot - 1], name[dot + 1 ..]

/// Both list their layers in the order in which these run.
let private renaming (network: Pipeline) (modules: string list) =
    let ours =
        (Pipeline.graph network).Parameters
        |> Seq.map (fun p -> fst (cut p.Name))
        |> Seq.distinct
        |> List.ofSeq

    let byModule = List.zip modules ours |> dict

    fun name ->
        match cut name with
        | _, "num_batches_tracked" -> ""
        | owner, own when byModule.ContainsKey owner -> $"{byModule[owner]}.{own}"
        | _ -> name

let private numbered prefix = List.map (fun (n: int) -> $"{prefix}.{n}")

/// AlexNet's names.
let alexNet = renaming Zoo.alexNet (numbered "features" [ 0; 3; 6; 8; 10 ] @ numbered "classifier" [ 1; 4; 6 ])

// Places in one long list: a convolution, a batch norm where there is one, a ReLU; and a pool after each block.
let private vgg network (hasNorm: bool) (blocks: int list) =
    let layer at = if hasNorm then [ at; at + 1 ], at + 3 else [ at ], at + 2

    let block at count =
        let layers, next = List.mapFold (fun at _ -> layer at) at [ 1..count ]
        List.concat layers, next + 1

    let places = List.mapFold block 0 blocks |> fst |> List.concat
    renaming network (numbered "features" places @ numbered "classifier" [ 0; 3; 6 ])

/// VGG-11's names.
let vgg11 = vgg Zoo.vgg11 false [ 1; 1; 2; 2; 2 ]

/// VGG-16's names.
let vgg16 = vgg Zoo.vgg16 false [ 2; 2; 3; 3; 3 ]

/// The names of VGG-11 with batch norm, vgg11_bn.
let vgg11Norm = vgg Zoo.vgg11Norm true [ 1; 1; 2; 2; 2 ]

/// The names of VGG-16 with batch norm, vgg16_bn.
let vgg16Norm = vgg Zoo.vgg16Norm true [ 2; 2; 3; 3; 3 ]

let private resNet network convolutions hasShortcut (counts: int list) =
    let block group index = [
        for i in 1..convolutions do
            $"layer{group}.{index}.conv{i}"
            $"layer{group}.{index}.bn{i}"
        if index = 0 && hasShortcut group then
            yield! numbered $"layer{group}.{index}.downsample" [ 0; 1 ]
    ]

    let groups =
        counts
        |> List.indexed
        |> List.collect (fun (i, count) -> List.collect (block (i + 1)) [ 0 .. count - 1 ])

    renaming network ([ "conv1"; "bn1" ] @ groups @ [ "fc" ])

/// ResNet-18's names.
let resNet18 = resNet Zoo.resNet18 2 (fun group -> group > 1) [ 2; 2; 2; 2 ]

/// ResNet-50's names.
let resNet50 = resNet Zoo.resNet50 3 (fun _ -> true) [ 3; 4; 6; 3 ]

/// MobileNetV2's names.
let mobileNetV2 =
    let convNorm name = numbered name [ 0; 1 ]

    // The first block does not widen.
    let block index =
        let own = $"features.{index}.conv"

        if index = 1 then
            convNorm $"{own}.0" @ numbered own [ 1; 2 ]
        else
            convNorm $"{own}.0" @ convNorm $"{own}.1" @ numbered own [ 2; 3 ]

    renaming
        Zoo.mobileNetV2
        (convNorm "features.0" @ List.collect block [ 1..17 ] @ convNorm "features.18" @ [ "classifier.1" ])
