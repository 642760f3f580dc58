namespace Fovea

/// Published networks as pipelines, to start from: take them apart with `Pipeline.upTo "features"` and
/// `Pipeline.replace "head"`, or put them over images of another size with `Pipeline.over`. Their parameter counts are the
/// published ones; those that torchvision has are its, and take its weights by `Torchvision`'s names.
[<RequireQualifiedAccess>]
module Zoo =

    let private input224 = input (3, 224, 224)
    let private features = tag "features"

    let private convNormWith (groups: int) (filters: int, kernel: int, stride: int) =
        conv (filters, kernel, stride = stride, pad = SameSymmetric, groups = groups, bias = false)
        >> batchNorm

    let private convNorm = convNormWith 1

    /// LeNet-5 over 1×32×32, with average pools and hyperbolic tangents (LeCun et al., "Gradient-based learning applied to
    /// document recognition", 1998; its second convolution sees all maps, as everybody writes it now): 61,706 parameters.
    let leNet5 =
        let block filters = conv (filters, 5) >> activation Tanh >> avgPool 2

        input (1, 32, 32)
        |> features (block 6 >> block 16)
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
        |> features (block 32 >> block 64)
        |> flatten
        |> dense 128
        |> relu
        |> named "head" (dense classes)

    /// AlexNet over 3×224×224, of one column (Krizhevsky, "One weird trick for parallelizing convolutional neural networks",
    /// 2014): 61,100,840 parameters. Images of 63×63 and more will do.
    let alexNet =
        let pool = maxPool (3, stride = 2)
        let wide = conv (256, 3, pad = 1) >> relu

        input224
        |> features (
            conv (64, 11, stride = 4, pad = 2)
            >> relu
            >> pool
            >> conv (192, 5, pad = 2)
            >> relu
            >> pool
            >> conv (384, 3, pad = 1)
            >> relu
            >> wide
            >> wide
            >> pool
        )
        |> adaptiveAvgPool 6
        |> flatten
        |> repeat 2 (dropout 0.5 >> dense 4096 >> relu)
        |> named "head" (dense 1000)

    // ---- VGG: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015 ----

    let private vggWith norm (blocks: (int * int) list) =
        let layer (filters: int) = conv (filters, 3, pad = Same) >> norm >> relu
        let block (count, filters) = repeat count (layer filters) >> maxPool 2

        input224
        |> features (sequential (List.map block blocks))
        |> adaptiveAvgPool 7
        |> flatten
        |> repeat 2 (dense 4096 >> relu >> dropout 0.5)
        |> named "head" (dense 1000)

    let private eleven = [ 1, 64; 1, 128; 2, 256; 2, 512; 2, 512 ]
    let private sixteen = [ 2, 64; 2, 128; 3, 256; 3, 512; 3, 512 ]

    /// VGG-11 over 3×224×224: 132,863,336 parameters.
    let vgg11 = vggWith id eleven

    /// VGG-16 over 3×224×224: 138,357,544 parameters.
    let vgg16 = vggWith id sixteen

    /// VGG-11 with batch norm: 132,868,840 parameters.
    let vgg11Norm = vggWith batchNorm eleven

    /// VGG-16 with batch norm: 138,365,992 parameters.
    let vgg16Norm = vggWith batchNorm sixteen

    // ---- ResNet: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016 ----

    // A shortcut where the shape changes, the input itself elsewhere.
    let private around body (filters, stride, changes) =
        if changes then
            residual (body, shortcut = convNorm (filters, 1, stride)) >> relu
        else
            residual body >> relu

    let private twice width stride = convNorm (width, 3, stride) >> relu >> convNorm (width, 3, 1)
    let private basic width stride first = around (twice width stride) (width, stride, first && stride > 1)

    // The stride is the 3×3 convolution's, as in torchvision.
    let private bottleneck width stride first =
        let body = convNorm (width, 1, 1) >> relu >> convNorm (width, 3, stride) >> relu >> convNorm (4 * width, 1, 1)

        around body (4 * width, stride, first)

    let private resNet block (counts: int list) =
        let group (width, stride) count = block width stride true >> repeat (count - 1) (block width 1 false)

        input224
        |> features (
            convNorm (64, 7, 2)
            >> relu
            >> maxPool (3, stride = 2, pad = 1)
            >> sequential (List.map2 group [ 64, 1; 128, 2; 256, 2; 512, 2 ] counts)
        )
        |> globalAvgPool
        |> flatten
        |> named "head" (dense 1000)

    /// ResNet-18 over 3×224×224: 11,689,512 parameters.
    let resNet18 = resNet basic [ 2; 2; 2; 2 ]

    /// ResNet-50 over 3×224×224: 25,557,032 parameters.
    let resNet50 = resNet bottleneck [ 3; 4; 6; 3 ]

    /// ResNet-20 for CIFAR-10, over 3×32×32, its shortcuts without weights (option A: every other pixel, and channels of
    /// zeros): 269,722 parameters.
    let resNet20 =
        let narrowed (width: int) =
            residual (twice width 2, shortcut = (maxPool (1, stride = 2) >> padChannels (width / 4, width / 4)))
            >> relu

        let plain width = residual (twice width 1) >> relu

        input (3, 32, 32)
        |> features (
            convNorm (16, 3, 1)
            >> relu
            >> repeat 3 (plain 16)
            >> narrowed 32
            >> repeat 2 (plain 32)
            >> narrowed 64
            >> repeat 2 (plain 64)
        )
        |> globalAvgPool
        |> flatten
        |> named "head" (dense 10)

    /// MobileNetV2 over 3×224×224 (Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018): 3,504,872
    /// parameters.
    let mobileNetV2 =
        // A wide depthwise convolution between two narrow ends; the end has no activation.
        let inverted expansion (channels: int) (filters, stride) =
            let hidden = expansion * channels

            let widened = if expansion = 1 then id else convNorm (hidden, 1, 1) >> relu6
            let body = widened >> convNormWith hidden (hidden, 3, stride) >> relu6 >> convNorm (filters, 1, 1)
            if stride = 1 && channels = filters then residual body else body

        let group (channels, block) (expansion, filters, count, stride) =
            let first = inverted expansion channels (filters, stride)
            let others = repeat (count - 1) (inverted expansion filters (filters, 1))
            filters, block >> first >> others

        // Expansion, filters, blocks and the first one's stride: the paper's table 2.
        let _, groups =
            List.fold group (32, id) [
                1, 16, 1, 1
                6, 24, 2, 2
                6, 32, 3, 2
                6, 64, 4, 2
                6, 96, 3, 1
                6, 160, 3, 2
                6, 320, 1, 1
            ]

        input224
        |> features (convNorm (32, 3, 2) >> relu6 >> groups >> convNorm (1280, 1, 1) >> relu6)
        |> globalAvgPool
        |> flatten
        |> dropout 0.2
        |> named "head" (dense 1000)

    /// A small U-Net over images of a shape, whose sides are multiples of 8 (after Ronneberger, Fischer and Brox, "U-Net:
    /// convolutional networks for biomedical image segmentation", 2015): the logits of so many classes for every pixel. Four
    /// widths of 16 to 128 channels, batch norm, and enlarging by copying pixels before a convolution.
    let uNet (channels: int, height: int, width: int) (classes: int) =
        let layer filters = convNorm (filters, 3, 1) >> relu
        let block filters = repeat 2 (layer filters)

        let rec level filters depth =
            if depth = 0 then
                block filters
            else
                let below = maxPool 2 >> level (2 * filters) (depth - 1) >> upsample 2 >> layer filters
                block filters >> skipConnection below >> block filters

        input (channels, height, width) |> features (level 16 3) |> named "head" (conv (classes, 1))
