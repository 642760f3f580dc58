using Fovea.Core.Dispatch;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;

namespace Fovea.Core.Data;

/// <summary>
/// Images that need no download: 3×32×32, ten classes of figures and textures at random places, sizes, angles and
/// colours in front of cluttered, noisy backgrounds. Neither colour nor brightness nor the covered area tells the class;
/// its shape does, wherever it stands. Image i is a function of the seed and i alone, the same on every machine.
/// </summary>
public static class GeneratedImages
{
    private const int Side = 32;
    private const int Chunk = 64;

    /// <summary>Test images are drawn from this place on, far behind the training images of any number.</summary>
    private const int FirstTest = 1_000_000_000;

    private static readonly Func<float, float, float>[] Outlines =
        [Figures.Disc, Figures.Ring, Figures.Square, Figures.Triangle, Figures.Cross, Figures.Star, Figures.Crescent];

    private static readonly Texture[] Textures = [Texture.Stripes, Texture.Checks, Texture.Dots];

    /// <summary>The names of the classes.</summary>
    public static IReadOnlyList<string> Classes { get; } =
        ["disc", "ring", "square", "triangle", "cross", "star", "crescent", "stripes", "checks", "dots"];

    /// <summary>Training and test images of one seed; no image is in both.</summary>
    /// <param name="training">How many training images; fewer are the first of more.</param>
    /// <param name="test">How many test images.</param>
    /// <param name="seed">What they are drawn from.</param>
    public static (ImageDataset Training, ImageDataset Test) Create(int training, int test, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(training);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(training, FirstTest);
        ArgumentOutOfRangeException.ThrowIfNegative(test);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(test, int.MaxValue - FirstTest);
        return (Create("generated training", training, seed, 0), Create("generated test", test, seed, FirstTest));
    }

    private static ImageDataset Create(string name, int count, int seed, int first)
    {
        ImageBytes pixels = new(count, 3 * Side * Side);
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            pixels.Room(i); // Taken before several threads write.
        }

        Job job = new(pixels, labels, RandomKey.Of(seed).Child("generated images"), first);
        Workers.Shared.Run(ref job, (count + Chunk - 1) / Chunk);
        return new ImageDataset(name, new Shape(3, Side, Side), pixels, labels, Classes);
    }

    // Every ten images have each class once.
    private static int Label(RandomKey key, int index) => Permutation.Of(10, key.Child("labels").Child(index / 10))[index % 10];

    private static void Draw(int label, RandomKey key, Canvas canvas, Span<byte> target)
    {
        CounterRandom random = new(key);
        Backdrop.Fill(canvas, random);
        Backdrop.Clutter(canvas, random.Next(2, 7), random);
        if (label < Outlines.Length)
        {
            DrawFigure(Outlines[label], canvas, random);
        }
        else
        {
            DrawTexture(Textures[label - Outlines.Length], canvas, random);
        }

        canvas.Develop(target, Placement.Between(random, 0.05f, 0.2f), random);
    }

    private static void DrawFigure(Func<float, float, float> outline, Canvas canvas, Random random)
    {
        Placement at = DrawPlacement(random, 1);
        Foreground.PaintFigure(canvas, at, outline, Colour.DrawBright(random), Colour.DrawBright(random));
    }

    // The bright part of a patch covers as much as a figure does, so that brightness does not tell one from the other.
    private static void DrawTexture(Texture texture, Canvas canvas, Random random)
    {
        Placement at = DrawPlacement(random, MathF.Sqrt(1 / texture.BrightShare));
        Placement weave = Placement.Draw(random, 0, Side, Placement.Between(random, texture.Period, 1.4f * texture.Period));
        Func<float, float, float> outline = random.Next(2) == 0 ? Figures.Disc : Figures.Square;
        Foreground.PaintTexture(canvas, at, outline, texture.Bright, weave, Colour.DrawBright(random), Colour.DrawDark(random));
    }

    private static Placement DrawPlacement(Random random, float enlarged)
    {
        float radius = Placement.Between(random, 5f, 7.5f);
        return Placement.Draw(random, 1.25f * radius, Side - (1.25f * radius), radius * enlarged);
    }

    private readonly struct Job(ImageBytes pixels, int[] labels, RandomKey key, int first) : IJob
    {
        public void Run(int chunk, int worker)
        {
            Canvas canvas = new(Side);
            for (int i = chunk * Chunk; i < Math.Min(labels.Length, (chunk + 1) * Chunk); i++)
            {
                int index = first + i;
                labels[i] = Label(key, index);
                Draw(labels[i], key.Child(index), canvas, pixels.Room(i));
            }
        }
    }
}
