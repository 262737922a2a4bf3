using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

/// <summary>Requests that cannot be used, and downloads that go wrong.</summary>
public sealed class FetchReleaseDownloadTests : IAsyncLifetime
{
    private ReleaseNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await ReleaseNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData("3.6.6; rm -rf", "https://a.example/${version}.tar.gz", "")]
    [InlineData("v3.6.6", "https://a.example/${version}.tar.gz", "")]
    [InlineData("../3.6.6", "https://a.example/${version}.tar.gz", "")]
    [InlineData("", "https://a.example/${version}.tar.gz", "")]
    [InlineData("3.6.6", "http://a.example/${version}.tar.gz", "")]
    [InlineData("3.6.6", "https://user:password@a.example/${version}.tar.gz", "")]
    [InlineData("3.6.6", "ftp://a.example/${version}.tar.gz", "")]
    [InlineData("3.6.6", "file:///etc/passwd", "")]
    [InlineData("3.6.6", "/etc/passwd", "")]
    [InlineData("3.6.6", "https://a.example/${os}.tar.gz", "")]
    [InlineData("3.6.6", "https://a.example/a.tar.gz", "abc")]
    public async Task Fetch_RequestThatCannotBeUsed_IsInvalid(string version, string url, string sha256)
    {
        var message = await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.FetchAsync(sha256, url, version));

        Assert.DoesNotContain("password@", message);
    }

    [Fact]
    public async Task Fetch_NotThere_FailsWithTheStatus() =>
        Assert.Contains("404", await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.FetchAsync(new string('a', 64))));

    [Fact]
    public async Task Fetch_TokenInTheQuery_StaysOutOfTheMessage() =>
        Assert.DoesNotContain("s3cret", await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.FetchAsync(new string('a', 64), _node.Server.Http + ReleaseNode.Pattern + "?token=s3cret")));

    [Theory]
    [InlineData("")]
    [InlineData("0000  etcd\n")]
    public async Task Fetch_SumsWithoutTheTarball_Fails(string sums)
    {
        _node.Serve(TestTarball.Release(ReleaseNode.Version));
        Sums(sums);

        await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.FetchAsync("", _node.Server.Https + ReleaseNode.Pattern));
        Assert.DoesNotContain(ReleaseNode.Path, _node.Server.Requests);
    }

    [Fact]
    public async Task Fetch_RedirectedWithinHttps_IsFollowed()
    {
        var content = TestTarball.Release(ReleaseNode.Version);
        _node.Server.File("/assets/1", content);
        _node.Server.Redirect(ReleaseNode.Path, $"{_node.Server.Https}/assets/1");

        Assert.True((await _node.FetchAsync(TestTarball.Digest(content), _node.Server.Https + ReleaseNode.Pattern)).Change.Changed);
    }

    [Fact]
    public async Task Fetch_RedirectedToPlainHttp_IsNotFollowed()
    {
        _node.Server.File("/assets/1", TestTarball.Release(ReleaseNode.Version));
        _node.Server.Redirect(ReleaseNode.Path, $"{_node.Server.Http}/assets/1");

        await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.FetchAsync(new string('a', 64), _node.Server.Https + ReleaseNode.Pattern));
        Assert.DoesNotContain("/assets/1", _node.Server.Requests);
    }

    [Fact]
    public async Task Fetch_CutOff_FailsAndLeavesNothing()
    {
        _node.Server.Answer(ReleaseNode.Path, async context =>
        {
            context.Response.ContentLength = 1_000_000;
            await context.Response.Body.WriteAsync(new byte[1000]);
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.FetchAsync(new string('a', 64)));

        Assert.Empty(_node.Cache);
    }

    [Fact]
    public async Task Fetch_AnnouncedTooLarge_IsNotEvenBegun()
    {
        _node.Server.Answer(ReleaseNode.Path, context =>
        {
            context.Response.ContentLength = ReleaseSource.MaxBytes + 1;
            return context.Response.StartAsync();
        });

        Assert.Contains("expected at most", await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.FetchAsync(new string('a', 64))));
    }

    [Fact]
    public async Task Fetch_ServerFallsSilent_FailsAfterHalfAMinute()
    {
        var silent = new TaskCompletionSource();
        var time = new FakeTimeProvider();
        _node.Time = time;
        _node.Server.Answer(ReleaseNode.Path, async context =>
        {
            context.Response.ContentLength = 1_000_000;
            await context.Response.Body.WriteAsync(new byte[1000]);
            await context.Response.Body.FlushAsync();
            await silent.Task;
        });

        var fetch = _node.FetchAsync(new string('a', 64));
        while (!fetch.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ReleaseNode.Token);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Contains("nothing came for 30 s", await Faults.MessageAsync(FaultReason.DownloadFailed, () => fetch));
        silent.SetResult();
    }

    private void Sums(string text) => _node.Server.File($"/v{ReleaseNode.Version}/SHA256SUMS", Encoding.UTF8.GetBytes(text));
}
