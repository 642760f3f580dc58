namespace Fovea.Core.Training;

/// <summary>
/// The gradient of a parameter, by its place in the list that the optimizer was started with; empty where it has none in
/// this step. It is asked from several threads at once.
/// </summary>
public delegate ReadOnlySpan<float> GradientOf(int parameter);
