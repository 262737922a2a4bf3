using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>GETs over mutual TLS. Three paths are all that the agent needs, so a client library would be most of its size (ADR 0011).</summary>
internal sealed class KubernetesApi(TimeProvider time) : IKubernetesApi
{
    /// <summary>A ConfigMap has 1 MiB at most.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    public async Task<ApiAnswer> GetAsync(KubeAccess access, string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var certificate = access.LoadCertificate();
            using var client = new HttpClient(Handler(access, certificate)) { MaxResponseContentBufferSize = MaxBytes, Timeout = Timeout.InfiniteTimeSpan };
            using var answer = await client.GetAsync(new Uri(access.Server, path), either.Token);
            return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentFault(FaultReason.ApiUnreachable, $"{access.Server}{path.TrimStart('/')} did not answer within {timeout.TotalSeconds:0.#} s, expected the Kubernetes API. Look at the apiserver, and at what is in front of it.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or AuthenticationException or CryptographicException)
        {
            var why = problem.InnerException is { } inner ? $"{problem.Message} ({inner.Message})" : problem.Message;
            throw new AgentFault(FaultReason.ApiUnreachable, $"{access.Server}{path.TrimStart('/')} does not answer: {why}. Expected the Kubernetes API, with a certificate of the cluster's CA. Look at the apiserver, and at what is in front of it.", problem);
        }
    }

    private static SocketsHttpHandler Handler(KubeAccess access, X509Certificate2 certificate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.ImportFromPem(access.Authorities);
        return new()
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true), CertificateChainPolicy = policy },
        };
    }
}
