using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class SwapDataDirTests : IDisposable
{
    private readonly RestoreNode _node = new();

    private string Database => Path.Combine(_node.DataDir, "member/snap/db");

    [Fact]
    public async Task Swap_SetsTheFormerDataAsideAndPutsTheRestoredOnesInPlace()
    {
        await _node.WithEtcdStoppedAsync();

        var response = await _node.SwapAsync();

        Assert.Matches(@"^member\.set-aside-run-1\.at-\d{8}T\d{6}Z$", response.SetAside);
        Assert.Equal(["member", response.SetAside], _node.Names);
        Assert.Equal("a database", File.ReadAllText(Path.Combine(_node.DataDir, response.SetAside, "snap/db")));
        Assert.True(new FileInfo(Database).Length > 4096);
        Assert.Equal(TempHostRoot.EtcdUser, Native.Stat(Database)!.Value.Owner.User);
        Assert.False((await _node.SwapAsync()).Change.Changed);
        var told = await _node.GetAsync();
        Assert.Equal((true, false, response.SetAside), (told.InPlace, told.Ready, told.SetAside));
        Assert.Equal($"{TempHostRoot.DataDir}/{response.SetAside}", Assert.Single(told.Kept));
    }

    [Fact]
    public async Task Swap_EtcdRuns_IsRefused()
    {
        await _node.WithControlPlaneStoppedAsync();

        await Faults.MessageAsync(FaultReason.UnitRunning, () => _node.SwapAsync());
        await _node.StopAsync();
        _node.Traces.Left.Add(PodSign.Lock);
        await Faults.MessageAsync(FaultReason.PodRunning, () => _node.SwapAsync());
        Assert.Equal("a database", File.ReadAllText(Database));
    }

    [Fact]
    public async Task Swap_NothingIsReady_IsRefused() => await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.SwapAsync());

    [Fact]
    public async Task Swap_NoFormerData_OnlyPutsInPlace()
    {
        await _node.WithEtcdStoppedAsync();
        Directory.Delete(Path.Combine(_node.DataDir, "member"), recursive: true);

        Assert.Equal("", (await _node.SwapAsync()).SetAside);
        Assert.Equal(["member"], _node.Names);
    }

    /// <summary>The agent dies after each of its renames and records.</summary>
    [Theory]
    [InlineData("the name is on record")]
    [InlineData("the former data are aside")]
    [InlineData("the restored data are in place")]
    public async Task Swap_AfterADeathInTheMiddle_DoesTheRest(string when)
    {
        await _node.WithEtcdStoppedAsync();
        Die(when);

        var response = await _node.SwapAsync();

        Assert.Equal("member.set-aside-run-1.at-x", response.SetAside);
        Assert.Equal(["member", "member.set-aside-run-1.at-x"], _node.Names);
        Assert.Equal("a database", File.ReadAllText(Path.Combine(_node.DataDir, response.SetAside, "snap/db")));
    }

    /// <summary>After each of them the way back leads to the former data as well.</summary>
    [Theory]
    [InlineData("the name is on record")]
    [InlineData("the former data are aside")]
    [InlineData("the restored data are in place")]
    public async Task PutBack_AfterADeathInTheMiddleOfTheSwap_BringsTheFormerData(string when)
    {
        await _node.WithEtcdStoppedAsync();
        Die(when);

        await _node.PutBackAsync();

        Assert.Equal("a database", File.ReadAllText(Database));
        Assert.False((await _node.PutBackAsync()).Change.Changed);
    }

    [Fact]
    public async Task Swap_TheMemberIsALink_IsRefused()
    {
        await _node.WithEtcdStoppedAsync();
        Directory.Move(Path.Combine(_node.DataDir, "member"), Path.Combine(_node.DataDir, "elsewhere"));
        File.CreateSymbolicLink(Path.Combine(_node.DataDir, "member"), "/etc");

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => _node.SwapAsync());
    }

    public void Dispose() => _node.Dispose();

    private void Die(string when)
    {
        var record = _node.Records.Read()! with { SetAside = "member.set-aside-run-1.at-x" };
        _node.Records.Write(record);
        if (when != "the name is on record")
        {
            Directory.Move(Path.Combine(_node.DataDir, "member"), Path.Combine(_node.DataDir, record.SetAside!));
        }

        if (when == "the restored data are in place")
        {
            Directory.Move(Path.Combine(_node.DataDir, record.Scratch, "restored/member"), Path.Combine(_node.DataDir, "member"));
        }
    }
}
