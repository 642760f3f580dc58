using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>The state of an optimizer that does something more after each step of another, with a copy of the parameters.</summary>
internal abstract class WrappingState(OptimizerState inner, Shadow shadow, string shadowName) : OptimizerState(inner.Parameters)
{
    public sealed override long Steps => inner.Steps;

    public sealed override double? GradientNorm => inner.GradientNorm;

    protected Shadow Shadow => shadow;

    protected OptimizerState Inner => inner;

    public sealed override void Step(GradientOf gradients, SchedulePoint point = default)
    {
        inner.Step(gradients, point);
        AfterStep(point);
    }

    internal sealed override void Restored() => inner.Restored();

    protected abstract void AfterStep(SchedulePoint point);

    private protected sealed override IEnumerable<(string Name, Shape Shape, float[] Values)> Memories()
    {
        foreach ((string Name, Shape Shape, float[] Values) memory in inner.AllMemories())
        {
            yield return memory;
        }

        for (int i = 0; i < shadow.Parameters.Length; i++)
        {
            yield return ($"{shadow.Parameters[i].Name}.{shadowName}", shadow.Parameters[i].Shape, shadow.Values[i]);
        }
    }
}
