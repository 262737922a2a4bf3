using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

public sealed class ListSnapshotsTests : IDisposable
{
    private readonly TempHostRoot _host = new();
    private AgentOptions _options = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task List_WithoutAFolder_IsEmpty() => Assert.Empty(await ListAsync());

    [Fact]
    public async Task List_AFileWithoutFacts_IsNotTakenForAVerifiedSnapshot()
    {
        _host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllBytes(Path.Combine(_host.Root.Snapshots, "etcd-20261123T031500Z-run-1.db"), [1, 2, 3]);

        Assert.DoesNotContain(await ListAsync(), snapshot => snapshot.Verified);
    }

    private async Task<IReadOnlyList<V1.Snapshot>> ListAsync()
    {
        var folder = new SnapshotFolder(_host.Root, new Ownership(_host.Root));
        var verb = new ListSnapshots(folder, _options, new(folder));
        return (await verb.RunAsync(new(), VerbContext.Silent, TestContext.Current.CancellationToken)).Snapshots;
    }
}
