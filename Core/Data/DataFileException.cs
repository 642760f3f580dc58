using Fovea.Core.Formats;

namespace Fovea.Core.Data;

/// <summary>
/// A data file or folder that is missing or is not what it should be: the only exception that the decoders throw for
/// what they read, however damaged. The message is one sentence that names the file, what was expected, what was found
/// and what to do.
/// </summary>
public sealed class DataFileException : DataFormatException
{
    /// <summary>Creates the exception with the sentence <c>file: expected …, got …; mend</c>.</summary>
    /// <param name="file">The file or folder, as the user named it.</param>
    /// <param name="expected">What belongs there.</param>
    /// <param name="got">What was found instead.</param>
    /// <param name="mend">What to do about it.</param>
    /// <param name="cause">The exception of the layer below, if there was one.</param>
    public DataFileException(string file, string expected, string got, string mend, Exception? cause = null)
        : base($"{file}: expected {expected}, got {got}; {mend}", cause)
    {
        File = file;
    }

    /// <summary>The file or folder, as the user named it.</summary>
    public string File { get; }
}
