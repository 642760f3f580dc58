namespace Fovea.Core.Data;

/// <summary>A download that failed. The message is one sentence that names the address, what happened and what to do.</summary>
public sealed class DownloadException : IOException
{
    /// <summary>Creates the exception with the sentence <c>address: fault; mend</c>.</summary>
    public DownloadException(Uri address, string fault, string mend, Exception? cause = null)
        : base($"{address}: {fault}; {mend}", cause)
    {
        Address = address;
    }

    /// <summary>What was to be fetched.</summary>
    public Uri Address { get; }
}
