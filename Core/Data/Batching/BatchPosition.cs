namespace Fovea.Core.Data;

/// <summary>A place in the stream of batches: what a run must remember to go on where it was.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Batch">The batch within the epoch, from 0.</param>
public readonly record struct BatchPosition(int Epoch, int Batch);
