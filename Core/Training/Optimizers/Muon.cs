using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// Muon: m ← μm + (1 − μ)g, u = (1 − μ)g + μm (or m without Nesterov's momentum), w ← (1 − ηλ)w − η·scale·O(u), where O takes the
/// singular values of u to about 1 by Newton–Schulz iterations (Jordan et al., "Muon: an optimizer for hidden layers in neural
/// networks", 2024; <c>torch.optim.Muon</c> of PyTorch 2.9). A bank of K filters is the matrix K×(C·R·S).
/// </summary>
/// <remarks>Only for parameters with two axes or more. Give the others an optimizer of their own with <see cref="Optimizer.For"/>.</remarks>
public sealed class Muon : Optimizer
{
    private readonly double momentum;
    private readonly bool nesterov;
    private readonly int iterations;
    private readonly MuonScale scale;
    private readonly bool normalize;
    private readonly double epsilon;

    /// <summary>Muon.</summary>
    /// <param name="learningRate">The learning rate η; 0.001 unless given.</param>
    /// <param name="momentum">The momentum μ; 0.95 unless given.</param>
    /// <param name="weightDecay">The weight decay λ; 0.1 unless given, as in PyTorch.</param>
    /// <param name="nesterov">Whether the momentum is Nesterov's.</param>
    /// <param name="iterations">Newton–Schulz iterations; 5 unless given.</param>
    /// <param name="scale">What the update is multiplied by.</param>
    /// <param name="normalize">
    /// Whether the weights are first scaled to the norm √rows, as Jordan's CIFAR-10 recipe does where a normalisation follows.
    /// </param>
    /// <param name="epsilon">The least norm that is divided by; 10⁻⁷ unless given.</param>
    public Muon(
        Real learningRate = default,
        Real momentum = default,
        Real weightDecay = default,
        bool nesterov = true,
        int iterations = 5,
        MuonScale scale = MuonScale.Original,
        bool normalize = false,
        Real epsilon = default)
        : base(learningRate.Or(1e-3), weightDecay.Or(0.1))
    {
        this.momentum = Check.Fraction(nameof(Muon), nameof(momentum), momentum.Or(0.95));
        this.nesterov = nesterov;
        this.iterations = Check.AtLeastOne(nameof(Muon), nameof(iterations), iterations);
        this.scale = scale;
        this.normalize = normalize;
        this.epsilon = Check.Positive(nameof(Muon), nameof(epsilon), epsilon.Or(1e-7));
    }

    internal override Slot Open(Parameter parameter, double weightDecay, Workers workers) =>
        parameter.Shape.Rank >= 2
            ? new MatrixSlot(this, parameter, weightDecay, workers)
            : throw new ShapeException(nameof(Muon), $"expected parameters with two axes or more, got {parameter}", "give the others another optimizer: muon.For ((fun p -> p.Shape.Rank < 2), Sgd 0.05)");

    private protected override Description Describe() =>
        new Description(nameof(Muon)).Add(LearningRate)
            .Add(nameof(momentum), momentum, 0.95)
            .Add("weightDecay", WeightDecay, 0.1)
            .Add(nameof(nesterov), nesterov, true)
            .Add(nameof(iterations), iterations, 5)
            .Add(nameof(scale), scale, MuonScale.Original)
            .Add(nameof(normalize), normalize, false)
            .Add(nameof(epsilon), epsilon, 1e-7);

    private sealed class MatrixSlot : Slot
    {
        private readonly Muon muon;
        private readonly double weightDecay;
        private readonly int rows;
        private readonly float[] update;
        private readonly NewtonSchulz orthogonal;
        private readonly double factor;
        private double rate;
        private float keep;
        private float take;

        public MatrixSlot(Muon muon, Parameter parameter, double weightDecay, Workers workers)
            : base(parameter, ["momentum"])
        {
            this.muon = muon;
            this.weightDecay = weightDecay;
            rows = parameter.Shape[0];
            int columns = parameter.Shape.Count / Math.Max(1, rows);
            update = new float[parameter.Shape.Count];
            orthogonal = new(rows, columns, workers);
            factor = muon.scale switch
            {
                MuonScale.Original => Math.Sqrt(Math.Max(1, (double)rows / columns)),
                MuonScale.MatchAdamW => 0.2 * Math.Sqrt(Math.Max(rows, columns)),
                _ => 1,
            };
        }

        public override bool HasMomentum => true;

        public override bool IsWhole => true;

        public override void Prepare(double rate, double? momentum)
        {
            this.rate = rate;
            keep = (float)(momentum ?? muon.momentum);
            take = (float)(1 - (momentum ?? muon.momentum));
        }

        public override void ApplyWhole(ReadOnlySpan<float> gradient, Clipping clipping)
        {
            Span<float> w = Parameter.Value.Values;
            ElementLoop.Run(new MomentumRule(keep, take, muon.nesterov), clipping, update, gradient, State[0], default, default);
            orthogonal.Run(update, muon.iterations, muon.epsilon);
            double size = muon.normalize ? Math.Sqrt(rows) / Math.Max(Math.Sqrt(SquaredNorm.Of(w)), muon.epsilon) : 1;
            float decay = (float)(size * (1 - (rate * weightDecay)));
            float step = (float)(rate * factor);
            ElementLoop.Run(new CombineRule(-step, decay), Clipping.None, w, update, default, default, default);
        }
    }
}
