using System.Security.Cryptography;
using System.Text.Json;
using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>A snapshot as a file on this machine, and what is known of it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Facts">Name, size and SHA-256; revision and cluster id 0 where nobody wrote them down.</param>
internal sealed record LocalSnapshot(string Path, Snapshot Facts)
{
    private const int DigestSize = 32;
    private const int PageSize = 512;

    /// <summary>Reads it whole, and compares the digest that etcd has put into its last 32 bytes (FACTS 24).</summary>
    /// <exception cref="CommandFault">It is not there, not whole, or not a snapshot: exit code 3.</exception>
    public static async Task<LocalSnapshot> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            if (file.Length <= DigestSize || file.Length % PageSize != DigestSize)
            {
                throw Refusal($"{path} has {file.Length} bytes, expected whole pages of a database and a digest of {DigestSize} bytes after them: it is no snapshot, or not all of one. A database copied out of a data dir has no digest; take it with 'etcdctl snapshot save' where that can be done");
            }

            using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 20];
            for (var left = file.Length - DigestSize; left > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
                content.AppendData(buffer.AsSpan(0, read));
                whole.AppendData(buffer.AsSpan(0, read));
                left -= read > 0 ? read : throw new EndOfStreamException($"{path} became shorter while it was read");
            }

            var tail = new byte[DigestSize];
            await file.ReadExactlyAsync(tail, cancellationToken);
            whole.AppendData(tail);
            return content.GetHashAndReset().AsSpan().SequenceEqual(tail)
                ? new(path, Known(path, file.Length, Convert.ToHexStringLower(whole.GetHashAndReset())))
                : throw Refusal($"the content of {path} has another SHA-256 than its last {DigestSize} bytes say, expected the same: it was changed or damaged. Use another copy");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Refusal($"{path} cannot be read: {unreadable.Message}; expected a snapshot of etcd");
        }
    }

    private static Snapshot Known(string path, long size, string sha256)
    {
        var name = System.IO.Path.GetFileName(path);
        var facts = new Snapshot
        {
            // A name of its own where the file's would not do on a node.
            Name = System.Text.RegularExpressions.Regex.IsMatch(name, @"^[0-9A-Za-z][0-9A-Za-z._-]{0,190}\.db\z") ? name : $"snapshot-{sha256[..16]}.db", Size = (ulong)size, Sha256 = sha256,
            Taken = Timestamp.FromDateTimeOffset(new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero)),
        };
        if (!File.Exists($"{path}.json"))
        {
            return facts;
        }

        try
        {
            using var beside = JsonDocument.Parse(File.ReadAllBytes($"{path}.json"));
            if (beside.RootElement.GetProperty("sha256").GetString() == sha256)
            {
                var said = beside.RootElement;
                // All of it or nothing: half of what somebody wrote by hand is worse than none.
                (facts.Revision, facts.ClusterId, facts.MemberId, facts.EtcdVersion, facts.Taken) = (
                    said.GetProperty("revision").GetInt64(), said.GetProperty("cluster_id").GetUInt64(), said.GetProperty("member_id").GetUInt64(), said.GetProperty("etcd_version").GetString() ?? "",
                    Timestamp.FromDateTimeOffset(said.GetProperty("taken").GetDateTimeOffset()));
            }
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Not what the agent writes: the file itself is what counts.
        }

        return facts;
    }

    private static CommandFault Refusal(string message) => new(ExitCode.Refused, $"found {message}. Nothing was changed");
}
