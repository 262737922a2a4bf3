using System.Diagnostics;
using EtcdFleet.Agent.Etcd;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;

namespace EtcdFleet.TestKit;

/// <summary>A cluster of real etcds on this machine's loopback, with TLS and folders of their own.</summary>
internal sealed class EtcdCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("etcdfleet-etcd-");
    private readonly List<EtcdMemberNode> _nodes = [];

    private EtcdCluster()
    {
    }

    public EtcdCertificates Certificates { get; } = new();

    /// <summary>cp1, cp2, …</summary>
    public IReadOnlyList<EtcdMemberNode> Nodes => _nodes;

    public EtcdMemberNode this[int index] => _nodes[index];

    /// <summary>Starts a new cluster and waits until every member serves clients.</summary>
    /// <param name="members">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="more">Further flags of all.</param>
    public static async Task<EtcdCluster> StartAsync(int members, CancellationToken cancellationToken, params string[] more)
    {
        var cluster = new EtcdCluster();
        try
        {
            for (var number = 1; number <= members; number++)
            {
                cluster.NewNode($"cp{number}");
            }

            var all = string.Join(',', cluster.Nodes.Select(node => $"{node.Name}={node.PeerUrl}"));
            foreach (var node in cluster.Nodes)
            {
                node.WriteManifest([.. node.Flags(all), .. more]);
                node.Start();
            }

            await Task.WhenAll(cluster.Nodes.Select(node => node.Process!.ReadyAsync(cancellationToken)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A further node with certificates and free ports; nothing runs on it.</summary>
    public EtcdMemberNode NewNode(string name)
    {
        var node = new EtcdMemberNode(Path.Combine(_scratch.FullName, name), name, FreePort.Next(), FreePort.Next());
        Certificates.Write(node.Root, name);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Adds a learner and starts it.</summary>
    public async Task<EtcdMemberNode> AddLearnerAsync(string name, CancellationToken cancellationToken)
    {
        var present = _nodes.ToList();
        var node = NewNode(name);
        await AddAsync(present[0], node, cancellationToken);
        node.WriteManifest(node.Flags(string.Join(',', _nodes.Select(other => $"{other.Name}={other.PeerUrl}")), "existing"));
        node.Start();
        await node.Process!.ReadyAsync(cancellationToken);
        return node;
    }

    /// <summary>etcd refuses to add members during its first seconds ("unhealthy cluster").</summary>
    private static async Task AddAsync(EtcdMemberNode by, EtcdMemberNode node, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await CtlAsync(by, "member", "add", node.Name, "--learner", $"--peer-urls={node.PeerUrl}");
                return;
            }
            catch (InvalidOperationException early) when (tries < 60 && early.Message.Contains("unhealthy cluster", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Waits until every running member sees the same leader; gives its node.</summary>
    public async Task<EtcdMemberNode> LeaderAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            var answers = await Task.WhenAll(_nodes.Where(node => node.Process is { Ended: false }).Select(async node => (Node: node, Answer: await node.AskAsync(cancellationToken))));
            if (answers.Select(answer => answer.Answer.LeaderId).Distinct().Count() == 1 && answers.FirstOrDefault(answer => answer.Answer.LeaderId == answer.Answer.MemberId && answer.Answer.LeaderId != 0) is { Node: { } leader })
            {
                return leader;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        throw new InvalidOperationException("the members did not agree on a leader within 30 s");
    }

    /// <summary>Raises or clears a NOSPACE alarm, as a member with a full database does by itself.</summary>
    public async Task AlarmAsync(ulong member, bool raise)
    {
        using var identity = new EtcdIdentity(_nodes[0].Root);
        using var channel = Channel(identity);
        await new Maintenance.MaintenanceClient(channel).AlarmAsync(new()
        {
            Action = raise ? AlarmRequest.Types.AlarmAction.Activate : AlarmRequest.Types.AlarmAction.Deactivate, MemberID = member, Alarm = AlarmType.Nospace,
        });
    }

    /// <summary>Writes a value of this many bytes.</summary>
    public async Task PutAsync(string key, int size)
    {
        using var identity = new EtcdIdentity(_nodes[0].Root);
        using var channel = Channel(identity);
        await new KV.KVClient(channel).PutAsync(new() { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFrom(new byte[size]) });
    }

    /// <summary>etcdctl at one node's member; gives its output.</summary>
    public static Task<string> CtlAsync(EtcdMemberNode node, params string[] arguments) => RunAsync("etcdctl",
        [$"--endpoints={node.ClientUrl}", $"--cacert={node.Root.EtcdPki}/ca.crt", $"--cert={node.Root.EtcdClientCertificate}", $"--key={node.Root.EtcdClientKey}", .. arguments]);

    /// <summary>One of etcd's programs; gives its output.</summary>
    /// <exception cref="InvalidOperationException">It ended badly; the message has all that it said.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(EtcdBinaries.At(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{await output}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Certificates.Dispose();
        _scratch.Delete(recursive: true);
    }

    private GrpcChannel Channel(EtcdIdentity identity) =>
        GrpcChannel.ForAddress(_nodes[0].ClientUrl, new() { HttpHandler = new SocketsHttpHandler { SslOptions = identity.Options() }, DisposeHttpClient = true });
}
