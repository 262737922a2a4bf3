using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.Host;

namespace EtcdFleet.Lab;

/// <summary>An apiserver's answer, or what became of the question.</summary>
/// <param name="Status">HTTP status; 0 when nobody answered.</param>
/// <param name="Text">The body, or why there is none.</param>
internal sealed record ApiAnswer(int Status, string Text)
{
    /// <summary>The body as JSON; null when it is none.</summary>
    public JsonNode? Json
    {
        get
        {
            try
            {
                return JsonNode.Parse(Text);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>Questions to the lab's apiservers from outside its network, as the lab's own client or as nobody.</summary>
/// <param name="network">The lab's network namespace.</param>
/// <param name="folder">Where client, key and CA are: api-client.crt, api-client.key, api-ca.crt. Read with the first question.</param>
internal sealed class LabApi(string network, string folder) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Dictionary<bool, HttpClient> _clients = [];

    /// <summary>Asks. Each question has a connection of its own, so that the load balancer decides anew.</summary>
    /// <param name="address">The load balancer's or a node's.</param>
    /// <param name="method">GET, POST, PUT, PATCH (a merge patch), DELETE.</param>
    public Task<ApiAnswer> SendAsync(string address, string method, string path, JsonNode? body, CancellationToken cancellationToken) =>
        SendAsync(Client(anonymous: false), address, method, path, body, cancellationToken);

    /// <summary>Asks without a certificate.</summary>
    public Task<ApiAnswer> GetAnonymouslyAsync(string address, string path, CancellationToken cancellationToken) =>
        SendAsync(Client(anonymous: true), address, "GET", path, null, cancellationToken);

    /// <summary>Waits until an apiserver, or one behind the load balancer, says that it is ready.</summary>
    /// <exception cref="LabException">None is within two minutes.</exception>
    public async Task ReadyAsync(string address, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        ApiAnswer answer;
        while ((answer = await SendAsync(address, "GET", "/readyz", null, cancellationToken)).Status != 200)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                throw new LabException($"waited {Patience.TotalSeconds:0} s for the apiserver at {address} to be ready; the last answer was {answer.Status} {answer.Text}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _clients.Values.ToList().ForEach(c => c.Dispose());

    private static async Task<ApiAnswer> SendAsync(HttpClient client, string address, string method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new(method), $"https://{address}:6443{path}");
        request.Headers.ConnectionClose = true;
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, method == "PATCH" ? "application/merge-patch+json" : "application/json");
        }

        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new(0, e.InnerException?.Message ?? e.Message);
        }
    }

    private HttpClient Client(bool anonymous)
    {
        lock (_clients)
        {
            return _clients.TryGetValue(anonymous, out var client) ? client : _clients[anonymous] = new(Handler(anonymous)) { Timeout = TimeSpan.FromSeconds(10) };
        }
    }

    private SocketsHttpHandler Handler(bool anonymous) => new()
    {
        UseProxy = false,
        ConnectCallback = async (context, token) => await LabSockets.ConnectAsync(network, context.DnsEndPoint, token),
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = anonymous ? null : [X509Certificate2.CreateFromPemFile(Path.Combine(folder, "api-client.crt"), Path.Combine(folder, "api-client.key"))],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "api-ca.crt")) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
