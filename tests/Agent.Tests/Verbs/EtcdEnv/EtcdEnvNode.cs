using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.EtcdEnv;

/// <summary>A scratch node with the verbs of etcd.env on it.</summary>
internal sealed class EtcdEnvNode : IDisposable
{
    public EtcdEnvNode() => Systemd = new FakeSystemd(Root, Time);

    public TempHostRoot Host { get; } = new();

    public HostRoot Root => Host.Root;

    public SkippingTime Time { get; } = new();

    public FakeSystemd Systemd { get; }

    public string Env => File.ReadAllText(Root.EtcdEnv);

    public IReadOnlyList<KeyValuePair<string, string>> Variables => EnvironmentFile.Parse(Env);

    private EnvRecords Records => new(Root, new Ownership(Root), Time);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<RenderEtcdEnvResponse> RenderAsync() => new RenderEtcdEnv(Root, new EtcdManifests(Root)).RunAsync(new(), VerbContext.Silent, Token);

    public Task<WriteEtcdEnvResponse> WriteAsync() =>
        new WriteEtcdEnv(Root, new EtcdManifests(Root), new UserDatabase(Root), new Ownership(Root), Records, Time).RunAsync(new(), VerbContext.Silent, Token);

    public Task<RemoveEtcdEnvResponse> RemoveAsync() => new RemoveEtcdEnv(Root, Systemd, Records, Time).RunAsync(new(), VerbContext.Silent, Token);

    public void Manifest(string text) => Host.Write("/etc/kubernetes/manifests/etcd.yaml", text, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    public void Dispose() => Host.Dispose();
}
