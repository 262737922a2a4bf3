using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Shared;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Pki;

public sealed class CertificateUrisTests
{
    [Fact]
    public void IdentityOf_OneUriAmongOtherNames_IsRead()
    {
        using var certificate = With(builder =>
        {
            builder.AddDnsName("cp1");
            builder.AddEmailAddress("a@example.org");
            builder.AddUri(new Uri("etcdfleet://kkg/agent/cp1"));
        });

        Assert.Equal("etcdfleet://kkg/agent/cp1", CertificateUris.IdentityOf(certificate)?.ToString());
    }

    [Fact]
    public void IdentityOf_TwoUris_IsNobody()
    {
        using var certificate = With(builder =>
        {
            builder.AddUri(new Uri("etcdfleet://kkg/agent/cp1"));
            builder.AddUri(new Uri("etcdfleet://kkg/operator/ann/admin"));
        });

        Assert.Equal(2, CertificateUris.Of(certificate).Count);
        Assert.Null(CertificateUris.IdentityOf(certificate));
    }

    [Fact]
    public void IdentityOf_NoAlternativeNames_IsNobody()
    {
        using var certificate = With(null);

        Assert.Null(CertificateUris.IdentityOf(certificate));
    }

    [Fact]
    public void IdentityOf_ADamagedExtension_IsNobody()
    {
        using var certificate = With(null, new X509Extension("2.5.29.17", [0x30, 0x7f, 0x86], critical: false));

        Assert.Null(CertificateUris.IdentityOf(certificate));
    }

    private static X509Certificate2 With(Action<SubjectAlternativeNameBuilder>? names, X509Extension? extension = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
