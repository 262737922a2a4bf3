using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Lab.Kubeadm;
using Xunit;

namespace EtcdFleet.Lab.Tests.Kubeadm;

/// <summary>FACTS 10: kubeadm's certificates with its modes.</summary>
public sealed class EtcdPkiTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Write_MakesKubeadmsFiles_KeysForRootAlone()
    {
        Write(expired: null);
        string[] names = ["apiserver-etcd-client", "etcd/ca", "etcd/healthcheck-client", "etcd/peer", "etcd/server"];
        foreach (var name in names)
        {
            Assert.Equal("600", ModeOf($"{name}.key"));
            Assert.Equal("644", ModeOf($"{name}.crt"));
        }
    }

    [Fact]
    public void Server_IsOfTheNode_ForEveryNameThatReachesIt()
    {
        Write(expired: null);
        var server = Certificate("etcd/server");
        Assert.Equal("CN=cp1", server.Subject);
        Assert.Equal("CN=etcd-ca", server.Issuer);
        var names = server.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["localhost", "cp1"], names.EnumerateDnsNames());
        Assert.Equal(["10.66.0.11", "127.0.0.1", "::1"], names.EnumerateIPAddresses().Select(a => a.ToString()));
        Assert.Equal(2048, server.GetRSAPublicKey()!.KeySize);
        Assert.InRange((server.NotAfter - server.NotBefore).TotalDays, 364, 367);
    }

    [Fact]
    public void Write_WithAnExpiredCertificate_HasThatOneExpired_AndNoOther()
    {
        Write(expired: "etcd/healthcheck-client");
        var now = TimeProvider.System.GetUtcNow().LocalDateTime;
        Assert.True(Certificate("etcd/healthcheck-client").NotAfter < now);
        Assert.True(Certificate("etcd/server").NotAfter > now);
    }

    private void Write(string? expired) => EtcdPki.Write(_root.Path, EtcdPki.IssueAll([("cp1", "10.66.0.11", expired)]).Nodes["cp1"]);

    private string ModeOf(string name) => Convert.ToString((int)File.GetUnixFileMode($"{_root.Path}{EtcdPki.Folder}/{name}"), 8);

    private X509Certificate2 Certificate(string name) => X509Certificate2.CreateFromPem(File.ReadAllText($"{_root.Path}{EtcdPki.Folder}/{name}.crt"));
}
