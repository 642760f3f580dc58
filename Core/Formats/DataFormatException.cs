namespace Fovea.Core.Formats;

/// <summary>
/// Bytes that are not what their format says: damaged, cut short, of another format, or beyond a limit. It is the one
/// exception that decoders raise about what they read (of data sets, as the DataFileException that names the file); a stream's own errors pass through.
/// </summary>
public class DataFormatException : Exception
{
    /// <summary>Creates the exception from its finished sentence.</summary>
    public DataFormatException(string message)
        : base(message) { }

    /// <summary>Creates the exception from its finished sentence and what led to it.</summary>
    public DataFormatException(string message, Exception? inner)
        : base(message, inner) { }
}

/// <summary>Bytes that are not the image that they are to be.</summary>
public sealed class ImageFormatException : DataFormatException
{
    /// <summary>Creates the exception from its finished sentence.</summary>
    public ImageFormatException(string message)
        : base(message) { }

    /// <summary>Creates the exception from its finished sentence and what led to it.</summary>
    public ImageFormatException(string message, Exception? inner)
        : base(message, inner) { }
}
