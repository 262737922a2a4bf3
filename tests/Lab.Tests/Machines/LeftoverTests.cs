using EtcdFleet.Lab.Host;
using Xunit;

namespace EtcdFleet.Lab.Tests.Machines;

/// <summary>What a lab leaves: nothing, also when the one before was never taken down.</summary>
public sealed class LeftoverTests
{
    private static readonly LabPaths Paths = LabPaths.FromEnvironment() with { State = "/var/tmp/etcdfleet-lab-leftovers" };

    [Fact]
    public async Task Down_AfterAnAbortedLab_RemovesProcessesMountsNamespaceGroupsAndFolder_AndIsIdempotent()
    {
        Assert.SkipWhen(HostProbe.Missing() is { Count: > 0 } missing, string.Join("; ", HostProbe.Missing()));
        var lab = await RunningLab.StartAsync(new() { Nodes = 1, Paths = Paths }, TestContext.Current.CancellationToken);
        // As if this process had been killed: lock given back, everything else left.
        lab.Keep();
        await lab.DisposeAsync();
        var leader = lab.Nodes[0].Leader;
        Assert.True(ProcessTable.IsAlive(leader));
        Assert.NotEmpty(await RunningLab.DownAsync(Paths, TestContext.Current.CancellationToken));
        Assert.False(ProcessTable.IsAlive(leader));
        Assert.Empty(Mounts.Below(Paths.State));
        Assert.False(Directory.Exists(Paths.State));
        Assert.False(File.Exists($"/run/netns/{Paths.Name}"));
        Assert.DoesNotContain(File.ReadLines("/proc/self/mounts").Select(l => l.Split(' ')).Where(f => f[2].StartsWith("cgroup", StringComparison.Ordinal)), f => Directory.Exists($"{f[1]}/{Paths.Name}"));
        Assert.Empty(await RunningLab.DownAsync(Paths, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Kill_WhenTheIdBelongsToAnotherProcessByNow_LeavesItAlone()
    {
        using var bystander = System.Diagnostics.Process.Start("sleep", ["30"]);
        var identity = ProcessTable.Find(bystander.Id)!.Value;
        ProcessTable.Kill(identity with { Started = identity.Started - 1 });
        Assert.True(ProcessTable.IsAlive(identity));
        ProcessTable.Kill(identity);
        bystander.WaitForExit();
    }
}
