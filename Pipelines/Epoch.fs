namespace Fovea

/// A named tensor that a network owns.
type Parameter = Fovea.Core.Tensors.Parameter

/// What one epoch of training gave. Accuracies are 0..1.
[<StructuredFormatDisplay("{Display}"); RequireQualifiedAccess>]
type Epoch = {
    /// From 1.
    Epoch: int
    /// The mean loss over the training batches, as they were trained on.
    Loss: float
    /// The share of training images that were classed rightly, as they were trained on.
    TrainAccuracy: float
    /// The mean loss over the validation images.
    ValidationLoss: float
    /// The share of validation images that are classed rightly.
    ValidationAccuracy: float
    /// Seconds that the training batches took.
    Seconds: float
    /// Training images a second.
    ImagesPerSecond: float
    /// The learning rate of the last step.
    LearningRate: float
} with

    override this.ToString () =
        System.FormattableString.Invariant
            $"epoch {this.Epoch}: loss {this.Loss:F4}, accuracy {100.0 * this.TrainAccuracy:F2} %%; validation loss {this.ValidationLoss:F4}, accuracy {100.0 * this.ValidationAccuracy:F2} %%; {this.ImagesPerSecond:N0} images/s"

    /// What the REPL prints.
    member this.Display = this.ToString ()
