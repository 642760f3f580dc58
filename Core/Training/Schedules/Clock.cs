namespace Fovea.Core.Training;

/// <summary>What a schedule that goes by counts is counting.</summary>
public enum Clock
{
    /// <summary>Epochs, as PyTorch's training loops do.</summary>
    Epochs,

    /// <summary>Steps.</summary>
    Steps,
}
