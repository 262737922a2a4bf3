using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdFleet.Lab.Writing;

/// <summary>ConfigMaps through an apiserver. Keys are etcd's, so that what was acknowledged can be looked up in etcd's own history.</summary>
internal sealed class ConfigMapTarget(string api, SocketsHttpHandler handler, IReadOnlyList<EtcdTarget> etcd) : IWriteTarget, IDisposable
{
    /// <summary>Where etcd has the ConfigMaps of the namespace that is written to.</summary>
    public const string Folder = "/registry/configmaps/default/";

    private const string Path = "/api/v1/namespaces/default/configmaps";
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http = new(handler) { BaseAddress = new(api), Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The number in a ConfigMap as etcd has it.</summary>
    /// <exception cref="FormatException">It is no JSON, as with a real apiserver, which keeps protobuf.</exception>
    public static long ValueOf(string stored)
    {
        try
        {
            return ToVersioned(JsonNode.Parse(stored)).Value;
        }
        catch (JsonException e)
        {
            throw new FormatException("a ConfigMap is not kept as JSON", e);
        }
    }

    /// <inheritdoc/>
    public async Task<Versioned?> CompareAndSwapAsync(string key, long expectedRevision, long value, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var name = key[Folder.Length..];
        var metadata = new JsonObject { ["name"] = name };
        if (expectedRevision > 0)
        {
            metadata["resourceVersion"] = expectedRevision.ToString(CultureInfo.InvariantCulture);
        }

        var body = new JsonObject { ["metadata"] = metadata, ["data"] = new JsonObject { ["n"] = value.ToString(CultureInfo.InvariantCulture) } };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        var (status, answer) = expectedRevision == 0
            ? await SendAsync(HttpMethod.Post, Path, body, deadline.Token)
            : await SendAsync(HttpMethod.Put, $"{Path}/{name}", body, deadline.Token);
        if (status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            (status, answer) = await SendAsync(HttpMethod.Get, $"{Path}/{name}", null, deadline.Token);
        }

        return status == HttpStatusCode.NotFound ? null : ToVersioned(Checked(status, answer));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, Versioned>> ReadAllAsync(string prefix, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ReadTimeout);
        var (status, answer) = await SendAsync(HttpMethod.Get, Path, null, deadline.Token);
        return Checked(status, answer)!["items"]!.AsArray().Select(i => (Key: Folder + i!["metadata"]!["name"], State: i)).Where(i => i.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(i => i.Key, i => ToVersioned(i.State));
    }

    /// <inheritdoc/>
    /// <remarks>The API has no history; etcd has.</remarks>
    public async Task<IReadOnlySet<Acknowledged>?> ReadHistoryAsync(string prefix, long from, long to, CancellationToken cancellationToken)
    {
        foreach (var member in etcd)
        {
            try
            {
                return await member.ReadHistoryAsync(prefix, from, to, cancellationToken);
            }
            catch (WriteAttemptException) when (member != etcd[^1])
            {
                // The next one may answer.
            }
            catch (FormatException)
            {
                return null;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        foreach (var member in etcd)
        {
            member.Dispose();
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
            {
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            }

            using var response = await _http.SendAsync(request, cancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException e)
        {
            throw new WriteAttemptException($"{api}: {e.HttpRequestError}: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (OperationCanceledException e)
        {
            throw new WriteAttemptException($"{api}: no answer in time", e);
        }
    }

    private JsonNode? Checked(HttpStatusCode status, string body) => (int)status < 300
        ? JsonNode.Parse(body)
        : throw new WriteAttemptException($"{api}: {(int)status} {(body.Length > 200 ? body[..200] : body).Trim()}");

    private static Versioned ToVersioned(JsonNode? map) => new(
        long.Parse((string)map!["data"]!["n"]!, CultureInfo.InvariantCulture), long.Parse((string?)map["metadata"]!["resourceVersion"] ?? "0", CultureInfo.InvariantCulture));
}
