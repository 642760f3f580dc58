namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// A kernel as the checks see it: an entry of one of the dispatch tables with its naive twin.
type Kernel<'sizes> = internal {
    /// What it is called in sentences: `conv backward weights "direct" on plain images, blocked gradients`.
    Name: string
    /// Whether it multiplies what the definition multiplies; a transform's rounding error is of another kind.
    IsExact: bool
    /// Whether whole numbers give whole numbers, which no order of summation rounds.
    IsWhole: bool
    /// Whether it runs these sizes.
    Accepts: 'sizes -> bool
    /// The number of images.
    Images: 'sizes -> int
    /// The same sizes for another number of images.
    WithImages: int -> 'sizes -> 'sizes
    /// The shapes of what it reads, batches of images first.
    Operands: 'sizes -> Shape list
    /// How many of them are batches of images; the others are weights.
    Batches: int
    /// Whether the result is a batch of images, each of which has the bits that it has alone.
    GivesImages: bool
    /// Runs it over poisoned, guarded memory. Raises where something was written outside.
    Run: Conditions -> 'sizes -> float32[] list -> float32[]
    /// The naive twin in double precision.
    Twin: 'sizes -> float[] list -> float[]
    /// The twin's sums of absolute values, which rounding errors are proportional to.
    Magnitude: 'sizes -> float[] list -> float[]
    /// How many products are added up for one element of the result; 0 where it is a copy.
    Length: 'sizes -> int
} with

    override this.ToString () = this.Name
