using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Verbs.Node;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>The agent's identity, /etc/etcdfleet/pki/{ca.crt,agent.crt,agent.key}: looked at on each handshake, reread when a file has changed.</summary>
internal sealed partial class IdentityFiles(HostRoot root, NodeName node, TimeProvider time, ILogger<IdentityFiles> logger)
{
    private readonly Lock _gate = new();
    private string _stamp = "";
    private string _broken = "";
    private AgentIdentity? _identity;
    private string _trouble = "";

    private string[] Files => [Path.Combine(root.Identity, "ca.crt"), Path.Combine(root.Identity, "agent.crt"), Path.Combine(root.Identity, "agent.key")];

    /// <summary>All three are there; whether they are any good is seen when they are read.</summary>
    public bool Exist => Files.All(File.Exists);

    /// <summary>The identity that was last read, without another look at the files.</summary>
    public AgentIdentity? Latest
    {
        get
        {
            lock (_gate)
            {
                return _identity;
            }
        }
    }

    /// <summary>Why the files as they are now cannot be used; empty while they can.</summary>
    public string Trouble
    {
        get
        {
            lock (_gate)
            {
                return _trouble;
            }
        }
    }

    /// <summary>The identity as the files have it now. While they are broken, half replaced for instance, the last good one; null if there was none.</summary>
    public AgentIdentity? Current()
    {
        lock (_gate)
        {
            var stamp = Stamp();
            if (stamp == _stamp || stamp == _broken || (_identity is null && !Exist))
            {
                return _identity;
            }

            try
            {
                _identity = Load();
                _stamp = stamp;
                (_broken, _trouble) = ("", "");
                Log.Loaded(logger, _identity.Name.ToString(), _identity.NotAfter);
                if (_identity.NotAfter < time.GetUtcNow())
                {
                    Log.Expired(logger, root.Name(Files[1]), _identity.NotAfter);
                }
            }
            catch (Exception problem) when (problem is IOException or CryptographicException or UnauthorizedAccessException or FormatException or ArgumentException)
            {
                // ArgumentException: the key is that of another certificate, as it is in the middle of a replacement.
                // Said once for each state of the files; the next change of any of them is looked at again.
                (_broken, _trouble) = (stamp, problem.Message);
                Log.Broken(logger, root.Name(root.Identity), problem.Message, _identity is null ? "no connection is accepted" : "the last good one stays in use");
            }

            return _identity;
        }
    }

    private AgentIdentity Load()
    {
        var files = Files;
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(files[0]);
        if (roots.Count == 0)
        {
            throw new FormatException($"{root.Name(files[0])} holds no certificate, expected the fleet's CA: unpack the bundle again");
        }

        var certificate = X509Certificate2.CreateFromPemFile(files[1], files[2]);
        var name = CertificateUris.IdentityOf(certificate);
        if (name is not { Kind: IdentityKind.Agent })
        {
            throw new FormatException($"{root.Name(files[1])} is not an agent's certificate; expected the identity etcdfleet://CLUSTER/agent/NODE: issue one with 'etcdfleet pki issue agent NODE'");
        }

        if (!node.Is(root, name.Name))
        {
            // A coordinator would refuse it anyway. But whoever carries bundles about should hear of it here, and before a run.
            throw new FormatException($"{root.Name(files[1])} is the identity of node '{name.Name}', expected that of '{node.On(root)}', which this node is called by agent.yaml or by its host's name: unpack this node's own bundle here, and see where the other one belongs");
        }

        EnsureSignedBy(roots, certificate, files);
        return new(name, SslStreamCertificateContext.Create(certificate, null, offline: true), roots, certificate.NotAfter);
    }

    /// <summary>The new CA beside the old certificate is half a replacement, although each is sound by itself.</summary>
    private void EnsureSignedBy(X509Certificate2Collection roots, X509Certificate2 certificate, string[] files)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // An expired certificate is said in its own words, and callers refuse it anyway.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        if (!chain.Build(certificate))
        {
            throw new FormatException($"{root.Name(files[1])} is not signed by {root.Name(files[0])}, expected a pair: unpack the bundle again");
        }
    }

    /// <summary>What the files hold, as a digest: times and sizes are the same for two bundles that were unpacked within one tick.</summary>
    private string Stamp()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files)
        {
            try
            {
                digest.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                digest.AppendData("unreadable"u8);
            }
        }

        return Convert.ToHexString(digest.GetHashAndReset());
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Information, "Identity {Name}, valid until {NotAfter:u}")]
        public static partial void Loaded(ILogger logger, string name, DateTimeOffset notAfter);

        [LoggerMessage(201, LogLevel.Error, "The identity in {Folder} cannot be used: {Problem}; {Effect}")]
        public static partial void Broken(ILogger logger, string folder, string problem, string effect);

        [LoggerMessage(202, LogLevel.Error, "{File} expired at {NotAfter:u}: coordinators will not connect. Issue a new one with 'etcdfleet pki issue agent'")]
        public static partial void Expired(ILogger logger, string file, DateTimeOffset notAfter);
    }
}

/// <summary>What the listener shows to callers, and what it accepts from them.</summary>
internal sealed record AgentIdentity(FleetIdentity Name, SslStreamCertificateContext Certificate, X509Certificate2Collection Roots, DateTimeOffset NotAfter);
