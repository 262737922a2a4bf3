using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class PutBackDataDirTests : IDisposable
{
    private readonly RestoreNode _node = new();

    private string Database => Path.Combine(_node.DataDir, "member/snap/db");

    [Fact]
    public async Task PutBack_BringsTheFormerDataAndKeepsTheRestoredOnes()
    {
        await _node.WithEtcdStoppedAsync();
        await _node.SwapAsync();

        Assert.True((await _node.PutBackAsync()).Change.Changed);

        Assert.Equal("a database", File.ReadAllText(Database));
        Assert.Equal(2, _node.Names.Count);
        Assert.StartsWith("restored.set-aside-run-1", _node.Names[1], StringComparison.Ordinal);
        Assert.False((await _node.PutBackAsync()).Change.Changed);
    }

    [Fact]
    public async Task PutBack_ThereWereNone_LeavesNone()
    {
        await _node.WithEtcdStoppedAsync();
        Directory.Delete(Path.Combine(_node.DataDir, "member"), recursive: true);
        await _node.SwapAsync();

        await _node.PutBackAsync();

        Assert.StartsWith("restored.set-aside-run-1", Assert.Single(_node.Names), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the restored data are aside")]
    [InlineData("the former data are back")]
    public async Task PutBack_AfterADeathInTheMiddle_DoesTheRest(string when)
    {
        await _node.WithEtcdStoppedAsync();
        var aside = (await _node.SwapAsync()).SetAside;
        Directory.Move(Path.Combine(_node.DataDir, "member"), Path.Combine(_node.DataDir, "restored.set-aside-x"));
        if (when == "the former data are back")
        {
            Directory.Move(Path.Combine(_node.DataDir, aside), Path.Combine(_node.DataDir, "member"));
        }

        await _node.PutBackAsync();

        Assert.Equal("a database", File.ReadAllText(Database));
        Assert.Equal(["member", "restored.set-aside-x"], _node.Names);
    }

    /// <summary>Undone half-way, and then restored after all: made anew, so that no two members have different logs of one cluster.</summary>
    [Fact]
    public async Task PutBack_ThenRestoredOnceMore_IsMadeAnew()
    {
        await _node.WithEtcdStoppedAsync();
        await _node.SwapAsync();
        await _node.PutBackAsync();

        Assert.True((await _node.PrepareAsync()).Change.Changed);
        Assert.True((await _node.SwapAsync()).Change.Changed);

        await _node.PutBackAsync();
        Assert.Equal("a database", File.ReadAllText(Database));
    }

    [Fact]
    public async Task PutBack_PreparedAnewOverRestoredData_StillFindsTheFormerOnes()
    {
        await _node.WithEtcdStoppedAsync();
        var former = (await _node.SwapAsync()).SetAside;
        await _node.PrepareAsync(token: "another-token");

        Assert.Equal(former, (await _node.SwapAsync()).SetAside);
        Assert.Equal(3, _node.Names.Count);

        await _node.PutBackAsync();
        Assert.Equal("a database", File.ReadAllText(Database));
    }

    /// <summary>The machine lost power after the swap: its boot starts what is enabled, and the way back must not end there.</summary>
    [Fact]
    public async Task PutBack_SystemdHasStartedEtcdMeanwhile_StopsItFirst()
    {
        await _node.WithEtcdStoppedAsync();
        await _node.SwapAsync();
        _node.Systemd.Run("etcd.service");

        Assert.True((await _node.PutBackAsync()).Change.Changed);

        Assert.True((await _node.Systemd.ShowAsync("etcd.service", CancellationToken.None)).Stopped);
        Assert.Equal("a database", File.ReadAllText(Database));
    }

    [Fact]
    public async Task PutBack_AnApiServerWasGivenBack_IsRefused()
    {
        await _node.WithEtcdStoppedAsync();
        await _node.SwapAsync();
        await _node.StartControlPlaneAsync();

        Assert.Contains("clients have written there", await Faults.MessageAsync(FaultReason.RestoreUnderWay, () => _node.PutBackAsync()), StringComparison.Ordinal);

        Assert.NotEqual("a database", File.ReadAllText(Database));
    }

    public void Dispose() => _node.Dispose();
}
