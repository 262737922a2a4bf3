using EtcdFleet.Coordinator.States;

namespace EtcdFleet.TestKit;

/// <summary>A real etcd of one member on the loopback, without TLS: the etcd of a fleet's state.</summary>
internal sealed class StateServer : IAsyncDisposable
{
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("etcdfleet-state-");
    private readonly int _client = FreePort.Next();
    private readonly string? _advertised;
    private EtcdProcess _process;

    private StateServer(string? advertised)
    {
        _advertised = advertised;
        _process = Run();
    }

    /// <summary>For <c>--state</c>.</summary>
    public string Url => $"etcd+insecure://127.0.0.1:{_client}";

    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="advertised">What it tells others of its clients' address; null: where it is.</param>
    public static async Task<StateServer> StartAsync(CancellationToken cancellationToken, string? advertised = null)
    {
        var server = new StateServer(advertised);
        try
        {
            await server._process.ReadyAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The place for <c>--state</c> with a prefix.</summary>
    public StatePlace At(string prefix = "/etcdfleet") => new(StateAddress.Parse(Url + prefix), "/nonexistent");

    /// <summary>A client of its own.</summary>
    public StateEtcd Open() => new(StateAddress.Parse(Url), null);

    /// <summary>SIGKILL: it is away.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>It is back, with what it had.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await _process.DisposeAsync();
        _process = Run();
        await _process.ReadyAsync(cancellationToken);
    }

    /// <summary>etcdctl there; gives its output.</summary>
    public Task<string> CtlAsync(params string[] arguments) => EtcdCluster.RunAsync("etcdctl", [$"--endpoints=http://127.0.0.1:{_client}", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _scratch.Delete(recursive: true);
    }

    private EtcdProcess Run() => EtcdProcess.Start(
        [
            "--name=state", $"--data-dir={_scratch.FullName}/data", "--heartbeat-interval=50", "--election-timeout=500", "--unsafe-no-fsync=true",
            $"--listen-client-urls=http://127.0.0.1:{_client}", $"--advertise-client-urls={_advertised ?? $"http://127.0.0.1:{_client}"}",
            $"--listen-peer-urls=unix://{_scratch.FullName}/p", $"--initial-advertise-peer-urls=http://127.0.0.1:1", "--initial-cluster=state=http://127.0.0.1:1", $"--initial-cluster-token={_scratch.Name}",
        ],
        []);
}
