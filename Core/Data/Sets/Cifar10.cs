using System.Text;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// CIFAR-10: 50,000 training and 10,000 test images of 32×32 pixels in colour, ten classes, from its binary version
/// (Krizhevsky, "Learning multiple layers of features from tiny images", 2009).
/// </summary>
public static class Cifar10
{
    private const string MetaFile = "batches.meta.txt";
    private const string TestFile = "test_batch.bin";
    private const string Mend = "download it (--download in a script, Data.download in the REPL)";
    private static readonly string[] TrainingFiles = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")];
    private static readonly string[] AllFiles = [.. TrainingFiles, TestFile];

    /// <summary>The names of the classes.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>The mean of each channel over the training images, in 0..1.</summary>
    public static IReadOnlyList<double> Mean { get; } = [0.4914, 0.4822, 0.4465];

    /// <summary>The standard deviation of each channel over the training images.</summary>
    public static IReadOnlyList<double> Deviation { get; } = [0.2470, 0.2435, 0.2616];

    /// <summary>Where it is published.</summary>
    public static PublishedDataset Published { get; } = new(
        "CIFAR-10",
        "cifar-10-batches-bin",
        new Uri("https://www.cs.toronto.edu/~kriz/"),
        [new PublishedFile("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530")],
        [.. AllFiles.Append(MetaFile).Select(name => new UnpackedFile(name, name == MetaFile ? 61 : CifarBinary.Length(10_000)))]);

    /// <summary>Reads both parts.</summary>
    /// <param name="path">
    /// The folder of <c>data_batch_1.bin</c> … <c>test_batch.bin</c> (or one that holds it, or the archive), or the archive
    /// <c>cifar-10-binary.tar.gz</c> as published.
    /// </param>
    /// <param name="imagesPerFile">Images in each of the six files: 10,000 as published; others for copies made smaller.</param>
    /// <exception cref="DataFileException">A file is missing, cut short, or not what it should be: nothing is read by halves.</exception>
    public static (ImageDataset Training, ImageDataset Test) Load(string path, int imagesPerFile = 10_000)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(imagesPerFile, 1);
        return File.Exists(path) ? FromArchive(path, imagesPerFile) : FromFolder(path, imagesPerFile);
    }

    /// <summary>Reads the records of one file.</summary>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="images">How many images it must have.</param>
    /// <exception cref="DataFileException">It has another length, or a label is not 0 to 9.</exception>
    public static ImageDataset Read(Stream stream, string file, int images)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(images);
        Part part = new(images);
        CifarBinary.Read(stream, file, images, part.Pixels, part.Labels, 0);
        return part.ToDataset(file, Classes);
    }

    /// <summary>Reads both parts from the published archive as a stream.</summary>
    /// <param name="stream">The tar archive, no longer gzipped.</param>
    /// <param name="archive">What messages call it.</param>
    /// <param name="imagesPerFile">Images in each of the six files.</param>
    /// <exception cref="DataFileException">A file is missing, cut short, or not what it should be.</exception>
    public static (ImageDataset Training, ImageDataset Test) ReadArchive(Stream stream, string archive, int imagesPerFile = 10_000)
    {
        // Twice the data leaves room for whatever else is packed with it; a bomb would need a thousand times.
        long limit = (2 * 6 * CifarBinary.Length(imagesPerFile)) + (1 << 20);
        Parts parts = new(imagesPerFile);
        IReadOnlyList<string> classes = Classes;
        foreach (TarFile entry in TarReading.Files(stream, archive, limit))
        {
            string name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            string inside = $"{archive}, {name}";
            if (AllFiles.Contains(name))
            {
                parts.Read(entry.Content, entry.Length, inside, name);
            }
            else if (name == MetaFile)
            {
                classes = ClassNames(entry.Content, inside);
            }
        }

        string[] missing = [.. AllFiles.Where(name => !parts.Done.Contains(name))];
        return missing.Length == 0
            ? parts.ToDatasets(classes)
            : throw new DataFileException(
                archive,
                "all six files of CIFAR-10's binary version",
                $"all but {string.Join(", ", missing)}",
                "it is another archive or cut short: download cifar-10-binary.tar.gz again");
    }

    private static (ImageDataset Training, ImageDataset Test) FromFolder(string path, int imagesPerFile)
    {
        string folder = FolderWithin(path);
        if (folder.Length == 0)
        {
            string archive = Path.Combine(path, Published.Files[0].Name);
            return File.Exists(archive) ? FromArchive(archive, imagesPerFile) : throw NotThere(path);
        }

        string[] missing = [.. AllFiles.Where(name => !File.Exists(Path.Combine(folder, name)))];
        if (missing.Length > 0)
        {
            throw new DataFileException(
                folder,
                "all six files of CIFAR-10's binary version",
                $"all but {string.Join(", ", missing)}",
                Mend);
        }

        Parts parts = new(imagesPerFile);
        foreach (string name in AllFiles)
        {
            string file = Path.Combine(folder, name);
            DataFiles.Read(file, "a file of CIFAR-10's binary version", stream => parts.Read(stream, stream.CanSeek ? stream.Length : null, file, name));
        }

        string meta = Path.Combine(folder, MetaFile);
        return parts.ToDatasets(File.Exists(meta) ? DataFiles.Read(meta, "the names of ten classes", stream => ClassNames(stream, meta)) : Classes);
    }

    private static (ImageDataset Training, ImageDataset Test) FromArchive(string archive, int imagesPerFile) =>
        DataFiles.Read(archive, "cifar-10-binary.tar.gz", stream => ReadArchive(stream, archive, imagesPerFile));

    // The folder itself or the one that the archive unpacks to; nothing where neither has a single one of the files.
    private static string FolderWithin(string path) =>
        new[] { path, Path.Combine(path, Published.Folder) }
            .FirstOrDefault(folder => AllFiles.Any(name => File.Exists(Path.Combine(folder, name))), "");

    private static DataFileException NotThere(string path)
    {
        const string Expected = "a folder of CIFAR-10's binary version (data_batch_1.bin … test_batch.bin)";
        if (!Directory.Exists(path))
        {
            return new DataFileException(
                path,
                Expected,
                "nothing: there is no such folder or file",
                "check the path, or download it (--download in a script, Data.download in the REPL)");
        }

        if (!Directory.EnumerateFileSystemEntries(path).Any())
        {
            return new DataFileException(path, Expected, "an empty folder", Mend);
        }

        return File.Exists(Path.Combine(path, "data_batch_1"))
            ? new DataFileException(path, Expected, "the Python version (data_batch_1 without .bin)", Mend)
            : new DataFileException(path, Expected, "a folder of other files", Mend);
    }

    private static IReadOnlyList<string> ClassNames(Stream stream, string file)
    {
        byte[] bytes = DataFiles.UpTo(stream, 4096);
        string[] names = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length == 10 && names.Distinct().Count() == 10 && names.All(name => name.Length <= 100 && !name.Any(char.IsControl))
            ? names
            : throw new DataFileException(
                file,
                "the names of ten classes, a line each",
                names.Length == 10 ? "ten lines that are not ten different names" : Invariant($"{names.Length:N0} lines"),
                "download it again, or delete it: the names are known without it");
    }

    // Images on their way in.
    private sealed record Part(int Count)
    {
        public ImageBytes Pixels { get; } = new(Count, CifarBinary.RecordBytes - 1);

        public int[] Labels { get; } = new int[Count];

        public ImageDataset ToDataset(
            string name,
            IReadOnlyList<string> classes) => new(name,
            CifarBinary.Image,
            Pixels,
            Labels,
            classes);
    }

    // The six files on their way into two datasets, in any order, each once.
    private sealed class Parts(int imagesPerFile)
    {
        private readonly Part training = new(5 * imagesPerFile);
        private readonly Part test = new(imagesPerFile);

        public HashSet<string> Done { get; } = [];

        public bool Read(Stream stream, long? length, string file, string name)
        {
            if (!Done.Add(name))
            {
                throw new DataFileException(
                    file,
                    "each file once",
                    "it twice",
                    "download cifar-10-binary.tar.gz again");
            }

            if (length is { } known && known != CifarBinary.Length(imagesPerFile))
            {
                throw CifarBinary.WrongLength(file, known, imagesPerFile, DataFiles.UpTo(stream, 64));
            }

            int place = Array.IndexOf(TrainingFiles, name);
            Part part = place < 0 ? test : training;
            CifarBinary.Read(stream, file, imagesPerFile, part.Pixels, part.Labels, Math.Max(0, place) * imagesPerFile);
            return true;
        }

        public (ImageDataset Training, ImageDataset Test) ToDatasets(IReadOnlyList<string> classes) =>
            (training.ToDataset("CIFAR-10 training", classes), test.ToDataset("CIFAR-10 test", classes));
    }
}
