using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>A second copy of some parameters, which follows them.</summary>
internal sealed class Shadow
{
    private readonly float[][] followed;
    private readonly Piece[] pieces;
    private readonly Workers workers;

    public Shadow(IEnumerable<Parameter> parameters, Workers workers)
    {
        Parameters = [.. parameters];
        Values = [.. Parameters.Select(parameter => (float[])parameter.Value.Values.Clone())];
        followed = [.. Parameters.Select(parameter => parameter.Value.Values)];
        pieces = Piece.Cut(Parameters.Select(parameter => parameter.Shape.Count));
        this.workers = workers;
    }

    /// <summary>The parameters that are followed.</summary>
    public Parameter[] Parameters { get; }

    /// <summary>The copy.</summary>
    public float[][] Values { get; }

    /// <summary>Moves the copy by a share of its distance towards the parameters.</summary>
    public void Follow(double share)
    {
        BlendJob job = new() { Rule = new(share), To = Values, From = followed, Pieces = pieces };
        workers.Run(ref job, pieces.Length);
    }

    /// <summary>Puts the copy's values back into the parameters.</summary>
    public void PutBack()
    {
        for (int i = 0; i < Values.Length; i++)
        {
            Values[i].CopyTo(followed[i], 0);
        }
    }

    private struct BlendJob : IJob
    {
        public BlendRule Rule;
        public float[][] To;
        public float[][] From;
        public Piece[] Pieces;

        public readonly void Run(int chunk, int worker)
        {
            (int slot, int from, int count) = Pieces[chunk];
            ElementLoop.Run(Rule, Clipping.None, To[slot].AsSpan(from, count), From[slot].AsSpan(from, count), default, default, default);
        }
    }
}
