using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Units;

public sealed class InstallUnitTests : IDisposable
{
    private const string Foreign = "[Service]\nExecStart=/opt/etcd\n";

    private readonly TestNode _node = new();

    public InstallUnitTests() => _node.Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=cp1\n");

    [Fact]
    public async Task Install_WritesTheUnitForThisNode()
    {
        var response = await _node.InstallUnitAsync();

        var unit = File.ReadAllText(_node.Root.EtcdUnit);
        Assert.True(response.Change.Changed);
        Assert.Equal("/etc/systemd/system/etcd.service", response.Unit.Path);
        Assert.Equal("0:0 0644", _node.Host.OwnerOf("/etc/systemd/system/etcd.service"));
        Assert.Contains("\nAssertPathExists=!/etc/kubernetes/manifests/etcd.yaml\n", unit, StringComparison.Ordinal); // FACTS 7
        Assert.Contains("\nEnvironmentFile=/etc/etcd/etcd.env\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nReadWritePaths=/var/lib/etcd\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nWatchdogSec=0\n", unit, StringComparison.Ordinal); // FACTS 6
        Assert.Contains("\nTimeoutStartSec=infinity\n", unit, StringComparison.Ordinal); // FACTS 5
        Assert.DoesNotMatch("@[A-Z_]+@", unit); // no placeholder is left
    }

    [Fact]
    public async Task Install_EnablesAndNeverStarts()
    {
        await _node.InstallUnitAsync();

        Assert.DoesNotContain(_node.Systemd.Calls, call => call.StartsWith("start", StringComparison.Ordinal)); // D9
        var state = await _node.Systemd.ShowAsync("etcd.service", TestContext.Current.CancellationToken);
        Assert.Equal(("loaded", "enabled", "inactive", false), (state.LoadState, state.UnitFileState, state.ActiveState, state.NeedsReload));
    }

    [Fact]
    public async Task Install_LeavesTheDataDirAlone()
    {
        var before = _node.Host.Owners();

        await _node.InstallUnitAsync();

        Assert.Equal(before, _node.Host.Owners()); // IR-5
    }

    [Fact]
    public async Task Install_Again_IsNoChangeAndAsksSystemdForNothing()
    {
        var first = await _node.InstallUnitAsync();
        var calls = _node.Systemd.Calls.Count;

        var second = await _node.InstallUnitAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal(first.Unit, second.Unit);
        Assert.Equal(calls, _node.Systemd.Calls.Count);
    }

    [Fact]
    public async Task Install_AgentDiedBeforeEnabling_RepeatReloadsAndEnables()
    {
        await _node.InstallUnitAsync();
        var unit = File.ReadAllBytes(_node.Root.EtcdUnit);
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign);
        await _node.Systemd.DisableAsync("etcd.service", TestContext.Current.CancellationToken); // systemd has read the older file now
        File.WriteAllBytes(_node.Root.EtcdUnit, unit);

        Assert.True((await _node.InstallUnitAsync()).Change.Changed);

        var state = await _node.Systemd.ShowAsync("etcd.service", TestContext.Current.CancellationToken);
        Assert.Equal(("enabled", false), (state.UnitFileState, state.NeedsReload));
    }

    [Fact]
    public async Task Install_ForeignUnit_IsSetAsideOutsideTheUnitsFolder()
    {
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign, UnixFileMode.UserRead);

        var response = await _node.InstallUnitAsync();

        Assert.Equal("/var/lib/etcdfleet/set-aside/etcd.service.before-etcdfleet-20261123T030000.000Z", response.SetAside);
        Assert.Equal(Foreign, File.ReadAllText(_node.Root.At(response.SetAside)));
        Assert.Equal(response.SetAside, (await _node.InstallUnitAsync()).SetAside);
        Assert.Equal("disabled", _node.UnitRecords.Read()!.EnabledBefore);
    }

    [Fact]
    public async Task Install_AgentDiedAfterSettingAside_RepeatKeepsOneCopy()
    {
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign);
        var first = await _node.InstallUnitAsync();
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign); // as if it had not been replaced yet
        _node.Time.Advance(TimeSpan.FromMinutes(1));

        var second = await _node.InstallUnitAsync();

        Assert.Equal(first.SetAside, second.SetAside);
        Assert.Single(Directory.EnumerateFiles(_node.Root.At("/var/lib/etcdfleet/set-aside")));
        Assert.Equal("disabled", _node.UnitRecords.Read()!.EnabledBefore);
    }

    [Fact]
    public async Task Install_ForeignUnitRuns_IsRefused()
    {
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign);
        _node.Systemd.Run("etcd.service");

        await Faults.MessageAsync(FaultReason.UnitRunning, _node.InstallUnitAsync);

        Assert.Equal(Foreign, File.ReadAllText(_node.Root.EtcdUnit));
    }

    [Fact]
    public async Task Install_MaskedUnit_IsSetAsideAsALink()
    {
        File.CreateSymbolicLink(_node.Root.EtcdUnit, "/dev/null");

        var response = await _node.InstallUnitAsync();

        Assert.Equal("/dev/null", new FileInfo(_node.Root.At(response.SetAside)).LinkTarget);
        Assert.Null(new FileInfo(_node.Root.EtcdUnit).LinkTarget);
        Assert.Equal("masked", _node.UnitRecords.Read()!.EnabledBefore);
    }

    [Fact]
    public async Task Install_NewerTemplate_ReplacesOursWithoutSettingAside()
    {
        const string older = "# an older agent's\n[Service]\nExecStart=/usr/local/bin/etcd\n";
        await _node.InstallUnitAsync();
        _node.Host.Write("/etc/systemd/system/etcd.service", older);
        _node.UnitRecords.Write(_node.UnitRecords.Read()! with { Sha256 = Digest.Of(System.Text.Encoding.UTF8.GetBytes(older)) });

        var response = await _node.InstallUnitAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal("", response.SetAside);
        Assert.Equal(response.Unit.Sha256, _node.UnitRecords.Read()!.Sha256);
    }

    [Fact]
    public async Task Install_WithoutSettings_IsRefused()
    {
        File.Delete(_node.Root.EtcdEnv);

        await Faults.MessageAsync(FaultReason.EnvMissing, _node.InstallUnitAsync);

        Assert.False(File.Exists(_node.Root.EtcdUnit));
    }

    [Fact]
    public async Task Install_WithoutTheUser_IsRefused()
    {
        _node.Host.Write("/etc/group", "root:x:0:\n");

        await Faults.MessageAsync(FaultReason.UserMissing, _node.InstallUnitAsync);

        Assert.False(File.Exists(_node.Root.EtcdUnit));
    }

    [Fact]
    public async Task Install_DataDirThatAUnitCannotName_IsRefused()
    {
        File.WriteAllText(_node.Root.EtcdManifest, File.ReadAllText(_node.Root.EtcdManifest).Replace("/var/lib/etcd", "/var/lib/my etcd", StringComparison.Ordinal));

        await Faults.MessageAsync(FaultReason.ManifestUnreadable, _node.InstallUnitAsync);

        Assert.False(File.Exists(_node.Root.EtcdUnit));
    }

    public void Dispose() => _node.Dispose();
}
