namespace Fovea.Core.Plans;

/// <summary>Which of an operation's parameters optimizers change.</summary>
public enum Trained
{
    /// <summary>None: it is frozen, and a normalisation then uses its running statistics in training as well.</summary>
    Nothing,

    /// <summary>Only biases, and the shifts of normalisations.</summary>
    Biases,

    /// <summary>All of them.</summary>
    Everything,
}
