using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Runs;

namespace EtcdFleet.Agent.Tests.Verbs.Runs;

public sealed class ReadRunTests : IDisposable
{
    private readonly RunNode _node = new();

    [Fact]
    public async Task Read_GivesDocumentsAndWholeLines()
    {
        await _node.AppendAsync(1, 3);
        await _node.AttachAsync(RunDocument.Plan, "the plan");
        await _node.AttachAsync(RunDocument.ConfigurationBefore, "etcd:\n");
        File.AppendAllText(_node.Journal, "{\"seq\":4,"); // torn

        var parts = Read();

        Assert.Equal([RunNode.Line(1), RunNode.Line(2), RunNode.Line(3)], parts.SelectMany(part => part.Lines));
        Assert.Equal([(RunDocument.Plan, "the plan"), (RunDocument.ConfigurationBefore, "etcd:\n")], parts.SelectMany(part => part.Attachments).Select(document => (document.Document, document.Content.ToStringUtf8())));
    }

    /// <summary>A coordinator takes messages of four MiB.</summary>
    [Fact]
    public async Task Read_ALongJournal_ComesInParts()
    {
        await _node.AppendAsync(1, 1);
        for (var seq = 2; seq < 12; seq++)
        {
            await _node.AppendAsync(RunNode.Run, seq, RunNode.Line(seq, new string('x', 150 * 1024)));
        }

        var parts = Read();

        Assert.True(parts.Count > 3);
        Assert.All(parts, part => Assert.True(part.CalculateSize() < 1024 * 1024));
        Assert.Equal(11, parts.Sum(part => part.Lines.Count));
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("../operations")]
    [InlineData("")]
    public async Task Read_WhatIsNotThere_IsRefused(string run) =>
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => Task.FromResult(new ReadRun(_node.Kept).Run(new() { Run = run })));

    private List<ReadRunResponse> Read() => [.. new ReadRun(_node.Kept).Run(new() { Run = RunNode.Run })];

    public void Dispose() => _node.Dispose();
}
