using System.Net;
using System.Security.Cryptography;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Etcd;

/// <summary>Opens connections to members. Each is new: a renewed certificate is in use from the next verb on, and none outlives its verb.</summary>
internal sealed class EtcdMembers(HostRoot root, TimeProvider time) : IEtcdMembers
{
    private const string Standard = "http://localhost:2379"; // etcd's own default

    public Uri LocalEndpoint(EtcdManifest manifest)
    {
        var urls = manifest.ListenClientUrls.Where(url => url.Scheme is "http" or "https").ToList();
        if (manifest.ListenClientUrls.Count > 0 && urls.Count == 0)
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"--listen-client-urls is '{string.Join(',', manifest.ListenClientUrls)}', expected one with https. Add it.");
        }

        var chosen = urls.Find(url => url.IsLoopback) ?? urls.Find(IsAny) ?? urls.FirstOrDefault() ?? new Uri(Standard);
        return IsAny(chosen) ? new UriBuilder(chosen) { Host = chosen.HostNameType == UriHostNameType.IPv6 ? "[::1]" : "127.0.0.1" }.Uri : chosen;
    }

    public IEtcdMember Open(Uri endpoint)
    {
        try
        {
            return new EtcdMember(endpoint, endpoint.Scheme == Uri.UriSchemeHttps ? new EtcdIdentity(root) : null, time);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EtcdCallException(EtcdTrouble.Identity, endpoint,
                $"the agent has no identity for etcd: {problem.Message} Expected {root.Name(root.EtcdClientCertificate)}, its key, and {root.Name(root.EtcdPki)}/ca.crt, as kubeadm makes them", problem);
        }
    }

    private static bool IsAny(Uri url) => IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
}
