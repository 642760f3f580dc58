namespace Fovea.Core.Data;

/// <summary>
/// Fashion-MNIST: 60,000 training and 10,000 test images of clothes, 28×28 pixels, grey
/// (Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", 2017).
/// </summary>
public static class FashionMnist
{
    /// <summary>The names of the classes.</summary>
    public static IReadOnlyList<string> Classes { get; } =
        ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>The mean over the training images, in 0..1.</summary>
    public static IReadOnlyList<double> Mean { get; } = [0.2860];

    /// <summary>The standard deviation over the training images.</summary>
    public static IReadOnlyList<double> Deviation { get; } = [0.3530];

    /// <summary>Where it is published.</summary>
    public static PublishedDataset Published { get; } = new(
        "Fashion-MNIST",
        "fashion-mnist",
        new Uri("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        [
            new PublishedFile("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            new PublishedFile("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
            new PublishedFile("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
            new PublishedFile("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
        ]);

    /// <summary>Reads both parts from the folder of the four files, plain or gzipped.</summary>
    /// <exception cref="DataFileException">A file is missing, cut short, or not what it should be.</exception>
    public static (ImageDataset Training, ImageDataset Test) Load(string folder) => MnistFolder.Load(folder, Published, Classes);
}
