using System.Buffers.Binary;
using System.Text;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>What can be said of a release's program without running it: that it is one for this machine, and that it has the version in it.</summary>
/// <remarks>Whoever may name a URL and a digest chooses these bytes. Asked for its version, the program would run as root; the agent cannot become anybody else, and
/// need not: the digest says that it is what was wanted, and this that what was wanted is not another version by mistake.</remarks>
internal static class ReleaseProgram
{
    /// <summary>To the kind of machine, in both of ELF's sizes.</summary>
    private const int HeaderSize = 20;

    private const int PartSize = 1024 * 1024;

    /// <exception cref="AgentFault">PROGRAM_FAILED: not a program for this machine; VERSION_MISMATCH: it does not have the version in it.</exception>
    public static async Task CheckAsync(string path, string version, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
        var header = new byte[HeaderSize];
        if (!IsForThisMachine(header.AsSpan(0, await file.ReadAtLeastAsync(header, HeaderSize, throwOnEndOfStream: false, cancellationToken))))
        {
            throw new AgentFault(FaultReason.ProgramFailed, $"{Path.GetFileName(path)} in the tarball is no program for linux-{ReleaseName.Architecture}, expected etcd's own, built for it. Check the URL.");
        }

        file.Position = 0;
        if (!await HoldsAsync(file, Encoding.ASCII.GetBytes(version), cancellationToken))
        {
            throw new AgentFault(FaultReason.VersionMismatch, $"{Path.GetFileName(path)} in the tarball does not have {version} in it, expected that release's program. Check the URL.");
        }
    }

    /// <summary>ELF of this machine's kind, or a script, which names its own interpreter.</summary>
    private static bool IsForThisMachine(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("#!"u8))
        {
            return true;
        }

        if (header.Length < HeaderSize || !header.StartsWith("\u007FELF"u8))
        {
            return false;
        }

        var bigEndian = header[5] == 2; // EI_DATA
        var machine = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(header[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(header[18..]);
        return machine == ReleaseName.Architecture switch
        {
            "amd64" => 62,
            "arm64" => 183,
            "ppc64le" => 21,
            "s390x" => 22,
            _ => machine, // an architecture that etcd has no release for does not come as far as this
        };
    }

    /// <summary>etcd's programs have their version as a text (api/version, Version), whoever has built them.</summary>
    private static async Task<bool> HoldsAsync(FileStream file, byte[] text, CancellationToken cancellationToken)
    {
        var buffer = new byte[PartSize + text.Length];
        var kept = 0;
        while (await file.ReadAsync(buffer.AsMemory(kept, PartSize), cancellationToken) is > 0 and var read)
        {
            var filled = buffer.AsSpan(0, kept + read);
            if (filled.IndexOf(text) >= 0)
            {
                return true;
            }

            // A text may lie across two parts.
            kept = Math.Min(text.Length - 1, filled.Length);
            filled[^kept..].CopyTo(buffer);
        }

        return false;
    }
}
