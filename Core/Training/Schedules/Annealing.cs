namespace Fovea.Core.Training;

/// <summary>How a schedule goes from one value to another.</summary>
public enum Annealing
{
    /// <summary>Along half a cosine wave.</summary>
    Cosine,

    /// <summary>Along a line.</summary>
    Linear,
}
