using System.Security.Cryptography;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.EtcdEnv;

/// <summary>/etc/etcd/etcd.env as it lies on the host.</summary>
internal static class EnvFile
{
    private const ulong MaxBytes = 1024 * 1024;

    /// <summary>The digest of what is there; null when nothing is.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: a link, a folder, or longer than any etcd.env.</exception>
    public static string? Digest(HostRoot root)
    {
        if (Native.Stat(root.EtcdEnv) is not { } status)
        {
            return null;
        }

        return status is { IsRegular: true, Size: <= MaxBytes }
            ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(root.EtcdEnv)))
            : throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(root.EtcdEnv)} is no regular file of at most {MaxBytes} bytes, expected one, or none. Set it aside by hand.");
    }
}
