using System.Text.Json;
using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EtcdFleet.TestKit;

/// <summary>A scratch node on which the real agent is started, and started again: its files are real, what it asks of the host is fake.</summary>
/// <remarks>The clock stands still at the real time until a test moves it. Nobody listens where the manifest says that etcd does.</remarks>
internal sealed class AgentNode : IDisposable
{
    public AgentNode(bool withIdentity = true)
    {
        Systemd = new FakeSystemd(Root, Time);
        Clock = new FakeBootClock(Time);
        Host.Folder("/var/lib/etcdfleet", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Port 1 of the loopback refuses at once, whatever etcd runs on this machine.
        Host.Write("/etc/kubernetes/manifests/etcd.yaml", File.ReadAllText(Root.EtcdManifest).Replace("127.0.0.1:2379", "127.0.0.1:1", StringComparison.Ordinal));
        if (withIdentity)
        {
            Pki.Install(Root);
        }
    }

    public TempHostRoot Host { get; } = new();

    public HostRoot Root => Host.Root;

    public FleetPki Pki { get; } = new();

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public FakeBootClock Clock { get; }

    public FakeSystemd Systemd { get; }

    public FakePodTraces Traces { get; } = new();

    public FakeQuorumGuard Quorum { get; } = new();

    public FakeContainerRuntime Runtime { get; } = new();

    public FakePrograms Programs { get; } = new();

    /// <summary>The audit log's records so far; none when there is no file.</summary>
    public IReadOnlyList<AuditRecord> Audit
    {
        get
        {
            var path = Path.Combine(Root.State, "audit.jsonl");
            return File.Exists(path) ? [.. File.ReadAllLines(path).Select(line => JsonSerializer.Deserialize(line, AuditJson.Default.AuditRecord)!)] : [];
        }
    }

    /// <summary>The files of recorded operations, by id.</summary>
    public IReadOnlyList<string> Operations
    {
        get
        {
            var folder = Path.Combine(Root.State, "operations");
            return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)] : [];
        }
    }

    /// <summary>Starts the agent and waits until it serves.</summary>
    /// <param name="replace">Further fakes.</param>
    /// <param name="map">Endpoints that the agent does not have.</param>
    public Task<RunningAgent> StartAsync(Action<IServiceCollection>? replace = null, Action<WebApplication>? map = null) => RunningAgent.StartAsync(this, replace, map);

    /// <summary>Installs an etcd.service that does not run, as A2 leaves it: the manifest may be stashed.</summary>
    public AgentNode WithUnit()
    {
        Host.Write("/etc/systemd/system/etcd.service", "[Unit]\n");
        return this;
    }

    /// <summary>The agent finds <see cref="TestLease"/> granted when it starts.</summary>
    public AgentNode WithLease()
    {
        Host.Write("/var/lib/etcdfleet/lease.json", JsonSerializer.Serialize(TestLease.State(Clock.Now), StateJson.Default.LeaseState), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return this;
    }

    public void Dispose()
    {
        Pki.Dispose();
        Host.Dispose();
    }
}
