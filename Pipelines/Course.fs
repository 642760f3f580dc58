namespace Fovea

open System

/// What the batches of the epoch at hand have come to.
[<RequireQualifiedAccess>]
type internal Sums = {
    /// Batches so far.
    Batches: int
    /// The images' losses, added up.
    Loss: float
    /// Images that were classed rightly.
    Correct: int
    /// Images so far.
    Images: int
    /// Seconds so far.
    Seconds: float
} with

    static member Zero = { Sums.Batches = 0; Sums.Loss = 0.0; Sums.Correct = 0; Sums.Images = 0; Sums.Seconds = 0.0 }

/// How far a run has come, beside its weights and the optimizer's memory.
[<RequireQualifiedAccess>]
type internal Course = {
    /// The epochs that are finished.
    Entries: Epoch list
    /// The epoch at hand.
    Sums: Sums
    /// The best validation accuracy so far, and the weights that had it.
    Best: (float * Parameter list) option
    /// Epochs since then.
    SinceBest: int
    /// The last weights that are known to be good: what is left if the next step goes wrong.
    Good: Parameter list
    /// Whether a callback or the patience has ended it.
    Ended: bool
} with

    /// The epoch at hand, from 1.
    member this.Epoch = this.Entries.Length + 1

    /// A run that has not begun, from these weights.
    static member Start weights = {
        Course.Entries = []
        Course.Sums = Sums.Zero
        Course.Best = None
        Course.SinceBest = 0
        Course.Good = weights
        Course.Ended = false
    }

/// Training that cannot go on: the loss is no longer a finite number. The message says where, what to look at and what
/// to try.
type DivergedException internal (message: string, model: Model, inner: exn) =
    inherit Exception(message, inner)

    /// The model with the last good weights: those after the last epoch whose losses were finite, or, where there is none,
    /// the ones that the run began with.
    member _.Model = model
