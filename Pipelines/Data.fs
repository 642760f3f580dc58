namespace Fovea

open System
open Fovea.Core.Data
open Fovea.Core.Tensors

/// How pixels of another size are made: Nearest, Bilinear or Area.
type ResizeMethod = Fovea.Core.Data.ResizeMethod

/// Datasets as values: every function gives a new one and leaves the old as it was. Parts share the images' bytes.
module Data =

    /// A dataset over images of Core's, without augmentation.
    let ofSource source = { Source = source; Augmentations = [] }

    /// A dataset over images (N, C, H, W) of floats 0..1, kept as bytes; a label is an index into the classes.
    let ofTensor name (classes: string list) (labels: int seq) (images: Tensor) =
        ImageDataset.FromTensor (name, images, Seq.toArray labels, classes) |> ofSource

    let private mapSource (change: ImageDataset -> ImageDataset) data = { data with Source = change data.Source }

    // ---- Parts ----

    /// The first n images, or all where there are fewer.
    let take n data = data |> mapSource _.Take(n)

    /// All but the first n images.
    let skip n data = data |> mapSource _.Skip(n)

    /// The images at the given places, in the given order.
    let pick (places: int seq) data =
        let places = Seq.toArray places
        data |> mapSource _.Subset(places)

    /// The images in an order drawn from a seed.
    let shuffle seed data = data |> mapSource _.Shuffled(seed)

    /// The images of one class, by its name.
    let ofClass (name: string) data =
        match Seq.tryFindIndex ((=) name) data.Source.Classes with
        | Some label -> data |> mapSource _.OfClass(label)
        | None ->
            let names = String.Join (", ", data.Source.Classes)
            raise (ArgumentException $"{data.Name}: expected one of its classes ({names}), got {name}")

    /// The same part of every image, as a dataset of smaller images: its first row, its first column, its height and its
    /// width. `train |> Data.window (4, 4, 24, 24)` is the middle of images of 32.
    let window (top: int, left: int, height: int, width: int) data =
        let shape = data.Source.ImageShape

        if top < 0 || left < 0 || height < 1 || width < 1 || top + height > shape[1] || left + width > shape[2] then
            raise (
                ArgumentException
                    $"{data.Name}: there is no window of {height}×{width} at ({top}, {left}) in images {shape}; it must lie inside them"
            )

        let images = data.Source.Images().Slice(2, top, height).Slice(3, left, width)

        {
            data with
                Source =
                    ImageDataset.FromTensor (data.Name, images, data.Source.Labels (), List.ofSeq data.Source.Classes)
        }

    let private both data struct (kept, held) = { data with Source = kept }, { data with Source = held }

    /// Holds out images drawn from a seed, from every class its share: what is left, and what was held out.
    let splitSeeded seed held data = data.Source.SplitByClass (held, seed) |> both data

    /// Holds out images drawn at random (always the same ones), from every class its share: what is left, and what was
    /// held out: `let fitting, validation = Data.split 5000 train`.
    let split held data = splitSeeded 0 held data

    /// The same data under another name.
    let rename name data = data |> mapSource _.Named(name)

    // ---- Other sizes ----

    /// Every image in another size by a method: Nearest, Bilinear or Area.
    let resizeBy (method: ResizeMethod) (size: Size) data = data |> mapSource _.Resized(size, method)

    /// Every image in another size, (height, width): mixed from neighbouring pixels where it grows, means of what they
    /// stand for where it shrinks.
    let resize (size: Size) (data: Dataset) =
        let shrinks = size.Height <= data.Shape[1] && size.Width <= data.Shape[2]
        data |> resizeBy (if shrinks then ResizeMethod.Area else ResizeMethod.Bilinear) size

    /// The middle of every image.
    let crop (size: Size) data = data |> mapSource _.Cropped(size)

    // ---- Augmentation ----

    /// Changes the images at random while a model is fitted to them: `train |> Data.augment [ flip; shift 2 ]`. They
    /// come after the ones that the data have already.
    let augment stages data = { data with Augmentations = data.Augmentations @ stages }

    /// The data without augmentation.
    let plain data = { data with Augmentations = [] }

    // ---- Looking ----

    /// The number of images.
    let count (data: Dataset) = data.Count

    /// All images as a tensor (N, C, H, W) of floats 0..1. Take a part first where there are many.
    let images data = data.Source.Images ()

    /// Image i as a tensor (C, H, W) of floats 0..1.
    let image (i: int) data = data.Source.Image i

    /// All labels.
    let labels data = data.Source.Labels ()

    /// The names of the classes.
    let classes data = List.ofSeq data.Source.Classes

    /// The mean and the standard deviation of each channel, as `normalize` takes them.
    let meanAndStd data =
        let struct (mean, std) = data.Source.ChannelStatistics ()
        List.ofArray mean, List.ofArray std

    /// What the REPL prints of it, as text.
    let summary data = string<Dataset> data

    // ---- Batches ----

    let private pairs (open': unit -> IBatchSource) = seq {
        use stream = open' ()

        yield!
            Seq.initInfinite (fun _ -> stream.Next ())
            |> Seq.takeWhile (isNull >> not)
            |> Seq.map (fun batch -> batch.ToTensor (), batch.Labels[.. batch.Count - 1])
    }

    /// The images in order, as they are, in batches: pairs of images (N, C, H, W) and labels.
    let batch size data =
        pairs (fun () -> new BatchStream (Batches (data.Source, size, 0, shuffle = false), endEpoch = 1))

    /// The batches of one epoch of fitting, shuffled and augmented: what a model sees in that epoch (the first is 0) of
    /// a run with that seed.
    let epoch seed number size data =
        let batches = Batches (data.Source, size, seed, augmentations = List.toArray data.Augmentations)
        pairs (fun () -> new BatchStream (batches, BatchPosition (number, 0), number + 1))

    // ---- Finding and fetching ----

    /// The folder to load a published dataset from: the given one, otherwise its place in the user's cache.
    let find (set: PublishedDataset) (folder: string option) =
        folder |> Option.defaultWith (fun () -> DataCache.FolderOf set)

    /// Fetches a published dataset into the user's cache unless it is there, tells of every piece that arrives, and
    /// answers the folder to load from.
    let downloadWith (progress: DownloadProgress -> unit) (set: PublishedDataset) =
        Download.DatasetAsync(set, progress = progress).GetAwaiter().GetResult()

    /// Fetches a published dataset into the user's cache unless it is there, and answers the folder to load from:
    /// `Data.download Cifar10.published |> Cifar10.load`.
    let download set = downloadWith ignore set

/// CIFAR-10: 50,000 training and 10,000 test images, 3×32×32, ten classes.
module Cifar10 =

    /// Where it is published, for `Data.find` and `Data.download`.
    let published = Core.Data.Cifar10.Published

    /// The names of the classes.
    let classes = List.ofSeq Core.Data.Cifar10.Classes

    /// The mean of each channel over the training images.
    let mean = List.ofSeq Core.Data.Cifar10.Mean

    /// The standard deviation of each channel over the training images.
    let std = List.ofSeq Core.Data.Cifar10.Deviation

    /// Training and test images from a folder of the binary version, or from its archive:
    /// `let train, test = Cifar10.load "data/cifar10"`.
    let load path =
        let struct (train, test) = Core.Data.Cifar10.Load path
        Data.ofSource train, Data.ofSource test

/// MNIST: 60,000 training and 10,000 test images of handwritten digits, 1×28×28.
module Mnist =

    /// Where it is published, for `Data.find` and `Data.download`.
    let published = Core.Data.Mnist.Published

    /// The names of the classes.
    let classes = List.ofSeq Core.Data.Mnist.Classes

    /// The mean over the training images.
    let mean = List.ofSeq Core.Data.Mnist.Mean

    /// The standard deviation over the training images.
    let std = List.ofSeq Core.Data.Mnist.Deviation

    /// Training and test images from a folder of the four files, plain or gzipped.
    let load folder =
        let struct (train, test) = Core.Data.Mnist.Load folder
        Data.ofSource train, Data.ofSource test

/// Fashion-MNIST: 60,000 training and 10,000 test images of clothes, 1×28×28.
module FashionMnist =

    /// Where it is published, for `Data.find` and `Data.download`.
    let published = Core.Data.FashionMnist.Published

    /// The names of the classes.
    let classes = List.ofSeq Core.Data.FashionMnist.Classes

    /// The mean over the training images.
    let mean = List.ofSeq Core.Data.FashionMnist.Mean

    /// The standard deviation over the training images.
    let std = List.ofSeq Core.Data.FashionMnist.Deviation

    /// Training and test images from a folder of the four files, plain or gzipped.
    let load folder =
        let struct (train, test) = Core.Data.FashionMnist.Load folder
        Data.ofSource train, Data.ofSource test

/// Images of one's own, in a folder for each class.
[<AbstractClass; Sealed>]
type Folder =

    /// The images (PNG, PPM, PGM) of a folder whose folders are named by their classes, in the order of their names:
    /// `let train = Folder.load ("pets/train", size = 64)`. All must be of one size; where a size (height, width) is said,
    /// each is enlarged or reduced until it covers that, and cut to its middle. Colour images unless `grey` is set.
    /// Where there is no folder for testing: `Data.split 1000`.
    static member load (path: string, ?size: Size, ?resize: ResizeMethod, ?grey: bool) =
        ImageFolder(Option.toNullable size, defaultArg resize ResizeMethod.Area, defaultArg grey false).Load path
        |> Data.ofSource

/// Images that need no download: 3×32×32, ten classes of figures and textures at random places, sizes, angles and
/// colours in front of cluttered, noisy backgrounds.
[<AbstractClass; Sealed>]
type Generated =

    /// The names of the classes.
    static member classes = List.ofSeq GeneratedImages.Classes

    /// Training images drawn from a seed, and a fourth as many test images unless said: always the same for the same
    /// seed, fewer being the first of more.
    static member load (count: int, seed: int, ?test: int) =
        let struct (train, test) = GeneratedImages.Create (count, defaultArg test (max 1 (count / 4)), seed)
        Data.ofSource train, Data.ofSource test
