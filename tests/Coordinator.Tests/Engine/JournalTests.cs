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

    public static TheoryData<string> TornEnds() =>
    [
        "\0\0\0\0\0\0\0\0", // what ext4 shows after a power cut, where the data never came
        new string('\0', 8192),
        "{\"seq\":4,\"kind\":\"int" + new string('\0', 100),
        "{\"seq\":4,\"kind\":\"intent\",\"summary\":\"f\u00fcr \u6771\u4eac",
        "{\"seq\":4,\"kind\":\"intent\"}", // whole, but for its break: it was never acknowledged
        "{\"seq\":4,\"ki\n",
        "{\"seq\":4,\"ki\n\0\0\0\0",
    ];

    [Theory]
    [MemberData(nameof(TornEnds))]
    public void Read_ATornEnd_IsLeftOut(string torn)
    {
        using var state = new TempState();
        var path = Write(state, 3);
        File.AppendAllText(path, torn);

        Assert.Equal(3, Journal.Read(path).Count);
    }

    /// <summary>Torn within a letter of several bytes: that is no UTF-8 any more.</summary>
    [Fact]
    public void Read_TornWithinALetter_IsLeftOut()
    {
        using var state = new TempState();
        var path = Write(state, 2);
        byte[] torn = [.. "{\"seq\":3,\"kind\":\"intent\",\"summary\":\"\u6771\u4eac"u8];
        var whole = File.ReadAllBytes(path);
        for (var length = 1; length <= torn.Length; length++)
        {
            File.WriteAllBytes(path, [.. whole, .. torn[..length]]);
            Assert.Equal(2, Journal.Read(path).Count);
            File.WriteAllBytes(path, [.. whole, .. torn[..length], (byte)'\n']);
            Assert.Equal(2, Journal.Read(path).Count);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("{\"seq\":1,\"kind\":\"run-sta")]
    public void Read_NothingButATornFirstLine_IsEmpty(string content)
    {
        using var state = new TempState();
        var path = Path.Combine(state.Path, "journal.jsonl");
        File.WriteAllText(path, content);

        Assert.Empty(Journal.Read(path));
    }

    [Theory]
    [InlineData(1, 2, 4)]
    [InlineData(1, 2, 2)]
    [InlineData(1, 1, 2)]
    [InlineData(1, 3, 2)]
    [InlineData(2, 3, 4)] // the first one is missing
    public void Read_NumbersThatDoNotFollow_AreDamage(params int[] numbers)
    {
        using var state = new TempState();
        var path = Write(state, 4);
        var lines = File.ReadAllLines(path);
        File.WriteAllText(path, string.Concat(numbers.Select(number => lines[number - 1] + "\n")));

        Assert.Contains("sequence number", Assert.Throws<InvalidDataException>(() => Journal.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ZerosInTheMiddle_AreDamage()
    {
        using var state = new TempState();
        var path = Write(state, 3);
        var lines = File.ReadAllLines(path);
        File.WriteAllText(path, $"{lines[0]}\n\0\0\0\0\n{lines[1]}\n");

        Assert.StartsWith($"{path}:2 is damaged", Assert.Throws<InvalidDataException>(() => Journal.Read(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>A disk that was full for a moment: half a record must not stay in front of the next one, nor a number be left out.</summary>
    [Fact]
    public void Write_AfterHalfARecordWasLeft_TakesItsPlaceAndItsNumber()
    {
        using var state = new TempState();
        var folder = Path.Combine(state.Path, "run");
        using (var journal = Journal.Begin(folder, new SkippingTime()))
        {
            journal.Write(new() { Kind = JournalKind.RunStarted });
            using (var other = new FileStream(Path.Combine(folder, "journal.jsonl"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            {
                other.Write("{\"seq\":2,\"kind\":\"rec"u8);
            }

            journal.Write(new() { Kind = JournalKind.Intent });
        }

        Assert.Equal([1L, 2L], Journal.Read(Path.Combine(folder, "journal.jsonl")).Select(record => record.Seq));
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
