namespace Fovea.Core.Data;

/// <summary>MNIST: 60,000 training and 10,000 test images of handwritten digits, 28×28 pixels, grey (LeCun, Cortes and Burges).</summary>
public static class Mnist
{
    /// <summary>The names of the classes.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>The mean over the training images, in 0..1.</summary>
    public static IReadOnlyList<double> Mean { get; } = [0.1307];

    /// <summary>The standard deviation over the training images.</summary>
    public static IReadOnlyList<double> Deviation { get; } = [0.3081];

    /// <summary>Where it is published.</summary>
    public static PublishedDataset Published { get; } = new(
        "MNIST",
        "mnist",
        new Uri("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        [
            new PublishedFile("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            new PublishedFile("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
            new PublishedFile("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
            new PublishedFile("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
        ]);

    /// <summary>Reads both parts from the folder of the four files, plain or gzipped.</summary>
    /// <exception cref="DataFileException">A file is missing, cut short, or not what it should be.</exception>
    public static (ImageDataset Training, ImageDataset Test) Load(string folder) => MnistFolder.Load(folder, Published, Classes);
}
