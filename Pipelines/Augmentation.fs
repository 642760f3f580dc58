namespace Fovea

open System
open Fovea.Core.Data
open Fovea.Core.Tensors

/// A random change of training images that leaves their class what it is: see flip, alternatingFlip, shift, cutout and
/// augmentation.
type Augmentation = Fovea.Core.Data.Augmentation

/// Augmentations as values, for `Data.augment`.
[<AutoOpen; AbstractClass; Sealed>]
type Augmentations =

    /// Mirrors left and right, every second time on average.
    static member flip: Augmentation = Flip ()

    /// Mirrors half of the images in one epoch and the other half in the next, so that two epochs show each both ways.
    static member alternatingFlip: Augmentation = AlternatingFlip ()

    /// Moves by up to so many pixels along both axes: padding by as many and cropping at random. The border is Zeros
    /// unless said.
    static member shift (pixels: int, ?border: Border) : Augmentation = Shift (pixels, Border.orZeros border)

    /// Covers a square of size × size pixels around any pixel, with mid-grey unless said.
    static member cutout (size: int, ?fill: float32) : Augmentation = Cutout (size, defaultArg fill 0.5f)

    /// A part of the image of at least a share of its area, at any place, enlarged to the whole size:
    /// `randomResizedCrop 0.6`.
    static member randomResizedCrop (least: float) : Augmentation = RandomResizedCrop least

    /// An augmentation of one's own: a name, and a function from the draws (its only source of chance) and an image
    /// (C, H, W) to the changed image, of the same shape. It runs on a background thread.
    static member augmentation (name: string, change: Random -> Tensor -> Tensor) : Augmentation =
        CustomAugmentation (name, fun image random -> change random image)
