using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>A parameter whose elements are updated one by one.</summary>
internal sealed class ElementSlot<TRule>(Parameter parameter, double weightDecay, TRule rule, params string[] names) : Slot(parameter, names)
    where TRule : struct, IElementRule
{
    private TRule rule = rule;

    public override bool HasMomentum => rule.HasMomentum;

    public override void Prepare(double rate, double? momentum) => rule.Prepare(Steps, rate, weightDecay, momentum);

    public override void Apply(ReadOnlySpan<float> gradient, int from, int count, Clipping clipping) =>
        ElementLoop.Run(rule, clipping, Parameter.Value.Values.AsSpan(from, count), gradient.Slice(from, count), Piece(0, from, count), Piece(1, from, count), Piece(2, from, count));

    private Span<float> Piece(int state, int from, int count) => state < State.Length ? State[state].AsSpan(from, count) : default;
}
