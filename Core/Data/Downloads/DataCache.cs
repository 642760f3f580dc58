namespace Fovea.Core.Data;

/// <summary>Where downloaded data are kept.</summary>
public static class DataCache
{
    /// <summary>
    /// The folder <c>fovea</c> in the user's cache: in <c>XDG_CACHE_HOME</c> where that is set, otherwise in the local
    /// application data on Windows and in <c>~/.cache</c> elsewhere. It need not exist.
    /// </summary>
    public static string Folder => Path.Combine(UserCache(), "fovea");

    /// <summary>The folder of a published dataset in the cache. It need not exist.</summary>
    public static string FolderOf(PublishedDataset set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Path.Combine(Folder, set.Folder);
    }

    // A relative XDG_CACHE_HOME counts as unset, as the XDG base directory specification demands.
    private static string UserCache() =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } set && Path.IsPathFullyQualified(set)
            ? set
            : OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
}
