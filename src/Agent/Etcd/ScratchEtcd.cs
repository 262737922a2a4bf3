using System.Net.Sockets;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using Etcdserverpb;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Etcd;

/// <summary>An etcd of the agent's own on a data dir that was made aside, for as long as it is looked at.</summary>
/// <remarks>It listens on Unix sockets in a folder that is root's alone: no port is open, so nobody else on the node can read the cluster's Secrets there, and
/// being alone in its cluster it calls nobody.</remarks>
internal sealed class ScratchEtcd : IAsyncDisposable
{
    /// <summary>The only member's name.</summary>
    public const string Name = "drill";

    /// <summary>Nobody listens there, and nobody is ever called there.</summary>
    public const string PeerUrl = "http://127.0.0.1:1";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Ask = TimeSpan.FromMinutes(2); // HashKV reads the whole database

    private readonly CancellationTokenSource _stop = new();
    private readonly Task<ProgramResult> _running;
    private readonly GrpcChannel _channel;
    private readonly Maintenance.MaintenanceClient _maintenance;
    private readonly KV.KVClient _keys;
    private readonly TimeProvider _time;
    private readonly string _socket;

    private ScratchEtcd(IPrograms programs, string etcd, string folder, string dataDir, bool alone, TimeSpan limit, TimeProvider time)
    {
        _time = time;
        var socket = _socket = Path.Combine(folder, "c");
        _running = programs.RunAsync(etcd, Flags(folder, dataDir, alone), limit, _stop.Token);
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, token) => ConnectAsync(socket, token) }, DisposeHttpClient = true, MaxRetryAttempts = 1,
        });
        _maintenance = new(_channel);
        _keys = new(_channel);
    }

    /// <summary>Room for a data dir beside what it is made of, and for two segments of the log and what etcd keeps in reserve.</summary>
    /// <param name="root">The host.</param>
    /// <param name="size">Of what it is made of, bytes.</param>
    /// <param name="advice">What to do where there is none.</param>
    /// <exception cref="AgentFault">NO_SPACE.</exception>
    public static void EnsureRoom(HostRoot root, ulong size, string advice)
    {
        const ulong Beside = 256 * 1024 * 1024;
        var (volume, wanted) = (Volumes.Of(root, "scratch", root.State), (2 * size) + Beside);
        if (volume.Free < wanted)
        {
            throw new AgentFault(FaultReason.NoSpace, $"{volume.Path} has {volume.Free} bytes free, expected at least {wanted}: twice the data, and etcd's log. {advice}");
        }
    }

    /// <summary>Starts it. Disposing kills it.</summary>
    /// <param name="programs">Of the host.</param>
    /// <param name="etcd">The program.</param>
    /// <param name="folder">Root's alone; the sockets are made in it.</param>
    /// <param name="dataDir">Restored, with <see cref="Name"/> and <see cref="PeerUrl"/>; or a copy of a member's.</param>
    /// <param name="alone">A copy of a member's: it forgets the others, and what it knows becomes what is true.</param>
    /// <param name="limit">It is killed after that, whatever happens.</param>
    /// <param name="time">The clock of the limits.</param>
    public static ScratchEtcd Start(IPrograms programs, string etcd, string folder, string dataDir, bool alone, TimeSpan limit, TimeProvider time) => new(programs, etcd, folder, dataDir, alone, limit, time);

    /// <summary>It, asked as any member is.</summary>
    public IEtcdMember Open() => new EtcdMember(new("http://localhost"), null, _time, (_, token) => ConnectAsync(_socket, token));

    /// <summary>Waits until it answers a linearizable read; gives the revision that it has.</summary>
    /// <exception cref="AgentFault">DRILL_FAILED: it ended, or did not answer in time.</exception>
    public async Task<long> ReadyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                var found = await _keys.RangeAsync(new() { Key = Google.Protobuf.ByteString.CopyFromUtf8("health"), CountOnly = true }, deadline: Deadline(Poll * 20), cancellationToken: cancellationToken);
                return found.Header.Revision;
            }
            catch (RpcException early) when (!cancellationToken.IsCancellationRequested)
            {
                if (_running.IsCompleted || _time.GetElapsedTime(started) > limit)
                {
                    throw new AgentFault(FaultReason.DrillFailed, $"etcd that was started aside {(_running.IsCompleted ? $"ended: {await LastWordAsync()}" : $"did not answer within {limit.TotalSeconds:0} s: {early.Status.Detail}")}; expected it to serve. Do not count on these data before you know why.", early);
                }
            }

            await Task.WhenAny(_running, Task.Delay(Poll, _time, cancellationToken));
        }
    }

    /// <summary>HashKV at a revision.</summary>
    /// <exception cref="AgentFault">DRILL_FAILED.</exception>
    public Task<MemberHash> HashAsync(long revision, CancellationToken cancellationToken) => CallAsync("HashKV", async () =>
    {
        var found = await _maintenance.HashKVAsync(new() { Revision = revision }, deadline: Deadline(Ask), cancellationToken: cancellationToken);
        return new MemberHash(found.Hash, revision, found.CompactRevision);
    });

    /// <summary>Compacts, as the live cluster has done meanwhile: HashKV depends on it.</summary>
    /// <exception cref="AgentFault">DRILL_FAILED.</exception>
    public Task CompactAsync(long revision, CancellationToken cancellationToken) => CallAsync("compact", async () =>
        await _keys.CompactAsync(new() { Revision = revision, Physical = true }, deadline: Deadline(Ask), cancellationToken: cancellationToken));

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (Exception ended) when (ended is OperationCanceledException or AgentFault)
        {
            // Killed, as asked; or it never ran, which ReadyAsync has said.
        }

        _stop.Dispose();
    }

    private static async Task<T> CallAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException failed) when (failed.StatusCode != StatusCode.Cancelled)
        {
            throw new AgentFault(FaultReason.DrillFailed, $"etcd that was started aside answers {what} with {failed.Status.Detail}, expected a result. Do not count on these data before you know why.", failed);
        }
    }

    private async Task<string> LastWordAsync()
    {
        try
        {
            var result = await _running;
            return EtcdFleet.Agent.Verbs.EtcdEnv.EnvValue.Printable((result.Error + result.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"exit code {result.ExitCode}");
        }
        catch (AgentFault cannotRun)
        {
            return cannotRun.Message;
        }
    }

    private DateTime Deadline(TimeSpan limit) => _time.GetUtcNow().UtcDateTime + limit;

    // fsync would only take time from the real etcd's disk: what this one writes need not outlive anything. A restored alarm for
    // a full quota must not stand in the way, so there is none.
    private static string[] Flags(string folder, string dataDir, bool alone) =>
    [
        $"--data-dir={dataDir}", $"--name={Name}",
        $"--listen-client-urls=unix://{folder}/c", $"--advertise-client-urls={PeerUrl}",
        $"--listen-peer-urls=unix://{folder}/p", $"--initial-advertise-peer-urls={PeerUrl}", $"--initial-cluster={Name}={PeerUrl}", $"--initial-cluster-token={Name}",
        "--unsafe-no-fsync=true", "--quota-backend-bytes=-1", "--heartbeat-interval=50", "--election-timeout=500", "--log-level=warn",
        .. alone ? ["--force-new-cluster=true"] : Array.Empty<string>(),
    ];

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
