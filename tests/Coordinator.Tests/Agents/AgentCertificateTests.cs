using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Agents;

public sealed class AgentCertificateTests
{
    private static readonly FleetNode Cp1 = new() { Name = "cp1", Address = "10.66.0.11", IsLeader = true };
    private static readonly Fleet Fleet = new() { Cluster = "kkg", Nodes = [Cp1], Etcd = new EtcdSettings { Version = "3.6.6" } };

    [Theory]
    [InlineData("etcdfleet://other/agent/cp1", "belongs to the cluster 'other', expected 'kkg'")]
    [InlineData("etcdfleet://kkg/agent/cp2", "is the agent of 'cp2', expected 'cp1'")]
    [InlineData("etcdfleet://kkg/operator/ann/admin", "the certificate of the operator 'ann', expected agent cp1")]
    [InlineData("https://kkg/agent/cp1", "without an identity of etcdfleet")]
    [InlineData("etcdfleet://kkg/agent/cp1/more", "without an identity of etcdfleet")]
    public void Problem_OfAnotherIdentity_NamesBoth(string uri, string expected)
    {
        using var certificate = Certificate(uri);

        Assert.Contains(expected, AgentCertificate.Problem(Fleet, Cp1, certificate, X509ChainStatusFlags.NoError));
    }

    [Fact]
    public void Problem_OfTheRightIdentity_IsNone()
    {
        using var certificate = Certificate("etcdfleet://kkg/agent/cp1");

        Assert.Null(AgentCertificate.Problem(Fleet, Cp1, certificate, X509ChainStatusFlags.NoError));
    }

    [Theory]
    [InlineData(X509ChainStatusFlags.UntrustedRoot)]
    [InlineData(X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotTimeValid)]
    [InlineData(X509ChainStatusFlags.NotValidForUsage)]
    public void Problem_OfAChainThatDoesNotHold_IsNamedWhateverTheIdentity(X509ChainStatusFlags chain)
    {
        using var certificate = Certificate("etcdfleet://kkg/agent/cp1");

        Assert.Contains("a certificate of another CA", AgentCertificate.Problem(Fleet, Cp1, certificate, chain));
    }

    [Fact]
    public void Problem_OfNoCertificate_IsNamed() =>
        Assert.Contains("showed no certificate", AgentCertificate.Problem(Fleet, Cp1, null, X509ChainStatusFlags.NoError));

    private static X509Certificate2 Certificate(string uri)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
