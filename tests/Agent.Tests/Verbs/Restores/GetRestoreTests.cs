using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class GetRestoreTests : IDisposable
{
    private readonly RestoreNode _node = new();

    [Fact]
    public async Task Get_NoRestore_NamesTheMemberAlone()
    {
        var told = await _node.GetAsync();

        Assert.Equal(("cp1", RestoreNode.PeerUrl, "", ""), (told.Member.Name, Assert.Single(told.Member.PeerUrls), told.Sha256, told.Problem));
    }

    [Fact]
    public async Task Get_Prepared_SaysOfWhat()
    {
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();

        var told = await _node.GetAsync();

        Assert.Equal((await RealSnapshot.Sha256Async(), RestoreNode.Token, "run-1", 21L), (told.Sha256, told.Token, told.Run, told.Revision));
        Assert.Equal((true, false, false, false), (told.Ready, told.InPlace, told.Begun, told.Ended));
    }

    [Fact]
    public async Task Get_NoManifest_SaysWhy()
    {
        File.Delete(_node.Root.StashedEtcdManifest);

        Assert.Contains("expected one of them", (await _node.GetAsync()).Problem, StringComparison.Ordinal);
    }

    public void Dispose() => _node.Dispose();
}
