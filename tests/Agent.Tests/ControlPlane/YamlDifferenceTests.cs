using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class YamlDifferenceTests
{
    /// <summary>A few lines of aliases stand for more than can be compared or printed in a lifetime: they are counted where they are read.</summary>
    [Fact]
    public void Load_AliasesOfAliases_AreCountedAsOftenAsTheyStandForSomething()
    {
        var laughs = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 30).Select(level => $"a{level}: &a{level} [*a{level - 1}, *a{level - 1}, *a{level - 1}]\n"));

        Assert.Contains("20000 nodes", Assert.Throws<FormatException>(() => YamlTree.Load(laughs)).Message, StringComparison.Ordinal);
        Assert.Empty(YamlDifference.Between(YamlTree.Load("a: &a [x]\nb: [*a, *a]\n"), YamlTree.Load("a: [x]\nb: [[x], [x]]\n")));
    }

    [Theory]
    [InlineData("a: 1\nb: 2\n", "b: 2 # a remark\na: \"1\"\n")]
    [InlineData("a: {}\nb: []\nc: null\n", "d: ~\n")]
    [InlineData("apiServer: {extraArgs: {a: \"1\", b: x}}\n", "apiServer:\n  extraArgs:\n  - {name: b, value: x}\n  - name: a\n    value: 1\n")]
    public void Between_TheSameData_IsEmpty(string before, string after) => Assert.Empty(Between(before, after));

    [Theory]
    [InlineData("a: {b: 1}\n", "a: {b: 2}\n", "a.b: 1 -> 2")]
    [InlineData("a: [1, 2]\n", "a: [1, 3]\n", "a[1]: 2 -> 3")]
    [InlineData("a: [1, 2]\n", "a: [1]\n", "a: [1, 2] -> [1]")]
    [InlineData("a: 1\n", "b: 1\n", "a: 1 -> (not set)", "b: (not set) -> 1")]
    [InlineData("a: {b: {c: 1}}\n", "a: 1\n", "a: {b: {c: 1}} -> 1")]
    [InlineData("x: {extraArgs: {a: 1}}\n", "x: {extraArgs: [{name: a, value: 2}]}\n", "x.extraArgs.a: 1 -> 2")]
    [InlineData("x: {extraArgs: [{name: a, value: 1}, {name: a, value: 2}]}\n", "x: {extraArgs: [{name: a, value: 2}, {name: a, value: 1}]}\n", "x.extraArgs[0].value: 1 -> 2", "x.extraArgs[1].value: 2 -> 1")]
    public void Between_OtherData_SaysWhere(string before, string after, params string[] expected) => Assert.Equal(expected, Between(before, after));

    [Fact]
    public void Between_TheExceptedField_IsNotLookedAtAtTheTopAlone() =>
        Assert.Equal(["a.etcd: 1 -> 2"], YamlDifference.Between(YamlTree.Load("etcd: 1\na: {etcd: 1}\n"), YamlTree.Load("etcd: 2\na: {etcd: 2}\n"), except: "etcd"));

    [Fact]
    public void Losses_WhatIsAdded_IsNone() =>
        Assert.Equal(["a.b: 1 -> (not set)", "e: 1 -> 2"], YamlDifference.Losses(YamlTree.Load("a: {b: 1}\ne: 1\n"), YamlTree.Load("a: {c: 1}\nd: 1\ne: 2\n")));

    [Fact]
    public void Between_Nothing_IsAllOfTheOther() => Assert.Equal([": (not set) -> {a: 1}"], YamlDifference.Between(null, YamlTree.Load("a: 1\n")));

    private static IReadOnlyList<string> Between(string before, string after) => YamlDifference.Between(YamlTree.Load(before), YamlTree.Load(after));
}
