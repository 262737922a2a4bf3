using System.Net;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests;

/// <summary>agent.yaml: what it can say, and that the agent does not start on a guess.</summary>
public sealed class AgentOptionsTests
{
    private const string Name = "/etc/etcdfleet/agent.yaml";

    [Fact]
    public void Read_NoFile_GivesTheDefaults()
    {
        using var host = new TempHostRoot();

        var options = AgentOptions.Read(host.Root);

        Assert.Equal(new AgentOptions(), options);
        Assert.Equal(("", "0.0.0.0:7379", "127.0.0.1:7380", "/run/etcdfleet/agent.sock", LogLevel.Information),
            (options.Node, options.Listen.ToString(), options.HealthListen.ToString(), options.Socket, options.LogLevel));
    }

    [Fact]
    public void Read_File_IsOverTheDefaults()
    {
        using var host = new TempHostRoot();
        host.Folder("/etc/etcdfleet");
        host.Write(Name, "# this node\nnode: cp1\nlisten: 10.66.0.11:7379\n");

        Assert.Equal(new AgentOptions { Node = "cp1", Listen = IPEndPoint.Parse("10.66.0.11:7379") }, AgentOptions.Read(host.Root));
    }

    [Fact]
    public void Read_FileThatIsWrong_IsNamedAsOnTheHost()
    {
        using var host = new TempHostRoot();
        host.Folder("/etc/etcdfleet");
        host.Write(Name, "nodes: cp1\n");

        Assert.StartsWith($"{Name}:1:1: unknown key 'nodes'", Assert.Throws<FormatException>(() => AgentOptions.Read(host.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_EverySetting()
    {
        var options = Parse("node: cp-1.example\nlisten: '[::1]:1234'\nhealth_listen: '[::1]:1235'\nlog_level: Debug\n");

        Assert.Equal(new AgentOptions
        {
            Node = "cp-1.example", Listen = new(IPAddress.IPv6Loopback, 1234), HealthListen = new(IPAddress.IPv6Loopback, 1235), LogLevel = LogLevel.Debug,
        }, options);
    }

    [Fact]
    public void Parse_Snapshots_EverySetting()
    {
        var options = Parse("snapshot_every: 6h\nsnapshot_keep: 4\nsnapshot_keep_days: 0\nsnapshot_keep_verified: 2\n");

        Assert.Equal(new SnapshotSettings { Every = TimeSpan.FromHours(6), Keep = 4, KeepDays = 0, KeepVerified = 2 }, options.Snapshots);
        Assert.Equal(TimeSpan.Zero, Parse("snapshot_every: off\n").Snapshots.Every);
    }

    [Theory]
    [InlineData("snapshot_every: 30m", "expected off, or 1h to 168h in whole hours, as in 6h")]
    [InlineData("snapshot_every: 0h", "expected off, or 1h to 168h in whole hours, as in 6h")]
    [InlineData("snapshot_keep: 0", "expected a number from 1 to 1000")]
    [InlineData("snapshot_keep_verified: 0", "expected a number from 1 to 1000")]
    [InlineData("snapshot_keep_days: -1", "expected a number of days from 0 to 3650")]
    public void Parse_Snapshots_WrongValue_IsSaid(string line, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Parse(line + "\n")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n{}\n")]
    public void Parse_Empty_GivesTheDefaults(string yaml) => Assert.Equal(new AgentOptions(), Parse(yaml));

    [Fact]
    public void Parse_PortAlone_IsAllAddresses() => Assert.Equal(new IPEndPoint(IPAddress.Any, 17379), Parse("listen: :17379").Listen);

    [Theory]
    [InlineData("trace", LogLevel.Trace)]
    [InlineData("debug", LogLevel.Debug)]
    [InlineData("information", LogLevel.Information)]
    [InlineData("WARNING", LogLevel.Warning)]
    [InlineData("error", LogLevel.Error)]
    [InlineData("critical", LogLevel.Critical)]
    public void Parse_LogLevel(string word, LogLevel level) => Assert.Equal(level, Parse($"log_level: {word}").LogLevel);

    [Theory]
    [InlineData("node: cp 1", "agent.yaml:1:1: node is 'cp 1', expected a name of letters, digits, '-', '_' and '.'")]
    [InlineData("node: ../cp1", "agent.yaml:1:1: node is '../cp1', expected a name of letters, digits, '-', '_' and '.'")]
    [InlineData("node: [cp1]", "agent.yaml:1:1: node is '', expected a name of letters, digits, '-', '_' and '.'")]
    [InlineData("listen: 7379", "agent.yaml:1:1: listen is '7379', expected ADDRESS:PORT or :PORT, as in :7379")]
    [InlineData("listen: cp1:7379", "agent.yaml:1:1: listen is 'cp1:7379', expected ADDRESS:PORT or :PORT, as in :7379")]
    [InlineData("listen: 10.66.0.11", "agent.yaml:1:1: listen is '10.66.0.11', expected ADDRESS:PORT or :PORT, as in :7379")]
    [InlineData("listen: 10.66.0.11:0", "agent.yaml:1:1: listen is '10.66.0.11:0', expected ADDRESS:PORT or :PORT, as in :7379")]
    [InlineData("listen: 10.66.0.11:70000", "agent.yaml:1:1: listen is '10.66.0.11:70000', expected ADDRESS:PORT or :PORT, as in :7379")]
    [InlineData("health_listen: 0.0.0.0:7380", "agent.yaml:1:1: health_listen is '0.0.0.0:7380', expected a loopback ADDRESS:PORT, as in 127.0.0.1:7380")]
    [InlineData("health_listen: 10.66.0.11:7380", "agent.yaml:1:1: health_listen is '10.66.0.11:7380', expected a loopback ADDRESS:PORT, as in 127.0.0.1:7380")]
    [InlineData("health_listen: :7380", "agent.yaml:1:1: health_listen is ':7380', expected a loopback ADDRESS:PORT, as in 127.0.0.1:7380")]
    [InlineData("log_level: loud", "agent.yaml:1:1: log_level is 'loud', expected trace, debug, information, warning, error or critical")]
    [InlineData("log_level: 2", "agent.yaml:1:1: log_level is '2', expected trace, debug, information, warning, error or critical")]
    [InlineData("socket: /tmp/agent.sock", "agent.yaml:1:1: unknown key 'socket', expected node, listen, health_listen, log_level, snapshot_every, snapshot_keep, snapshot_keep_days or snapshot_keep_verified")]
    [InlineData("node: cp1\n  listen: :1", "agent.yaml:2:9: ")]
    [InlineData("node: cp1\nnode: cp2", "agent.yaml:2:1: ")]
    [InlineData("- node", "agent.yaml: expected one YAML mapping, as in 'node: cp1'")]
    [InlineData("cp1", "agent.yaml: expected one YAML mapping, as in 'node: cp1'")]
    [InlineData("node: cp1\n---\nnode: cp2", "agent.yaml: expected one YAML mapping, as in 'node: cp1'")]
    [InlineData("? [a, b]\n: c", "agent.yaml:1:3: a key is a list or a mapping, expected a word, as in 'node: cp1'")]
    public void Parse_WhatItCannotBe_IsRefusedWithLineAndColumn(string yaml, string expected) =>
        Assert.StartsWith(expected.Replace("agent.yaml", Name, StringComparison.Ordinal), Assert.Throws<FormatException>(() => Parse(yaml)).Message, StringComparison.Ordinal);

    /// <summary>None of them may end the process or take for ever, and each says where.</summary>
    [Theory]
    [InlineData("[", 200_000)]
    [InlineData("node: [", 200_000)]
    [InlineData("{a: ", 100_000)]
    [InlineData("- ", 100_000)]
    [InlineData("? ", 100_000)]
    [InlineData(": ", 3)]
    [InlineData("a: &a [*a, ", 1000)]
    public void Parse_OneThingManyTimes_IsRefusedSoon(string what, int times)
    {
        var began = TimeProvider.System.GetTimestamp();

        var refused = Assert.Throws<FormatException>(() => Parse(string.Concat(Enumerable.Repeat(what, times))));

        Assert.StartsWith(Name + ":", refused.Message, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 10);
    }

    [Fact]
    public void Parse_ManyMistakes_AreSaidAtOnce()
    {
        var problems = Assert.Throws<FormatException>(() => Parse("nods: cp1\nlisten: 7379\n\nlog_level: loud\n")).Message.Split('\n');

        Assert.Equal(3, problems.Length);
        Assert.Equal([$"{Name}:1:1", $"{Name}:2:1", $"{Name}:4:1"], problems.Select(problem => problem[..(Name.Length + 4)]));
    }

    [Theory]
    [InlineData("listen: :7380", "0.0.0.0:7380", "127.0.0.1:7380")]
    [InlineData("health_listen: 127.0.0.1:7379", "0.0.0.0:7379", "127.0.0.1:7379")]
    [InlineData("listen: 127.0.0.1:7000\nhealth_listen: 127.0.0.1:7000", "127.0.0.1:7000", "127.0.0.1:7000")]
    public void Parse_OnePortForBothListeners_IsRefused(string yaml, string listen, string health) => Assert.Equal(
        $"{Name}: listen is {listen} and health_listen is {health}, expected two ports: one cannot have both", Assert.Throws<FormatException>(() => Parse(yaml)).Message);

    [Fact]
    public void Parse_OnePortOnTwoAddresses_IsFine() =>
        Assert.Equal("10.66.0.11:7380", Parse("listen: 10.66.0.11:7380").Listen.ToString());

    private static AgentOptions Parse(string yaml) => AgentOptions.Parse(yaml, Name, new());
}
