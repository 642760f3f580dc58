using System.Net;
using System.Net.Http.Headers;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>Brings the bytes of one address into one open file, going on where an earlier try stopped.</summary>
internal sealed class Transfer(
    HttpClient client,
    Uri address,
    FileStream part,
    string target,
    Action<DownloadProgress>? progress)
{
    private const int Tries = 4;
    private const long MostBytes = 1L << 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns when the file is as long as the server says that it is.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (await TryAsync(stop).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or HttpIOException or TimeoutException)
            {
                if (attempt == Tries)
                {
                    throw new DownloadException(
                        address,
                        $"the connection failed ({fault.Message.TrimEnd('.')})",
                        $"check the network and try again: what arrived is kept, and the next try goes on from there. Or fetch the file by other means and put it at {target}",
                        fault);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), stop).ConfigureAwait(false);
            }
        }
    }

    // False when the bytes at hand do not fit what the server has, and were dropped.
    private async Task<bool> TryAsync(CancellationToken stop)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (part.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
        }

        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                part.SetLength(0); // The server sends the whole, whatever was asked for.
                break;
            case HttpStatusCode.PartialContent when range?.From == part.Length:
                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable when range?.Length == part.Length:
                return true; // Everything had arrived before.
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable when part.Length > 0:
                part.SetLength(0);
                return false;
            default:
                throw new DownloadException(
                    address,
                    Invariant($"the server answered {(int)response.StatusCode} ({response.ReasonPhrase})"),
                    $"try later, or fetch the file by other means and put it at {target}");
        }

        part.Position = part.Length;
        await CopyAsync(response, part.Length + response.Content.Headers.ContentLength, stop).ConfigureAwait(false);
        return true;
    }

    private async Task CopyAsync(HttpResponseMessage response, long? total, CancellationToken stop)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        progress?.Invoke(new DownloadProgress(Path.GetFileName(target), part.Length, total));
        while (true)
        {
            int read = await ReadAsync(body, buffer, stop).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            if (part.Position + read > MostBytes)
            {
                throw new DownloadException(
                    address,
                    Invariant($"the server sends more than {MostBytes:N0} bytes"),
                    "check the address");
            }

            await part.WriteAsync(buffer.AsMemory(0, read), stop).ConfigureAwait(false);
            progress?.Invoke(new DownloadProgress(Path.GetFileName(target), part.Position, total));
        }

        await part.FlushAsync(stop).ConfigureAwait(false);
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken stop)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            return await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing arrived for {Patience.TotalSeconds:F0} seconds");
        }
    }
}
