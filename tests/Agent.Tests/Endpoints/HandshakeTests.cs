using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>What the audit says of connections that were turned away, and that no stranger hides behind another.</summary>
public sealed class HandshakeTests : IAsyncLifetime
{
    private readonly AgentNode _node = new();
    private RunningAgent _agent = null!;

    public static TheoryData<string> EveryStranger() => [.. CallerKind.All.Where(kind => kind.Problem is not null).Select(kind => kind.Name)];

    public async ValueTask InitializeAsync() => _agent = await _node.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        _node.Dispose();
    }

    [Theory]
    [MemberData(nameof(EveryStranger))]
    public async Task Stranger_IsAudited_WithTheProblem(string stranger)
    {
        var kind = CallerKind.All.Single(kind => kind.Name == stranger);

        Assert.True((await CallAsync(kind)).Cut);

        await Soon.IsTrueAsync(() => _node.Audit.Count > 0, TestContext.Current.CancellationToken);
        var record = Assert.Single(_node.Audit);
        Assert.StartsWith("127.0.0.1:", record.From, StringComparison.Ordinal);
        Assert.Matches(WordsOf(kind.Problem!.Value), record.Detail);
        Assert.Equal(kind.Problem is HandshakeProblem.NoCertificate or HandshakeProblem.Unfinished, record.Caller == "nobody");
        Assert.Equal(_node.Time.GetUtcNow(), record.At);
    }

    [Fact]
    public async Task Strangers_OfAllKindsWithinASecond_EachKindHasItsRecord()
    {
        var strangers = CallerKind.All.Where(kind => kind.Problem is not null).ToList();
        foreach (var kind in strangers)
        {
            await CallAsync(kind);
        }

        await Soon.IsTrueAsync(() => _node.Audit.Count >= Enum.GetValues<HandshakeProblem>().Length, TestContext.Current.CancellationToken);
        Assert.Equal(Enum.GetValues<HandshakeProblem>().Length, strangers.Select(kind => kind.Problem).Distinct().Count());
        Assert.Equal(Enum.GetValues<HandshakeProblem>().Length, _node.Audit.Count);
    }

    [Fact]
    public async Task Stranger_WhoComesAgainAndAgain_IsCountedInTheNextRecord()
    {
        var nobody = CallerKind.All.Single(kind => kind.Problem == HandshakeProblem.NoCertificate);
        for (var calls = 0; calls < 4; calls++)
        {
            await CallAsync(nobody);
        }

        _node.Time.Advance(TimeSpan.FromSeconds(1));
        await CallAsync(nobody);

        Assert.Equal(2, _node.Audit.Count);
        Assert.Equal(0, _node.Audit[0].Suppressed);
        // The client tries more than once where it thinks that the connection broke.
        Assert.InRange(_node.Audit[1].Suppressed, 3, 20);
    }

    private async Task<RawAnswer> CallAsync(CallerKind kind)
    {
        using var channel = kind.Connect(_agent);
        return await RawRpc.CallAsync(channel, NodeService.Descriptor.Methods[0], [], TestContext.Current.CancellationToken);
    }

    private static string WordsOf(HandshakeProblem problem) => problem switch
    {
        HandshakeProblem.Unfinished => "^the handshake ended before a certificate was shown: no TLS 1.3, ",
        HandshakeProblem.NoCertificate => "^no certificate$",
        HandshakeProblem.Authority => "issuer|trust|chain|self.signed",
        HandshakeProblem.Time => "^certificate (has expired|is not yet valid)$",
        HandshakeProblem.Revoked => "^it was revoked at 20[0-9: -]+Z \\(serial [0-9a-f]{32}, fleet.crl number [0-9]+\\)$",
        HandshakeProblem.Purpose => "^(its purposes do not include clientAuth|it is a CA's certificate, which signs and does not call)$",
        HandshakeProblem.Identity => "^no identity of the fleet in its alternative names$",
        HandshakeProblem.Cluster => "^it is of cluster other, this agent is of kkg$",
        _ => "nothing",
    };
}
