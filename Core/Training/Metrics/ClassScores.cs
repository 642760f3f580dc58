using System.Globalization;

namespace Fovea.Core.Training;

/// <summary>How well one class is told from the others.</summary>
/// <param name="Name">The class.</param>
/// <param name="Precision">Of the images that were taken for it, the share that was right; NaN where none was.</param>
/// <param name="Recall">Of its images, the share that was found; NaN where it has none.</param>
/// <param name="F1">
/// 2·right/(taken for it + its images), the harmonic mean of precision and recall; NaN where it neither occurs nor is named.
/// </param>
/// <param name="Support">Its images.</param>
public readonly record struct ClassScores(string Name, double Precision, double Recall, double F1, long Support)
{
    /// <summary>As it is read: <c>cat: precision 0.712, recall 0.655, F1 0.682, 1,000 images</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}: precision {Precision:F3}, recall {Recall:F3}, F1 {F1:F3}, {Support:N0} images");
}
