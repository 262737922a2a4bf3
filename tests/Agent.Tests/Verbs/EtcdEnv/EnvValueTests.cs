using System.Diagnostics;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.EtcdEnv;

public sealed class EnvValueTests
{
    public static TheoryData<string> Values =>
    [
        "plain", "", " ", "  both ends  ", "two words", "a=b=c", "#no comment", "a #b", "; neither", "\"quoted\"", "it's", "a\\b", "trailing\\", "\\\\", "\\n", "$HOME", "${HOME}", "$", "`id`",
        "$(id)", "%i %n", "!a", "*", "~", "a,b;c|d&e<f>g(h)[i]{j}", "snowman ☃ and 𝄞", "'\"'\"'", "https://10.66.0.11:2379,https://127.0.0.1:2379", "{\"maxsize\": 100}",
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void Line_AnyText_IsReadBackBySystemdsRules(string value) =>
        Assert.Equal([new("ETCD_X", value)], EnvironmentFile.Parse(EnvValue.Line("ETCD_X", value) + "\n"));

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Line_AnyText_IsReadBackByAShell(string value)
    {
        // systemd takes its quoting from the shell's, and every Debian has one to ask.
        var start = new ProcessStartInfo("/bin/sh", ["-c", EnvValue.Line("X", value) + "\nprintf %s \"$X\""]) { RedirectStandardOutput = true, StandardOutputEncoding = System.Text.Encoding.UTF8 };
        start.Environment.Clear();
        using var shell = Process.Start(start)!;

        Assert.Equal(value, await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\0b")]
    [InlineData("a\tb")]
    [InlineData("a\u0085b")]
    [InlineData("a\ud800b")]
    [InlineData("a\ufffeb")]
    public void Line_WhatAFileCannotCarry_IsRefusedWithoutTheValue(string value)
    {
        var refused = Assert.Throws<ArgumentException>(() => EnvValue.Line("ETCD_X", value));

        Assert.DoesNotContain(value, refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1A")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("A\nB")]
    [InlineData("NOTIFY_SOCKET")]
    public void Line_NameThatSystemdDoesNotTake_IsRefused(string name) => Assert.Throws<ArgumentException>(() => EnvValue.Line(name, "a"));

    [Fact]
    public void Line_ThousandsOfRandomTexts_AreReadBack()
    {
        var random = new Random(20261123);
        const string Alphabet = "ab \"'\\$`#;=%!\u00e4{}~*\u2603";
        for (var round = 0; round < 20_000; round++)
        {
            var value = new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            Assert.Equal([new("A", value), new("B", "x")], EnvironmentFile.Parse($"{EnvValue.Line("A", value)}\n{EnvValue.Line("B", "x")}\n"));
        }
    }
}
