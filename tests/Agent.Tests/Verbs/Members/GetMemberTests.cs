using System.Diagnostics;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Members;

public sealed class GetMemberTests(ThreeMembers three) : IClassFixture<ThreeMembers>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_ThreeMembers_EachSeesTheSameCluster()
    {
        var leader = await three.Cluster.LeaderAsync(Token);
        var answers = await Task.WhenAll(three.Cluster.Nodes.Select(node => node.AskAsync(Token)));

        Assert.All(answers, answer => Assert.Equal("", answer.Problem));
        Assert.Single(answers.Select(answer => answer.ClusterId).Distinct());
        Assert.Single(answers.Select(answer => answer.LeaderId).Distinct());
        Assert.Equal(3, answers.Select(answer => answer.MemberId).Distinct().Count());
        Assert.All(answers, answer => Assert.Equal(answers[0].Members, answer.Members));
        Assert.Equal(["cp1", "cp2", "cp3"], answers[0].Members.Select(member => member.Name).Order());
        var own = answers[1].Members.Single(member => member.Id == answers[1].MemberId);
        Assert.Equal(("cp2", three.Cluster[1].PeerUrl, three.Cluster[1].ClientUrl, false), (own.Name, own.PeerUrls.Single(), own.ClientUrls.Single(), own.Learner));
        Assert.Equal((await leader.AskAsync(Token)).MemberId, answers[0].LeaderId);
        Assert.Equal(three.Cluster[1].ClientUrl, answers[1].Endpoint);
        Assert.StartsWith("3.", answers[0].Version);
        Assert.All(answers, answer => Assert.True(answer is { Revision: > 0, RaftTerm: > 0, RaftIndex: > 0, RaftAppliedIndex: > 0, DatabaseSize: > 0, DatabaseInUse: > 0 }));
    }

    [Fact]
    public async Task Get_AfterAWrite_ReadsItsRevisionEverywhere()
    {
        await EtcdCluster.CtlAsync(three.Cluster[0], "put", "a", "b");
        var revision = (await three.Cluster[0].AskAsync(Token)).Revision;

        Assert.True((await three.Cluster[2].AskAsync(Token)).Revision >= revision);
    }

    [Fact]
    public async Task Get_ManifestStashed_AsksTheMemberAllTheSame()
    {
        var node = three.Cluster[2];
        Directory.CreateDirectory(node.Root.Stash);
        File.Move(node.Root.EtcdManifest, node.Root.StashedEtcdManifest);
        try
        {
            Assert.Equal("", (await node.AskAsync(Token)).Problem);
        }
        finally
        {
            File.Move(node.Root.StashedEtcdManifest, node.Root.EtcdManifest);
        }
    }

    [Fact]
    public async Task Get_AlarmRaised_IsAProblemEverywhere()
    {
        var victim = await three.Cluster[1].AskAsync(Token);
        await three.Cluster.AlarmAsync(victim.MemberId, raise: true);
        try
        {
            var answer = await three.Cluster[0].AskAsync(Token);

            Assert.Equal((victim.MemberId, "NOSPACE"), Assert.Single(answer.Alarms) is var alarm ? (alarm.MemberId, alarm.Kind) : default);
            Assert.Contains($"NOSPACE at {MemberReport.Hex(victim.MemberId)}", answer.Problem);
        }
        finally
        {
            await three.Cluster.AlarmAsync(victim.MemberId, raise: false);
        }
    }

    [Fact]
    public async Task Get_OneMember_IsSoundAndItsOwnLeader()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);

        var answer = await cluster[0].AskAsync(Token);

        Assert.Equal("", answer.Problem);
        Assert.Equal(answer.MemberId, answer.LeaderId);
        Assert.Single(answer.Members);
    }

    [Fact]
    public async Task Get_Learner_IsAProblem()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);
        var learner = await cluster.AddLearnerAsync("cp2", Token);

        var answer = await learner.AskAsync(Token);

        Assert.True(answer.Learner);
        Assert.Contains("it is a learner", answer.Problem);
        Assert.Contains((await cluster[0].AskAsync(Token)).Members, member => member is { Name: "cp2", Learner: true });
    }

    [Fact]
    public async Task Get_QuorumLost_SaysSoWithinFiveSecondsAndStillTellsWhatItSees()
    {
        await using var cluster = await EtcdCluster.StartAsync(2, Token);
        await cluster[1].Process!.KillAsync();
        var clock = Stopwatch.StartNew();

        var answer = await cluster[0].AskAsync(Token);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"it took {clock.Elapsed}");
        Assert.Contains("linearizable read", answer.Problem);
        Assert.Equal(2, answer.Members.Count);
    }

    [Fact]
    public async Task Get_NobodyListens_SaysSo()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);
        await cluster[0].Process!.KillAsync();

        var answer = await cluster[0].AskAsync(Token);

        Assert.Equal($"{cluster[0].ClientUrl}: connection refused: nobody listens", answer.Problem);
        Assert.Equal(0UL, answer.MemberId);
    }

    [Fact]
    public async Task Get_MemberHangs_SaysSoWithinFiveSeconds()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);
        await cluster[0].Process!.SignalAsync("STOP");
        var clock = Stopwatch.StartNew();

        var answer = await cluster[0].AskAsync(Token);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"it took {clock.Elapsed}");
        Assert.NotEqual("", answer.Problem);
    }

    [Fact]
    public async Task Get_NoManifest_SaysSo()
    {
        using var host = new TempHostRoot();
        File.Delete(host.Root.EtcdManifest);
        await using var node = new EtcdMemberNode(host.Root.Prefix, "cp1", 1, 2);

        Assert.Contains("/etc/kubernetes/manifests/etcd.yaml", (await node.AskAsync(Token)).Problem);
    }

    [Fact]
    public async Task Get_ServerCertificateForAnotherAddress_IsNotBelieved()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);
        cluster.Certificates.Write(cluster[0].Root, "cp1", "10.66.0.11"); // etcd rereads its certificate at each handshake (FACTS 10)

        Assert.Contains("RemoteCertificateNameMismatch", (await cluster[0].AskAsync(Token)).Problem);
    }

    [Fact]
    public async Task Get_CertificatesOfAnotherAuthority_AreNotBelievedAndRereadOnceRight()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);
        using var other = new EtcdCertificates();
        var authority = File.ReadAllText(Path.Combine(cluster[0].Root.EtcdPki, "ca.crt"));

        other.WriteClient(cluster[0].Root);
        Assert.NotEqual("", (await cluster[0].AskAsync(Token)).Problem); // etcd refuses us
        other.Write(cluster[0].Root, "cp1");
        cluster.Certificates.WriteClient(cluster[0].Root);
        File.WriteAllText(Path.Combine(cluster[0].Root.EtcdPki, "ca.crt"), authority);
        Assert.Contains("TLS failed", (await cluster[0].AskAsync(Token)).Problem); // we refuse etcd

        cluster.Certificates.Write(cluster[0].Root, "cp1");
        Assert.Equal("", (await cluster[0].AskAsync(Token)).Problem);
    }
}
