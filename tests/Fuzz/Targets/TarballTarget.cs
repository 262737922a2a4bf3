using System.IO.Compression;
using EtcdFleet.Agent;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>A release's tarball; its corpus is of plain tar files, packed here, so that mutations come as far as the entries. Nothing lands beside the folder.</summary>
internal sealed class TarballTarget : FuzzTarget, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TarballTarget()
        : base("tarball") => Directory.CreateDirectory(_folder.At("outside"));

    public override IReadOnlyList<string> Words => ["ustar\0", "ustar  \0", "etcd-v3.6.6-linux-amd64/etcd", "../", "/etc/passwd", "00000000644\0", "77777777777\0", "path=../../outside/x\n", "28 path=../../outside/escaped\n", "size=9223372036854775807\n"];

    public override int Few => 500;

    public override bool Try(byte[] input)
    {
        var (tarball, target) = (_folder.At("release.tar.gz"), _folder.At("target"));
        Directory.CreateDirectory(target);
        try
        {
            using (var packed = new GZipStream(File.Create(tarball), CompressionLevel.Fastest))
            {
                packed.Write(input);
            }

            ReleaseTarball.ExtractAsync(tarball, target, CancellationToken.None).GetAwaiter().GetResult();
            Require(Directory.GetFiles(target).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).SequenceEqual(["etcd", "etcdctl", "etcdutl"]), "other files than the three");
            return true;
        }
        catch (AgentFault fault)
        {
            Require(fault.Reason == FaultReason.DownloadFailed, $"refused as {fault.Reason}");
            return Refused(fault.Message);
        }
        finally
        {
            Require(!Directory.EnumerateFileSystemEntries(_folder.At("outside")).Any() && Directory.GetFileSystemEntries(_folder.Path).Length == 3, "something lies beside the folder");
            Directory.Delete(target, recursive: true);
        }
    }

    public void Dispose() => _folder.Dispose();
}
