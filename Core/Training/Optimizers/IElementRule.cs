using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>
/// An update that treats every element of a parameter alike, said once for sixteen of them. Only correctly rounded
/// operations (+ − · / √ and comparisons, no fused ones) make it up, so that an element's result is the same on any
/// instruction set and wherever it stands.
/// </summary>
internal interface IElementRule
{
    /// <summary>The momentum, or β₁, that a schedule may change; false where there is none.</summary>
    bool HasMomentum { get; }

    /// <summary>Makes the step's constants, in double precision as PyTorch does.</summary>
    /// <param name="step">The parameter's step, from 1.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="weightDecay">The weight decay.</param>
    /// <param name="momentum">The momentum of this step, where the schedule changes it.</param>
    void Prepare(long step, double rate, double weightDecay, double? momentum);

    /// <summary>Updates sixteen weights w, given their gradients g, with up to three numbers of state each.</summary>
    void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c);
}
