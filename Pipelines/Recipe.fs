namespace Fovea

open System
open Fovea.Core.Training

/// Where a training run stands, told after every batch.
[<RequireQualifiedAccess>]
type BatchReport = {
    /// From 1.
    Epoch: int
    /// Of so many.
    Epochs: int
    /// From 1.
    Batch: int
    /// Of so many.
    Batches: int
    /// The mean loss of the epoch so far.
    Loss: float
    /// The training accuracy of the epoch so far, 0..1.
    Accuracy: float
    /// Training images a second, of the epoch so far.
    ImagesPerSecond: float
    /// What is left of the run, as it seems.
    TimeLeft: TimeSpan
}

/// What a callback wants after an epoch.
type Verdict =
    /// Train on.
    | Continue
    /// Stop here and keep what was trained.
    | Stop

/// What shows how training goes.
type Progress =
    /// A live table where the output is a terminal, a line an epoch where it is not.
    | Live
    /// A line an epoch.
    | Lines
    /// Nothing.
    | Silent

/// Which weights a run ends with.
type Keep =
    /// The last ones.
    | LastWeights
    /// Those of the epoch with the best validation accuracy.
    | BestWeights

/// How often a run is saved.
type Interval =
    /// After so many batches, counted over the whole run.
    | EveryBatches of int
    /// After so many epochs.
    | EveryEpochs of int

/// How a model is trained.
[<CustomEquality; NoComparison>]
type Recipe = {
    /// How often every training image is seen.
    Epochs: int
    /// Images in a step.
    Batch: int
    /// How gradients change the weights.
    Optimizer: Optimizer
    /// The learning rate's course.
    Schedule: Schedule
    /// What is made small.
    Loss: Loss
    /// What shuffling, augmentation and dropout are drawn from.
    Seed: int
    /// Which weights the run ends with.
    Keep: Keep
    /// After how many epochs without a better validation accuracy the run stops; None: never.
    Patience: int option
    /// The folder that the run is saved in, and how often, so that `Training.resume` goes on where it was:
    /// `Some ("runs/cifar10", EveryEpochs 1)`; None: it is not saved. The last three checkpoints are kept.
    Checkpoint: (string * Interval) option
    /// What shows how it goes.
    Progress: Progress
    /// Called after every epoch.
    OnEpoch: Epoch -> Verdict
    /// Called after every batch.
    OnBatch: BatchReport -> unit
    /// Whether only algorithms are used that multiply what the definition multiplies: slower, closer to PyTorch's bits.
    Exact: bool
} with

    override this.Equals other = Object.ReferenceEquals (this, other)
    override this.GetHashCode () = hash (this.Epochs, this.Batch, this.Seed)

/// Recipes to begin from: `{ Recipe.standard with Epochs = 20 }`.
module Recipe =

    /// Ten epochs of SGD with Nesterov momentum 0.9 and weight decay 5e-4 over a one-cycle schedule that peaks at 0.05,
    /// in batches of 64.
    let standard = {
        Epochs = 10
        Batch = 64
        Optimizer = Sgd (0.05, momentum = 0.9, weightDecay = 5e-4, nesterov = true)
        Schedule = OneCycle ()
        Loss = CrossEntropy ()
        Seed = 0
        Keep = LastWeights
        Patience = None
        Checkpoint = None
        Progress = Live
        OnEpoch = fun _ -> Continue
        OnBatch = ignore
        Exact = false
    }
