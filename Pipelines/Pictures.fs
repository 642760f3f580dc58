namespace Fovea

open System
open Fovea.Core.Formats
open Fovea.Core.Pictures

/// A picture in RGB with 8 bits each.
type Image = Fovea.Core.Pictures.Image

/// A chart, drawn as pixels or as SVG.
type Chart = Fovea.Core.Pictures.Chart

/// The numbers that a picture shows, from the darkest to the brightest.
type ValueRange = Fovea.Core.Pictures.ValueRange

/// Tensors as pictures, for the terminal, files and pages.
[<RequireQualifiedAccess>]
module Picture =
    // ---- From tensors ----

    /// The image of (3, H, W) in its colours, or of (1, H, W) or (H, W) in grey: its smallest number is black, its largest
    /// white.
    let image (tensor: Tensor) = TensorImages.Of tensor

    /// The image of a tensor whose 0 is black and whose 1 is full colour: images as they are read.
    let photo (tensor: Tensor) = TensorImages.Of (tensor, ValueRange.Unit)

    /// The image of (H, W) by a colour map; numbers outside the range have the colours of its ends.
    let mapped (map: ColourMap) (range: ValueRange) (tensor: Tensor) = TensorImages.Of (tensor, range, map)

    /// The images of a batch (N, C, H, W), C being 1 or 3; 0 is black and 1 full colour.
    let photos (batch: Tensor) = List.ofSeq (TensorImages.Batch (batch, ValueRange.Unit))

    /// The channels of (C, H, W), such as a stage's output for one image, in false colour and all by one range.
    let featureMaps (maps: Tensor) = List.ofSeq (TensorImages.Channels maps)

    /// The filters (K, C, R, S) of a convolution, a pixel for each weight: in colour where C is 3, otherwise a row of
    /// channels for each filter, blue below zero and red above. The terminal shows them as they are; `enlarge 8` makes a
    /// picture for a page.
    let filters (weights: Tensor) = TensorImages.Filters weights

    /// The filters, each by its own range, so that faint ones show as well.
    let filtersEach (weights: Tensor) = TensorImages.Filters (weights, each = true)

    /// An image with a map (H, W) of any size over it, such as Grad-CAM's: the larger a number, the hotter its colour.
    let overlay (heat: Tensor) (image: Image) = Overlay.Of (image, heat)

    // ---- Together, larger, smaller ----

    /// Images side by side in rows that make a near square.
    let grid (images: Image seq) = Grid.Of (images, gap = 2)

    /// Images in rows, a line of text below each.
    let labelled (images: (string * Image) seq) = Grid.Of (Seq.map snd images, gap = 4, labels = Seq.map fst images)

    /// Images in rows of so many, a line of text below each.
    let labelledOf (columns: int) (images: (string * Image) seq) =
        Grid.Of (Seq.map snd images, columns = columns, gap = 4, labels = Seq.map fst images)

    /// Images in rows of so many.
    let gridOf (columns: int) (images: Image seq) = Grid.Of (images, columns = columns, gap = 2)

    /// Every pixel as a square of `factor` by `factor`.
    let enlarge factor (image: Image) = Resizing.Enlarge (image, factor)

    /// Another size, the pixels mixed from those around them.
    let resize (width, height) (image: Image) = Resizing.Bilinear (image, width, height)

    // ---- Charts ----

    /// Named curves over 1, 2, 3, ...: a training's history.
    let curves title across (named: (string * float32 seq) seq) =
        LineChart (title, across, [ for name, values in named -> Curve.Of (name, values) ]) :> Chart

    /// Named curves through points.
    let lines title across (named: (string * (float32 * float32) seq) seq) =
        let curve (name, points: (float32 * float32) seq) =
            Curve (name, Array.ofSeq (Seq.map fst points), Array.ofSeq (Seq.map snd points))

        LineChart (title, across, Seq.map curve named) :> Chart

    /// A bar for each named number.
    let bars title (named: (string * float32) seq) = BarChart (title, Seq.map fst named, Seq.map snd named) :> Chart

    /// How often a tensor's numbers fall into equal bins.
    let histogram title (tensor: Tensor) = Histogram (title, tensor) :> Chart

    /// Counts (true class, predicted class), coloured by the share of their row.
    let confusion title (names: string seq) (counts: Tensor) = ConfusionChart (title, counts, names) :> Chart

    /// A chart in pixels.
    let ofChart (chart: Chart) = chart.ToImage ()

    /// A chart as an SVG element for a page.
    let toSvg (chart: Chart) = chart.ToSvg ()

    // ---- Files ----

    /// Writes a PNG file, whole or not at all.
    let save (path: string) (image: Image) = image.Save path

    /// Writes images of one size as an animated PNG, each shown for so many milliseconds, without end.
    let animate milliseconds (path: string) (images: Image seq) =
        let frames = [| for image in images -> image.ToRaster () |]
        AtomicFile.Write (path, fun file -> Png.WriteAnimation (file, frames, milliseconds))

    /// Reads a PNG, PPM or PGM file; what is transparent becomes white.
    let load (path: string) = Image.OfRaster (ImageFile.Load path)

    /// The image of the bytes of a PNG, PPM or PGM file with no more pixels than that.
    let ofBytes (mostPixels: int64) (bytes: byte[]) =
        use stream = new IO.MemoryStream (bytes)
        Image.OfRaster (ImageFile.Read (stream, mostPixels))

    /// The tensor (3, H, W) of an image, from 0 to 1.
    let toTensor (image: Image) = image.ToTensor ()

    /// The tensor (C, H, W) that a network over such images takes of one of any size: brought to cover that size, cut to
    /// its middle, and grey where C is 1, as `Folder.load (path, size = (H, W))` does with those that it was trained on.
    let asInput (shape: Fovea.Core.Shapes.Shape) (image: Image) =
        let size = Fovea.Core.Shapes.Size (shape[1], shape[2])
        Fovea.Core.Data.ImageFolder(Nullable size, Grey = (shape[0] = 1)).Fit(image.ToRaster ())

    // ---- In the terminal ----

    /// The image as text for a terminal of these colours, at most so many characters wide.
    let text depth columns (image: Image) = TerminalDrawing.Draw (image, depth, columns)

    /// Prints the image in the terminal: in colour where there is any, in letters otherwise.
    let show (image: Image) = Console.Out.Write (text (Terminal.colours ()) (Terminal.columns ()) image)

    /// Prints a chart in the terminal, as wide as that is: in colour where there is any, in letters otherwise.
    let showChart (chart: Chart) = Console.Out.Write (chart.ToText (Terminal.colours (), Terminal.columns ()))

    /// What the REPL shows of a chart.
    let displayChart (chart: Chart) = chart.ToText (Terminal.colours (), Terminal.columns ())

    /// What the REPL shows of an image: its size and, where it is not large, itself.
    let display (image: Image) =
        let columns = Terminal.columns ()
        $"{image}\n{text (Terminal.colours ()) columns image}"
