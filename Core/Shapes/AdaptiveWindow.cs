namespace Fovea.Core.Shapes;

/// <summary>
/// Windows along one axis that share an input of any length out among so many outputs: output o sees the positions from
/// ⌊o·length/outputs⌋ up to ⌈(o + 1)·length/outputs⌉, as in PyTorch's adaptive pooling.
/// </summary>
/// <param name="Length">Positions of the input.</param>
/// <param name="Outputs">Windows.</param>
public readonly record struct AdaptiveWindow(int Length, int Outputs)
{
    /// <summary>The first position of a window; also the position that an enlarged axis copies.</summary>
    public int Start(int output) => (int)((long)output * Length / Outputs);

    /// <summary>The position behind a window's last.</summary>
    public int End(int output) => (int)((((long)output + 1) * Length + Outputs - 1) / Outputs);

    /// <summary>Whether the windows are equally large and do not overlap: those of an ordinary pooling.</summary>
    public bool IsEven => Length % Outputs == 0;
}
