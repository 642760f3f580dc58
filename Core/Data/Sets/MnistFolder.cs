namespace Fovea.Core.Data;

/// <summary>The four files that MNIST and the sets made after it consist of.</summary>
internal static class MnistFolder
{
    /// <summary>Reads both parts from a folder of IDX files, plain or gzipped.</summary>
    public static (ImageDataset Training, ImageDataset Test) Load(string folder, PublishedDataset set, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string images = Find(folder, "train-images", 3, set), labels = Find(folder, "train-labels", 1, set);
        string testImages = Find(folder, "t10k-images", 3, set), testLabels = Find(folder, "t10k-labels", 1, set);
        ImageDataset training = Read(images, labels, $"{set.Name} training", classes);
        ImageDataset test = Read(testImages, testLabels, $"{set.Name} test", classes);
        return training.ImageShape == test.ImageShape
            ? (training, test)
            : throw new DataFileException(
                testImages,
                $"images of {training.ImageShape} as in training",
                $"images of {test.ImageShape}",
                "the files are not of one set: download them again");
    }

    private static ImageDataset Read(string images, string labels, string name, IReadOnlyList<string> classes) =>
        DataFiles.Read(images, "IDX images (magic number 2051)", imageStream =>
            DataFiles.Read(labels, "IDX labels (magic number 2049)", labelStream =>
                Idx.Read(imageStream, images, labelStream, labels, name, classes)));

    // As published, or with the dot that some copies have; unpacked or not; there, or where torchvision keeps them.
    private static string Find(string folder, string part, int rank, PublishedDataset set)
    {
        string[] names = [$"{part}-idx{rank}-ubyte", $"{part}.idx{rank}-ubyte"];
        string[] folders = [folder, Path.Combine(folder, "raw"), Path.Combine(folder, set.Folder), Path.Combine(folder, Plain(set), "raw")];
        IEnumerable<string> files =
            from place in folders
            from name in names
            from ending in new[] { "", ".gz" }
            select Path.Combine(place, name + ending);
        return files.FirstOrDefault(File.Exists) ?? throw NotThere(folder, names[0], set);
    }

    private static string Plain(PublishedDataset set) => set.Name.Replace("-", "", StringComparison.Ordinal);

    private static DataFileException NotThere(string folder, string name, PublishedDataset set)
    {
        string expected = $"a folder of {set.Name}'s four files";
        const string Mend = "download it (--download in a script, Data.download in the REPL)";
        if (!Directory.Exists(folder))
        {
            return File.Exists(folder)
                ? new DataFileException(folder, expected, "one file", "name the folder that holds it")
                : new DataFileException(
                    folder,
                    expected,
                    "nothing: there is no such folder",
                    $"check the path, or {Mend}");
        }

        return Directory.EnumerateFileSystemEntries(folder).Any()
            ? new DataFileException(folder, expected, $"no {name} or {name}.gz", Mend)
            : new DataFileException(folder, expected, "an empty folder", Mend);
    }
}
