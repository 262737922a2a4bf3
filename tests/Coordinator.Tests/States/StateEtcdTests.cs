using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Coordinator.States;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

/// <summary>A real etcd with TLS and client certificates, and everything that can be wrong with either.</summary>
public sealed class StateEtcdTests
{
    [Fact]
    public async Task Open_RightCertificates_Answers_AndAnyMemberWillDo()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Cancel);
        using var folder = new StateFolder(cluster[0]);

        foreach (var hosts in (string[])[Host(cluster[0]), $"127.0.0.1:1,{Host(cluster[0])}", $"nowhere.invalid:2379,{Host(cluster[0])}"])
        {
            using var etcd = await OpenAsync($"etcd://{hosts}", folder.Location);
            Assert.Null(await etcd.FindAsync(StateKeys.Key("/etcdfleet/kkg/lock"), Cancel));
        }
    }

    /// <summary>Each at one etcd: the words say which endpoint, what happened, and what to look at.</summary>
    [Fact]
    public async Task Open_WrongCertificates_AreRefusedWithWords()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Cancel);
        using var others = new EtcdCertificates();
        var stranger = cluster.NewNode("stranger");
        others.Write(stranger.Root, "stranger");
        using var strange = new StateFolder(stranger);
        var url = $"etcd://{Host(cluster[0])}";
        using (var folder = new StateFolder(cluster[0]))
        {
            File.Copy(strange.Authority, folder.Authority, overwrite: true);
            AssertSays(await RefusedAsync(url, folder.Location), "no connection with TLS (The remote certificate is invalid", "its certificate is none of the ca.crt in --state-pki");
        }

        using (var folder = new StateFolder(cluster[0]))
        {
            File.Copy(strange.Certificate, folder.Certificate, overwrite: true);
            File.Copy(strange.Key, folder.Key, overwrite: true);
            AssertSays(await RefusedAsync(url, folder.Location), "or it does not take client.crt");
        }

        using (var folder = new StateFolder(cluster[0]))
        {
            File.Delete(folder.Certificate);
            File.Delete(folder.Key);
            AssertSays(await RefusedAsync(url, folder.Location), "or it does not take client.crt");
            AssertSays(await RefusedAsync($"etcd+insecure://{Host(cluster[0])}", folder.Location), "perhaps it speaks TLS (then it is etcd://)");
        }
    }

    [Fact]
    public async Task Open_TlsToOneWithoutIt_AsksWhetherItSpeaksTls()
    {
        await using var server = await StateServer.StartAsync(Cancel);
        await using var cluster = await EtcdCluster.StartAsync(1, Cancel);
        using var folder = new StateFolder(cluster[0]);

        AssertSays(await RefusedAsync(server.Url.Replace("+insecure", "", StringComparison.Ordinal), folder.Location), "or it speaks no TLS (then it is etcd+insecure://)");
    }

    [Fact]
    public async Task Open_NobodyThere_IsRefused_AndSaysWhatEachEndpointSaid()
    {
        var said = await RefusedAsync("etcd+insecure://127.0.0.1:1,nowhere.invalid:2379", "/nonexistent");

        AssertSays(said, "the state's etcd, etcd+insecure://127.0.0.1:1,nowhere.invalid:2379/etcdfleet, cannot be used: 127.0.0.1:1: connection refused: nobody listens; nowhere.invalid:2379: ", "Nothing was changed", "leave --state away");
    }

    [Fact]
    public async Task Open_WithoutQuorum_IsRefused()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Cancel);
        using var folder = new StateFolder(cluster[0]);
        await cluster[1].Process!.KillAsync();
        await cluster[2].Process!.KillAsync();

        AssertSays(await RefusedAsync($"etcd://{Host(cluster[0])}", folder.Location), $"{Host(cluster[0])}: ");
    }

    [Theory]
    [InlineData("ca.crt", "found no ca.crt")]
    [InlineData("client.crt", "found client.key without client.crt")]
    [InlineData("client.key", "found client.crt without client.key")]
    public async Task Identity_AFileIsMissing_SaysWhich(string file, string said)
    {
        using var identity = new IdentityOnly();
        File.Delete(Path.Combine(identity.Folder.Location, file));

        Assert.Contains(said, (await Assert.ThrowsAsync<PkiException>(() => OpenAsync("etcd://127.0.0.1:1", identity.Folder.Location))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Identity_AKeyThatOthersMayRead_IsRefused()
    {
        using var identity = new IdentityOnly();
        File.SetUnixFileMode(identity.Folder.Key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        Assert.Contains("chmod 600", Assert.Throws<PkiException>(() => StateIdentity.Load(identity.Folder.Location, TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Identity_AKeyOfAnotherCertificate_IsRefusedWithoutItsText()
    {
        using (var identity = new IdentityOnly())
        using (var another = new IdentityOnly())
        {
            File.Copy(another.Folder.Key, identity.Folder.Key, overwrite: true);
            Assert.Contains("expected a pair", Assert.Throws<PkiException>(() => StateIdentity.Load(identity.Folder.Location, TimeProvider.System)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Identity_ACertificateOfAnotherTime_IsRefusedWithItsDates()
    {
        using var identity = new IdentityOnly();

        var said = Assert.Throws<PkiException>(() => StateIdentity.Load(identity.Folder.Location, new Later())).Message;

        Assert.Contains("client.crt: found a certificate valid from ", said, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Host(EtcdMemberNode node) => new Uri(node.ClientUrl).Authority;

    private static Task<StateEtcd> OpenAsync(string url, string folder) => new StatePlace(StateAddress.Parse(url), folder).OpenAsync(Inventory.Of(3), null, TimeProvider.System, Cancel);

    private static async Task<string> RefusedAsync(string url, string folder)
    {
        var refused = await Assert.ThrowsAsync<CommandFault>(() => OpenAsync(url, folder));
        Assert.Equal(ExitCode.Refused, refused.Exit);
        TestContext.Current.TestOutputHelper?.WriteLine(refused.Message);
        return refused.Message;
    }

    private static void AssertSays(string said, params string[] words) => Assert.All(words, word => Assert.Contains(word, said, StringComparison.Ordinal));

    /// <summary>Files alone, and nobody who would take them.</summary>
    private sealed class IdentityOnly : IDisposable
    {
        private readonly TemporaryFolder _root = new();
        private readonly EtcdCertificates _certificates = new();

        public IdentityOnly()
        {
            var node = new EtcdMemberNode(_root.Path, "cp1", 1, 2);
            _certificates.Write(node.Root, "cp1");
            Folder = new StateFolder(node);
        }

        public StateFolder Folder { get; }

        public void Dispose()
        {
            Folder.Dispose();
            _certificates.Dispose();
            _root.Dispose();
        }
    }

    private sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddYears(5);
    }
}
