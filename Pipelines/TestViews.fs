namespace Fovea

/// One way of looking at an image: mirrored or not, then moved by whole pixels over a reflected border. `TestView ()` is the
/// image as it is, `TestView (Mirrored = true)`, `TestView (Down = 1, Right = -1)`.
type TestView = Fovea.Core.Data.TestView

/// Views of test images, each with how much it counts, for `Model.evaluateOver` and `Model.logitsOver`: a network that is
/// asked about several views of an image is right more often, and takes as many times as long.
module TestViews =

    let private mirroredToo weight down right = [
        TestView (Down = down, Right = right), weight
        // What stands in the moved image's mirror: the move goes the other way.
        TestView (Mirrored = true, Down = down, Right = -right), weight
    ]

    /// The image and its mirror image.
    let mirrored = mirroredToo 0.5f 0 0

    /// Six views: the image and its mirror image, and, counting half as much, both moved by some pixels down and to the
    /// right, and up and to the left (Jordan, "94 % on CIFAR-10 in 3.29 seconds on a single GPU", 2024, with one pixel).
    let moved pixels = mirroredToo 0.25f 0 0 @ mirroredToo 0.125f pixels pixels @ mirroredToo 0.125f -pixels -pixels
