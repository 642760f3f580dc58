namespace Fovea

/// The classic filters of image processing as 3×3 tensors, for `Ops.convolve2d (image, Filters.sobelX, pad = Same)`:
/// every channel is filtered by itself. Each use gives a tensor of its own. Convolution is the field's cross-correlation,
/// so a filter is laid over the image as it is written here.
[<AbstractClass; Sealed>]
type Filters =

    /// Leaves an image as it is.
    static member identity = tensor [ [ 0; 0; 0 ]; [ 0; 1; 0 ]; [ 0; 0; 0 ] ]

    /// How much brighter it is on the right than on the left (Prewitt): positive at an edge from dark to bright.
    static member verticalEdge = tensor [ [ -1; 0; 1 ]; [ -1; 0; 1 ]; [ -1; 0; 1 ] ]

    /// How much brighter it is below than above: the vertical edge filter, transposed.
    static member horizontalEdge = tensor [ [ -1; -1; -1 ]; [ 0; 0; 0 ]; [ 1; 1; 1 ] ]

    /// The slope along the rows, smoothed across them (Sobel).
    static member sobelX = tensor [ [ -1; 0; 1 ]; [ -2; 0; 2 ]; [ -1; 0; 1 ] ]

    /// The slope along the columns, smoothed across them (Sobel).
    static member sobelY = tensor [ [ -1; -2; -1 ]; [ 0; 0; 0 ]; [ 1; 2; 1 ] ]

    /// The second derivative, in both directions at once: zero on even slopes, strong at lines and corners.
    static member laplacian = tensor [ [ 0; 1; 0 ]; [ 1; -4; 1 ]; [ 0; 1; 0 ] ]

    /// The mean of nine pixels.
    static member blur = full (1f / 9f) [ 3; 3 ]

    /// A mean that weighs near pixels more: the binomial approximation of a Gaussian.
    static member gaussian = tensor [ [ 1.0; 2.0; 1.0 ]; [ 2.0; 4.0; 2.0 ]; [ 1.0; 2.0; 1.0 ] ] / 16f

    /// The image less its second derivative: edges stand out, even regions stay.
    static member sharpen = tensor [ [ 0; -1; 0 ]; [ -1; 5; -1 ]; [ 0; -1; 0 ] ]
