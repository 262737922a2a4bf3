using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

public sealed class JournalTests
{
    [Fact]
    public void Read_WhatWasWritten_InOrderWithSequenceNumbers()
    {
        using var state = new TempState();
        var path = Write(state, 3);

        Assert.Equal([(1L, "run-started"), (2, "intent"), (3, "intent")], Journal.Read(path).Select(record => (record.Seq, record.Kind)));
    }

    [Fact]
    public void Begin_TheFileAndItsFolder_AreTheOwnersAlone()
    {
        using var state = new TempState();
        var path = Write(state, 1);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Begin_ASecondTime_IsRefused()
    {
        using var state = new TempState();
        _ = Write(state, 1);

        Assert.Throws<IOException>(() => Journal.Begin(Path.Combine(state.Path, "run"), new SkippingTime()));
    }

    /// <summary>Cut at every byte of its last line: that is how a coordinator that dies leaves it.</summary>
    [Fact]
    public void Read_ATornLastLine_IsLeftOut()
    {
        using var state = new TempState();
        var path = Write(state, 3);
        var bytes = File.ReadAllBytes(path);
        var last = Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) + 1;
        for (var length = last; length < bytes.Length - 1; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Equal(2, Journal.Read(path).Count);
        }
    }

    [Fact]
    public void Read_ADamagedLineInTheMiddle_SaysWhere()
    {
        using var state = new TempState();
        var path = Write(state, 3);
        var lines = File.ReadAllLines(path);
        lines[1] = lines[1][..10];
        File.WriteAllLines(path, lines);

        var damaged = Assert.Throws<InvalidDataException>(() => Journal.Read(path));
        Assert.StartsWith($"{path}:2 is damaged", damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ExitCodeZeroAndUnchanged_AreOnTheDisk()
    {
        using var state = new TempState();
        using (var journal = Journal.Begin(Path.Combine(state.Path, "run"), new SkippingTime()))
        {
            journal.Write(new() { Kind = JournalKind.Receipt, Changed = false });
            journal.Write(new() { Kind = JournalKind.RunEnded, Exit = 0 });
        }

        var records = Journal.Read(Path.Combine(state.Path, "run", "journal.jsonl"));
        Assert.Equal((false, 0), (records[0].Changed, records[1].Exit));
    }

    private static string Write(TempState state, int records)
    {
        using var journal = Journal.Begin(Path.Combine(state.Path, "run"), new SkippingTime());
        journal.Write(new() { Kind = JournalKind.RunStarted, Procedure = "migrate", Cluster = "kkg" });
        for (var i = 1; i < records; i++)
        {
            journal.Write(new() { Kind = JournalKind.Intent, Step = $"A3/cp{i}/stash-manifest", Operation = $"operation-{i}" });
        }

        return Path.Combine(state.Path, "run", "journal.jsonl");
    }
}
