using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>Downloads, with limits on size and on silence.</summary>
/// <param name="http">Without a limit on the whole: see <see cref="CreateHandler"/>.</param>
/// <param name="time">The clock of the limit on silence.</param>
internal sealed class ReleaseSource(HttpMessageInvoker http, TimeProvider time)
{
    /// <summary>The most that a tarball may have, in bytes; etcd's have about 25 million.</summary>
    public const long MaxBytes = 500_000_000;

    private const int MaxSums = 64 * 1024;
    private const ulong ReportEvery = 1024 * 1024;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>What the machine's client is made of: the proxies of its environment; redirects, but never from https to http.</summary>
    public static SocketsHttpHandler CreateHandler() =>
        new() { ConnectTimeout = TimeSpan.FromSeconds(15), MaxAutomaticRedirections = 5, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) };

    /// <summary>The digest that the SHA256SUMS beside the tarball gives for it.</summary>
    /// <exception cref="AgentFault">DOWNLOAD_FAILED: it cannot be had, or does not name the tarball.</exception>
    public async Task<string> SumAsync(Uri tarball, CancellationToken cancellationToken)
    {
        var sums = new Uri(tarball, "SHA256SUMS");
        using var content = new MemoryStream();
        await GetAsync(sums, MaxSums, _ => content, _ => { }, cancellationToken);
        var name = Uri.UnescapeDataString(tarball.Segments[^1]);
        foreach (var line in Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length).Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [{ Length: 64 } digest, var file]
                && file.TrimStart('*') == name && digest.All(char.IsAsciiHexDigit))
            {
                return digest.ToLowerInvariant();
            }
        }

        throw new AgentFault(FaultReason.DownloadFailed, $"{ReleaseName.Shown(sums)} has no SHA-256 for {name}, expected a line with it. Check the URL, or give etcd's sha256 in the inventory.");
    }

    /// <summary>Writes what an address gives and returns its SHA-256.</summary>
    /// <param name="address">http or https.</param>
    /// <param name="limit">Bytes at most.</param>
    /// <param name="target">Called once, with the announced size (null: not said), before the first byte.</param>
    /// <param name="report">Bytes so far.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AgentFault">DOWNLOAD_FAILED.</exception>
    public async Task<string> GetAsync(Uri address, long limit, Func<long?, Stream> target, Action<ulong> report, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await http.SendAsync(request, either.Token);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw Failed(address, $"the answer is {(int)response.StatusCode} {response.ReasonPhrase}, expected 200");
            }

            var size = response.Content.Headers.ContentLength;
            if (size > limit)
            {
                throw Failed(address, $"it has {size} bytes, expected at most {limit}");
            }

            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            return await CopyAsync(address, body, target(size), limit, report, silence, either.Token);
        }
        catch (Exception problem) when (problem is HttpRequestException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Failed(address, problem is OperationCanceledException ? $"nothing came for {Silence.TotalSeconds:0} s" : Root(problem), problem);
        }
    }

    private static async Task<string> CopyAsync(Uri address, Stream body, Stream target, long limit, Action<ulong> report, CancellationTokenSource silence, CancellationToken cancellationToken)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            ulong done = 0, reported = 0;
            while (true)
            {
                silence.CancelAfter(Silence);
                var count = await ReadAsync(address, body, buffer, cancellationToken);
                silence.CancelAfter(Timeout.InfiniteTimeSpan); // the disk's time is not the server's silence
                if (count == 0)
                {
                    report(done);
                    return Convert.ToHexStringLower(digest.GetHashAndReset());
                }

                done += (ulong)count;
                if (done > (ulong)limit)
                {
                    throw Failed(address, $"it has more than {limit} bytes, expected at most that");
                }

                digest.AppendData(buffer, 0, count);
                await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                if (done - reported >= ReportEvery)
                {
                    report(reported = done);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A read that fails is the network's doing; a write that fails is the disk's, and stays an <see cref="IOException"/>.</summary>
    private static async ValueTask<int> ReadAsync(Uri address, Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException broken)
        {
            throw Failed(address, $"the connection broke: {Root(broken)}", broken);
        }
    }

    private static AgentFault Failed(Uri address, string what, Exception? inner = null) =>
        new(FaultReason.DownloadFailed, $"{ReleaseName.Shown(address)}: {what}. Check the URL and the way there from this node, or use a mirror.", inner);

    private static string Root(Exception problem) => problem.InnerException is { } inner ? Root(inner) : problem.Message;
}
