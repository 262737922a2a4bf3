using System.Formats.Tar;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Pki;

/// <summary>What is carried to a node and unpacked in <c>/etc/etcdfleet/pki</c>: ca.crt, agent.crt, agent.key, and fleet.crl where something is revoked.</summary>
internal static class AgentBundle
{
    /// <summary>The tar file's bytes: owned by root, the key 0600.</summary>
    public static byte[] Of(byte[] authority, byte[]? revoked, IssuedCertificate agent, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            Add(tar, "ca.crt", authority, PkiFolder.Public, now);
            Add(tar, "agent.crt", agent.CertificatePem, PkiFolder.Public, now);
            Add(tar, "agent.key", agent.KeyPem, PkiFolder.Private, now);
            if (revoked is not null)
            {
                Add(tar, RevocationList.FileName, revoked, PkiFolder.Public, now);
            }
        }

        return buffer.ToArray();
    }

    private static void Add(TarWriter tar, string name, byte[] content, UnixFileMode mode, DateTimeOffset now)
    {
        using var data = new MemoryStream(content, writable: false);
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            Mode = mode, Uid = 0, Gid = 0, UserName = "root", GroupName = "root", ModificationTime = now, DataStream = data,
        });
    }
}
