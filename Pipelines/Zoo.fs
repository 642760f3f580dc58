namespace Fovea

/// Published networks as pipelines, to start from: take them apart with `Pipeline.take`, `Pipeline.skip` and
/// `Pipeline.replace "head"`. Their parameter counts are the published ones.
[<RequireQualifiedAccess>]
module Zoo =

    let private input224 = input (3, 224, 224)

    /// LeNet-5 over 1×32×32, with average pools and hyperbolic tangents (LeCun et al., "Gradient-based learning applied to
    /// document recognition", 1998; its second convolution sees all maps, as everybody writes it now): 61,706 parameters.
    let leNet5 =
        let block filters = conv (filters, 5) >> activation Tanh >> avgPool 2

        input (1, 32, 32)
        |> block 6
        |> block 16
        |> flatten
        |> dense 120
        |> activation Tanh
        |> dense 84
        |> activation Tanh
        |> named "head" (dense 10)

    /// Two blocks of convolution, ReLU and max pool, and two dense layers, over images of a shape.
    let twoBlocks (channels: int, height: int, width: int) (classes: int) =
        let block filters = conv (filters, 3, pad = Same) >> relu >> maxPool 2

        input (channels, height, width)
        |> block 32
        |> block 64
        |> flatten
        |> dense 128
        |> relu
        |> named "head" (dense classes)

    // ---- VGG: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015 ----

    let private vgg (blocks: (int * int) list) =
        let block (count, filters) = repeat count (conv (filters, 3, pad = Same) >> relu) >> maxPool 2

        input224
        |> sequential (List.map block blocks)
        |> adaptiveAvgPool 7
        |> flatten
        |> repeat 2 (dense 4096 >> relu >> dropout 0.5)
        |> named "head" (dense 1000)

    /// VGG-11 over 3×224×224: 132,863,336 parameters.
    let vgg11 = vgg [ 1, 64; 1, 128; 2, 256; 2, 512; 2, 512 ]

    /// VGG-16 over 3×224×224: 138,357,544 parameters.
    let vgg16 = vgg [ 2, 64; 2, 128; 3, 256; 3, 512; 3, 512 ]

    // ---- ResNet: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016 ----

    let private convNorm (filters: int, kernel: int, stride: int) =
        conv (filters, kernel, stride = stride, pad = SameSymmetric, bias = false) >> batchNorm

    // A shortcut where the shape changes, the input itself elsewhere.
    let private around body (filters, stride, changes) =
        if changes then
            residual (body, shortcut = convNorm (filters, 1, stride)) >> relu
        else
            residual body >> relu

    let private basic width stride first =
        let body = convNorm (width, 3, stride) >> relu >> convNorm (width, 3, 1)
        around body (width, stride, first && stride > 1)

    // The stride is the 3×3 convolution's, as in torchvision.
    let private bottleneck width stride first =
        let body = convNorm (width, 1, 1) >> relu >> convNorm (width, 3, stride) >> relu >> convNorm (4 * width, 1, 1)

        around body (4 * width, stride, first)

    let private resNet block (counts: int list) =
        let group (width, stride, count) = block width stride true >> repeat (count - 1) (block width 1 false)

        let groups =
            List.map2
                (fun (width, stride) count -> group (width, stride, count))
                [ 64, 1; 128, 2; 256, 2; 512, 2 ]
                counts

        input224
        |> convNorm (64, 7, 2)
        |> relu
        |> maxPool (3, stride = 2, pad = 1)
        |> sequential groups
        |> globalAvgPool
        |> flatten
        |> named "head" (dense 1000)

    /// ResNet-18 over 3×224×224: 11,689,512 parameters.
    let resNet18 = resNet basic [ 2; 2; 2; 2 ]

    /// ResNet-50 over 3×224×224: 25,557,032 parameters.
    let resNet50 = resNet bottleneck [ 3; 4; 6; 3 ]
