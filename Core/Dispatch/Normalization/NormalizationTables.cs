using System.Collections.Immutable;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The normalisations in the order in which they are tried; the last accepts every plain image.</summary>
public static class NormalizationTables
{
    /// <summary>By the statistics of a batch, or by given ones.</summary>
    public static ImmutableArray<BatchNormalization> Batch { get; } = [new ChannelNormalization(), new NaiveBatchNormalization()];

    /// <summary>Every image by its own statistics: group, layer and instance norm.</summary>
    public static ImmutableArray<ImageNormalization> Image { get; } =
        [new PixelNormalization(), new RowNormalization(), new GroupNormalization(), new NaiveImageNormalization()];

    /// <summary>The first batch norm that accepts a layout.</summary>
    public static BatchNormalization ChooseBatch(Layout layout) => Batch.First(entry => entry.Accepts(layout));

    /// <summary>The first normalisation of images that accepts the sizes in a layout, or in the plain one where none does.</summary>
    public static (ImageNormalization Algorithm, Layout Layout) ChooseImage(ImageNormShape s, Layout layout) =>
        Image.FirstOrDefault(entry => entry.Accepts(s, layout)) is { } found ? (found, layout) : (Image.First(entry => entry.Accepts(s, Layout.Plain)), Layout.Plain);
}
