using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Members;

public sealed class HashMemberTests(ThreeMembers three) : IClassFixture<ThreeMembers>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hash_AtOneRevision_IsEqualEverywhereAndAnotherAtAnother()
    {
        await EtcdCluster.CtlAsync(three.Cluster[0], "put", "a", "1");
        var revision = (await three.Cluster[0].AskAsync(Token)).Revision;
        await EtcdCluster.CtlAsync(three.Cluster[0], "put", "a", "2");
        await Task.WhenAll(three.Cluster.Nodes.Select(node => node.AskAsync(Token))); // a linearizable read each: all have the revision

        var hashes = await Task.WhenAll(three.Cluster.Nodes.Select(node => HashAsync(node, revision)));

        Assert.Single(hashes.Select(hash => (hash.Hash, hash.Revision, hash.CompactRevision)).Distinct());
        Assert.Equal(revision, hashes[0].Revision);
        Assert.NotEqual(hashes[0].Hash, (await HashAsync(three.Cluster[0], revision + 1)).Hash);
    }

    [Fact]
    public async Task Hash_OfTheNewest_SaysAtWhichRevision()
    {
        var newest = await HashAsync(three.Cluster[1], 0);

        Assert.True(newest.Revision > 0);
        Assert.Equal(newest.Hash, (await HashAsync(three.Cluster[1], newest.Revision)).Hash);
    }

    [Fact]
    public async Task Hash_FutureRevision_IsRefused()
    {
        var message = await Faults.MessageAsync(FaultReason.MemberUnhealthy, () => HashAsync(three.Cluster[0], 1_000_000));

        Assert.Contains("future revision", message);
    }

    [Fact]
    public async Task Hash_CompactedRevision_IsRefused()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);
        await EtcdCluster.CtlAsync(cluster[0], "put", "a", "1");
        await EtcdCluster.CtlAsync(cluster[0], "put", "a", "2");
        await EtcdCluster.CtlAsync(cluster[0], "compaction", "3", "--physical");

        Assert.Contains("compacted", await Faults.MessageAsync(FaultReason.MemberUnhealthy, () => HashAsync(cluster[0], 2)));
    }

    [Fact]
    public async Task Hash_NegativeRevision_IsInvalid() => await Faults.MessageAsync(FaultReason.InvalidRequest, () => HashAsync(three.Cluster[0], -1));

    [Fact]
    public async Task Hash_NobodyListens_IsUnreachable()
    {
        using var host = new TempHostRoot();
        await using var node = new EtcdMemberNode(host.Root.Prefix, "cp1", 1, 2);
        node.WriteManifest(node.Flags($"cp1={node.PeerUrl}"));

        await Faults.MessageAsync(FaultReason.MemberUnreachable, () => HashAsync(node, 0));
    }

    private static Task<HashMemberResponse> HashAsync(EtcdMemberNode node, long revision) =>
        node.HashMember.RunAsync(new() { Revision = revision }, VerbContext.Silent, Token);
}
