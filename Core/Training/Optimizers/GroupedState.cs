using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>The state of an optimizer whose parameters are independent of each other, but for clipping by norm.</summary>
internal sealed class GroupedState : OptimizerState
{
    private readonly Optimizer optimizer;
    private readonly Workers workers;
    private readonly Slot[] slots;
    private readonly ParameterSettings[] settings;
    private readonly int[] places;
    private readonly float[][] counts;
    private readonly float[] total = new float[1];
    private readonly bool[] stepping;
    private readonly Piece[] chunked;
    private readonly Piece[] all;
    private readonly double[] squares;
    private long steps;
    private double? norm;

    public GroupedState(Optimizer optimizer, IReadOnlyList<Parameter> parameters, Workers workers)
        : base(parameters)
    {
        this.optimizer = optimizer;
        this.workers = workers;
        if (parameters.GroupBy(parameter => parameter.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"optimizer: two parameters are named {twice.Key}; names must differ", nameof(parameters));
        }

        places = [.. Enumerable.Range(0, parameters.Count).Where(i => parameters[i].Trains && parameters[i].Role != ParameterRole.Buffer)];
        settings = [.. places.Select(i => optimizer.SettingsFor(parameters[i]))];
        slots = [.. places.Zip(settings, (i, s) => s.Optimizer.Open(parameters[i], s.WeightDecay, workers))];
        counts = [.. slots.Select(_ => new float[1])];
        stepping = new bool[slots.Length];
        all = Piece.Cut(slots.Select(slot => slot.Parameter.Shape.Count));
        chunked = [.. all.Where(piece => !slots[piece.Slot].IsWhole)];
        squares = new double[all.Length];
    }

    public override long Steps => steps;

    public override double? GradientNorm => norm;

    public override void Step(GradientOf gradients, SchedulePoint point = default)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        CheckGradients(gradients);
        for (int s = 0; s < slots.Length; s++)
        {
            if (stepping[s])
            {
                (double rate, double? momentum) = RateOf(s, point);
                slots[s].Steps++;
                slots[s].Prepare(rate, momentum);
            }
        }

        Clipping clipping = new(ClipFactor(gradients), optimizer.MaxValue);
        UpdateJob job = new() { State = this, Gradients = gradients, Clipping = clipping };
        workers.Run(ref job, chunked.Length);
        for (int s = 0; s < slots.Length; s++)
        {
            if (stepping[s] && slots[s].IsWhole)
            {
                slots[s].ApplyWhole(gradients(places[s]), clipping);
            }
        }

        steps++;
    }

    internal override void Restored()
    {
        steps = (long)total[0];
        for (int s = 0; s < slots.Length; s++)
        {
            slots[s].Steps = (long)counts[s][0];
        }
    }

    private protected override IEnumerable<(string Name, Shape Shape, float[] Values)> Memories()
    {
        total[0] = steps;
        yield return ("steps", Shape.Scalar, total);
        for (int s = 0; s < slots.Length; s++)
        {
            Slot slot = slots[s];
            counts[s][0] = slot.Steps;
            yield return ($"{slot.Parameter.Name}.step", Shape.Scalar, counts[s]);
            for (int k = 0; k < slot.Names.Length; k++)
            {
                yield return ($"{slot.Parameter.Name}.{slot.Names[k]}", slot.Parameter.Shape, slot.State[k]);
            }
        }
    }

    private void CheckGradients(GradientOf gradients)
    {
        for (int s = 0; s < slots.Length; s++)
        {
            int length = gradients(places[s]).Length;
            Parameter parameter = slots[s].Parameter;
            if (length != 0 && length != parameter.Shape.Count)
            {
                throw new ShapeException("optimizer", $"{parameter} has {parameter.Shape.Count:N0} elements, its gradient {length:N0}", "give the gradients in the parameters' order");
            }

            stepping[s] = length != 0;
        }
    }

    private (double Rate, double? Momentum) RateOf(int s, SchedulePoint point)
    {
        ParameterSettings own = settings[s];
        double main = optimizer.LearningRate;
        if (own.Schedule is not null)
        {
            SchedulePosition position = point.Position
                ?? throw new InvalidOperationException("optimizer: a group has a schedule of its own, and the step does not say where the run stands; give Step what Schedule.At gave");
            point = own.Schedule.At(position.Step, position.TotalSteps, position.StepsPerEpoch);
            main = own.Optimizer.LearningRate;
        }

        return (point.RateOf(own.Optimizer.LearningRate, main) * own.RateFactor, Momentum(s, point));
    }

    private double? Momentum(int s, SchedulePoint point) =>
        point.Momentum is null || slots[s].HasMomentum
            ? point.Momentum
            : throw new InvalidOperationException($"{settings[s].Optimizer}: the schedule changes the momentum, and it has none; give it one, or use OneCycle without cycleMomentum");

    private double ClipFactor(GradientOf gradients)
    {
        if (double.IsPositiveInfinity(optimizer.MaxNorm))
        {
            return 1;
        }

        NormJob job = new() { State = this, Gradients = gradients };
        workers.Run(ref job, all.Length);
        double sum = 0;
        foreach (double square in squares)
        {
            sum += square;
        }

        norm = Math.Sqrt(sum);
        return Math.Min(1, optimizer.MaxNorm / (norm.Value + 1e-6)); // NaN stays NaN.
    }

    private struct UpdateJob : IJob
    {
        public GroupedState State;
        public GradientOf Gradients;
        public Clipping Clipping;

        public readonly void Run(int chunk, int worker)
        {
            (int s, int from, int count) = State.chunked[chunk];
            if (State.stepping[s])
            {
                State.slots[s].Apply(Gradients(State.places[s]), from, count, Clipping);
            }
        }
    }

    private struct NormJob : IJob
    {
        public GroupedState State;
        public GradientOf Gradients;

        public readonly void Run(int chunk, int worker)
        {
            (int s, int from, int count) = State.all[chunk];
            State.squares[chunk] = State.stepping[s] ? SquaredNorm.Of(Gradients(State.places[s]).Slice(from, count)) : 0;
        }
    }
}
