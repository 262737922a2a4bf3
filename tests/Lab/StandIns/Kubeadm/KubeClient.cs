using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>As much of a client of the apiserver as kubeadm needs.</summary>
internal sealed class KubeClient : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;

    /// <summary>Describes the client; it connects with the first call.</summary>
    /// <param name="patience">How long a call is repeated (kubeadm's timeouts.kubernetesAPICall).</param>
    public KubeClient(Kubeconfig config, TimeSpan patience, TimeProvider time)
    {
        (_time, _patience) = (time, patience);
        _http = new(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [config.ClientCertificate()],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { config.Authority() }, RevocationMode = X509RevocationMode.NoCheck },
            },
        })
        {
            BaseAddress = new(config.Server),
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>Gets an object; null when there is none.</summary>
    /// <exception cref="KubeadmException">Nobody answered in time, or it was refused.</exception>
    public Task<JsonNode?> FindAsync(string path) => RepeatAsync($"get {path}", async () =>
    {
        var (status, body) = await SendAsync(HttpMethod.Get, path, null);
        return status == HttpStatusCode.NotFound ? null : Checked(status, body);
    });

    /// <summary>Makes an object, or changes the one that is there, whoever else writes at the same time.</summary>
    /// <param name="collection">Such as <c>/api/v1/namespaces/kube-system/configmaps</c>.</param>
    /// <exception cref="KubeadmException">Nobody answered in time, or it was refused.</exception>
    public Task CreateOrChangeAsync(string collection, JsonObject made, Action<JsonObject> change) => RepeatAsync("create or update " + made.TextAt("metadata", "name"), async () =>
    {
        var (status, body) = await SendAsync(HttpMethod.Post, collection, made);
        if (status != HttpStatusCode.Conflict)
        {
            return Checked(status, body);
        }

        var path = $"{collection}/{made.TextAt("metadata", "name")}";
        (status, body) = await SendAsync(HttpMethod.Get, path, null);
        var there = (JsonObject)Checked(status, body)!;
        change(there);
        (status, body) = await SendAsync(HttpMethod.Put, path, there);
        return Checked(status, body);
    });

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.ParseAdd("kubeadm/stand-in");
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static JsonNode? Checked(HttpStatusCode status, string body)
    {
        if ((int)status < 300)
        {
            return JsonNode.Parse(body);
        }

        string message;
        try
        {
            message = JsonNode.Parse(body).TextAt("message");
        }
        catch (JsonException)
        {
            message = body;
        }

        throw status is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || (int)status >= 500
            ? new HttpRequestException(message)
            : new KubeadmException(message);
    }

    /// <summary>Repeats what did not get an answer, or got one that time may mend; a refusal by the roles, too, since they load a moment after the start (FACTS 14).</summary>
    private async Task<JsonNode?> RepeatAsync(string what, Func<Task<JsonNode?>> attempt)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException || (e is KubeadmException && e.Message.Contains("forbidden", StringComparison.Ordinal)))
            {
                if (_time.GetElapsedTime(began) > _patience)
                {
                    throw new KubeadmException($"unable to {what}: {e.InnerException?.Message ?? e.Message}", KubeadmException.Failed, e);
                }
            }

            await Task.Delay(Between, _time);
        }
    }
}
