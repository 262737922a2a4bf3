using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.Operations;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>One record a second and kind, whose count loses nobody.</summary>
public sealed class DeniedHandshakesTests : IDisposable
{
    private readonly AgentNode _node = new(withIdentity: false);
    private readonly AuditLog _audit;
    private readonly DeniedHandshakes _denied;

    public DeniedHandshakesTests()
    {
        _audit = new AuditLog(_node.Root, _node.Time);
        _denied = new DeniedHandshakes(_audit, _node.Time);
    }

    [Fact]
    public void Record_SameKindWithinASecond_IsSuppressedAndCounted()
    {
        for (var count = 0; count < 1000; count++)
        {
            Deny(HandshakeProblem.NoCertificate);
        }

        _node.Time.Advance(TimeSpan.FromMilliseconds(999));
        Deny(HandshakeProblem.NoCertificate);
        Assert.Equal(["NoCertificate 0"], Written);

        _node.Time.Advance(TimeSpan.FromMilliseconds(1));
        Deny(HandshakeProblem.NoCertificate);
        _node.Time.Advance(TimeSpan.FromSeconds(1));
        Deny(HandshakeProblem.NoCertificate);

        Assert.Equal(["NoCertificate 0", "NoCertificate 1000", "NoCertificate 0"], Written);
    }

    [Fact]
    public void Record_AnotherKindWithinTheSecond_IsWritten()
    {
        Deny(HandshakeProblem.NoCertificate);
        Deny(HandshakeProblem.NoCertificate);
        Deny(HandshakeProblem.Cluster);
        Deny(HandshakeProblem.Cluster);
        Deny(HandshakeProblem.Cluster);
        _node.Time.Advance(TimeSpan.FromSeconds(1));
        Deny(HandshakeProblem.Cluster);
        Deny(HandshakeProblem.NoCertificate);

        Assert.Equal(["NoCertificate 0", "Cluster 0", "Cluster 2", "NoCertificate 1"], Written);
    }

    [Fact]
    public void Record_AfterALongTime_SaysHowManyWereNotWritten()
    {
        Deny(HandshakeProblem.Time);
        Deny(HandshakeProblem.Time);
        _node.Time.Advance(TimeSpan.FromDays(40));
        Deny(HandshakeProblem.Time);

        Assert.Equal(["Time 0", "Time 1"], Written);
    }

    [Fact]
    public async Task Record_ManyAtOnce_LosesNobody()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var count = 0; count < 500; count++)
            {
                Deny(HandshakeProblem.Authority);
            }
        })));
        _node.Time.Advance(TimeSpan.FromSeconds(1));
        Deny(HandshakeProblem.Authority);

        Assert.Equal(["Authority 0", "Authority 1999"], Written);
    }

    /// <summary>A stranger makes certificates with any subject: a flood of them must not fill the disk either.</summary>
    [Fact]
    public void Record_LongSubject_IsCut()
    {
        _denied.Record(HandshakeProblem.Authority, new string('x', 50_000), "10.0.0.9:4711", "another CA");

        Assert.Equal(new string('x', 200) + "…", Assert.Single(_node.Audit).Caller);
    }

    public void Dispose()
    {
        _audit.Dispose();
        _node.Dispose();
    }

    private IEnumerable<string> Written => _node.Audit.Select(record => $"{record.Detail} {record.Suppressed}");

    private void Deny(HandshakeProblem kind) => _denied.Record(kind, "nobody", "10.0.0.9:4711", kind.ToString());
}
