namespace Fovea.Core.Training;

/// <summary>What Muon multiplies the update of a rows×columns matrix by.</summary>
public enum MuonScale
{
    /// <summary>√max(1, rows/columns): Jordan's own choice.</summary>
    Original,

    /// <summary>0.2·√max(rows, columns): the size of AdamW's updates, so that its settings carry over (Liu et al. 2025).</summary>
    MatchAdamW,

    /// <summary>1.</summary>
    None,
}
