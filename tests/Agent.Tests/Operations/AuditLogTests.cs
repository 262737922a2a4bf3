using EtcdFleet.Agent.Operations;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>The audit's file: whole lines, whatever died or ran beside it.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly AgentNode _node = new(withIdentity: false);

    private string Log => Path.Combine(_node.Root.State, "audit.jsonl");

    [Theory]
    [InlineData("{\"at\":\"2026-11-24T03:00")]
    [InlineData("{\"what\":\"begin\"}")]
    public void Write_AfterALineThatWasNeverFinished_BeginsOneOfItsOwn(string left)
    {
        File.WriteAllText(Log, "{}\n" + left);
        using (var audit = new AuditLog(_node.Root, _node.Time))
        {
            audit.Write(Record("first"));
            audit.Write(Record("second"));
        }

        var lines = File.ReadAllLines(Log);
        Assert.Equal(["{}", left], lines[..2]);
        Assert.Equal(4, lines.Length);
        Assert.Contains("\"caller\":\"first\"", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"caller\":\"second\"", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ToALogOfSixteenMebibytes_BeginsANewOne()
    {
        using (var file = File.Create(Log))
        {
            file.SetLength((16 * 1024 * 1024) + 1);
            file.Seek(-1, SeekOrigin.End);
            file.WriteByte((byte)'\n');
        }

        using var audit = new AuditLog(_node.Root, _node.Time);
        audit.Write(Record("the last of the old"));
        audit.Write(Record("the first of the new"));

        Assert.Equal("the first of the new", Assert.Single(_node.Audit).Caller);
        var old = Assert.Single(Directory.GetFiles(_node.Root.State, "audit-*.jsonl"));
        Assert.Equal($"audit-{_node.Time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.jsonl", Path.GetFileName(old));
        Assert.EndsWith("\n", File.ReadAllText(old), StringComparison.Ordinal);
        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/var/lib/etcdfleet/audit.jsonl"));
    }

    [Fact]
    public async Task Write_ManyAtOnce_KeepsLinesWhole()
    {
        using var audit = new AuditLog(_node.Root, _node.Time);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() =>
        {
            for (var count = 0; count < 25; count++)
            {
                audit.Write(Record($"{number}-{count}"));
            }
        })));

        Assert.Equal(100, _node.Audit.Select(record => record.Caller).Distinct().Count());
    }

    /// <summary>A caller's words must not write lines of their own.</summary>
    [Fact]
    public void Write_LineBreaksInARecord_StayInItsLine()
    {
        using var audit = new AuditLog(_node.Root, _node.Time);

        audit.Write(Record("eve\n{\"what\":\"end\",\"caller\":\"ann\"}\r\n\u2028"));

        Assert.Equal("eve\n{\"what\":\"end\",\"caller\":\"ann\"}\r\n\u2028", Assert.Single(_node.Audit).Caller);
    }

    public void Dispose() => _node.Dispose();

    private static AuditRecord Record(string caller) => new() { What = "begin", Caller = caller, From = "local", Rpc = "/some/Rpc" };
}
