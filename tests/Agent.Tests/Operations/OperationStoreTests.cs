using EtcdFleet.Agent.Operations;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>Records of operations on the disk.</summary>
public sealed class OperationStoreTests : IDisposable
{
    private const int Kept = 2000;

    private readonly AgentNode _node = new(withIdentity: false);
    private readonly LogCollector _logs = new();
    private readonly ILoggerFactory _factory;
    private readonly OperationStore _store;

    public OperationStoreTests()
    {
        _factory = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        _store = new OperationStore(_node.Root, _factory.CreateLogger<OperationStore>());
    }

    [Fact]
    public void Find_WhatWasWritten_IsTheSame()
    {
        var record = Record("operation-1") with { Ended = _node.Time.GetUtcNow(), Response = [1, 2, 3, 0, 255], Reason = 11, Message = "two\nlines" };
        _store.Write(record);

        var found = _store.Find("operation-1")!;

        Assert.Equal(record with { Response = null }, found with { Response = null });
        Assert.Equal(record.Response, found.Response);
        Assert.Null(_store.Find("operation-2"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"id\":\"operation-1\"")]
    [InlineData("{\"id\":\"operation-1\"}")]
    public void Find_DamagedRecord_IsNotTakenForNone(string content)
    {
        _store.Write(Record("operation-1"));
        File.WriteAllText(FileOf("operation-1"), content);

        Assert.Contains("/var/lib/etcdfleet/operations/operation-1.json is damaged", Assert.Throws<IOException>(() => _store.Find("operation-1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Review_SaysWhatWasInterruptedAndWhatIsDamaged()
    {
        _store.Write(Record("operation-1"));
        _store.Write(Record("operation-2") with { Ended = _node.Time.GetUtcNow() });
        _store.Write(Record("operation-3"));
        File.WriteAllText(FileOf("operation-3"), "{");

        Assert.Equal("operation-1", Assert.Single(_store.Review()).Id);

        Assert.Equal(2, _logs.Lines.Count);
        Assert.Single(_logs.Of(LogLevel.Warning, "The agent ended in the middle of /some/Rpc (operation operation-1, step A3/cp1/x)"));
        Assert.Single(_logs.Of(LogLevel.Warning, "operation-3.json is damaged"));
    }

    [Fact]
    public void Review_OfManyOutcomes_ForgetsTheOldest()
    {
        _store.Write(Record("newest-one") with { Ended = _node.Time.GetUtcNow() });
        var content = File.ReadAllBytes(FileOf("newest-one"));
        for (var number = 0; number < Kept + 1; number++)
        {
            File.WriteAllBytes(FileOf($"older-{number:D5}"), content);
            File.SetLastWriteTimeUtc(FileOf($"older-{number:D5}"), _node.Time.GetUtcNow().UtcDateTime.AddDays(-1).AddSeconds(-number));
        }

        _store.Review();

        Assert.Equal(Kept, _node.Operations.Count);
        Assert.Contains("newest-one", _node.Operations);
        Assert.Contains($"older-{Kept - 2:D5}", _node.Operations);
        Assert.DoesNotContain($"older-{Kept - 1:D5}", _node.Operations);
    }

    [Fact]
    public void Review_OfANodeThatNeverHadAny_SaysNothing()
    {
        _store.Review();

        Assert.Empty(_logs.Lines);
    }

    public void Dispose()
    {
        _factory.Dispose();
        _logs.Dispose();
        _node.Dispose();
    }

    private string FileOf(string id) => Path.Combine(_node.Root.State, "operations", $"{id}.json");

    private OperationRecord Record(string id) => new()
    {
        Id = id, Rpc = "/some/Rpc", RequestSha256 = new string('a', 64), Caller = "uid 0", Run = "run-1", Step = "A3/cp1/x", Started = _node.Time.GetUtcNow(),
    };
}
