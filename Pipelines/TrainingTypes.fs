namespace Fovea

// Core's descriptions of losses, optimizers and schedules, so that `open Fovea` is all that a script opens. They are
// written with their constructors' optional arguments: `Sgd (0.05f, momentum = 0.9f)`, `CrossEntropy (smoothing = 0.1f)`.

/// What is made small.
type Loss = Fovea.Core.Training.Loss

/// What outputs should have been: class labels or values.
type Targets = Fovea.Core.Training.Targets

/// Cross-entropy on logits, with label smoothing, class weights and an ignored index as PyTorch has them.
type CrossEntropy = Fovea.Core.Training.CrossEntropy

/// Mean squared error.
type MeanSquaredError = Fovea.Core.Training.MeanSquaredError

/// Mean absolute error (L1).
type MeanAbsoluteError = Fovea.Core.Training.MeanAbsoluteError

/// Huber's loss.
type Huber = Fovea.Core.Training.Huber

/// Binary cross-entropy on logits.
type BinaryCrossEntropy = Fovea.Core.Training.BinaryCrossEntropy

/// Kullback-Leibler divergence.
type KlDivergence = Fovea.Core.Training.KlDivergence

/// How gradients change parameters.
type Optimizer = Fovea.Core.Training.Optimizer

/// Stochastic gradient descent, with momentum if it is given.
type Sgd = Fovea.Core.Training.Sgd

/// Adam.
type Adam = Fovea.Core.Training.Adam

/// Adam with decoupled weight decay.
type AdamW = Fovea.Core.Training.AdamW

/// RMSprop.
type RmsProp = Fovea.Core.Training.RmsProp

/// Adagrad.
type Adagrad = Fovea.Core.Training.Adagrad

/// Lion.
type Lion = Fovea.Core.Training.Lion

/// Muon.
type Muon = Fovea.Core.Training.Muon

/// Lookahead around another optimizer.
type Lookahead = Fovea.Core.Training.Lookahead

/// A moving average of the weights that another optimizer trains.
type Ema = Fovea.Core.Training.Ema

/// The learning rate's course; `Schedule.Constant` stays.
type Schedule = Fovea.Core.Training.Schedule

/// One cycle up and down, as PyTorch's OneCycleLR.
type OneCycle = Fovea.Core.Training.OneCycle

/// Down along a cosine.
type CosineAnnealing = Fovea.Core.Training.CosineAnnealing

/// Down by a factor every so many epochs.
type StepDecay = Fovea.Core.Training.StepDecay

/// Down by a factor at given epochs.
type MultiStepDecay = Fovea.Core.Training.MultiStepDecay

/// Down by a factor every epoch.
type ExponentialDecay = Fovea.Core.Training.ExponentialDecay

/// Up and down along straight lines.
type Triangular = Fovea.Core.Training.Triangular

/// Down along a power of what is left of the run.
type PolynomialDecay = Fovea.Core.Training.PolynomialDecay

/// What holds for a step: a rate, and perhaps a momentum.
type SchedulePoint = Fovea.Core.Training.SchedulePoint

/// Where a run stands: step, total steps, steps an epoch.
type SchedulePosition = Fovea.Core.Training.SchedulePosition

/// Whether a schedule counts epochs or steps.
type Clock = Fovea.Core.Training.Clock

/// Along a cosine or a line.
type Annealing = Fovea.Core.Training.Annealing

/// How the losses of single elements become one number.
type Reduction = Fovea.Core.Training.Reduction

/// What Muon multiplies its updates by.
type MuonScale = Fovea.Core.Training.MuonScale

/// What a parameter is for: weight, bias, scale, shift or buffer. Parameter groups tell them apart.
type ParameterRole = Fovea.Core.Tensors.ParameterRole

/// The share of images whose label is among the k best.
type Accuracy = Fovea.Core.Training.Accuracy

/// How often images of each class were taken for each class; prints as a table with precision, recall and F1.
type ConfusionMatrix = Fovea.Core.Training.ConfusionMatrix

/// A weighted mean of numbers that come one after the other.
type RunningMean = Fovea.Core.Training.RunningMean
