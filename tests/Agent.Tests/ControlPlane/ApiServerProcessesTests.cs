using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class ApiServerProcessesTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public void Find_TheManifestsOwn_SaysWhenItBegan()
    {
        _node.Proc.Run(4711, _node.Command, seconds: 90);

        var process = Assert.Single(Find());

        Assert.Equal((4711, true, DateTimeOffset.FromUnixTimeSeconds(FakeProc.Booted + 90)), (process.Pid, process.AsManifest, process.Started));
        Assert.Equal(_node.Command, process.Command);
    }

    [Fact]
    public void Find_StartedByItsPath_IsTheSameProgram()
    {
        _node.Proc.Run(4711, _node.Command.Skip(1).Prepend("/usr/local/bin/kube-apiserver"));

        Assert.True(Assert.Single(Find()).AsManifest);
    }

    [Fact]
    public void Find_OneWithTheFlagsFromBefore_IsNotAsTheManifest()
    {
        _node.Proc.Run(4711, _node.Command.Select(word => word.Replace("https://127.0.0.1:2379", "https://10.66.0.11:2379")));

        Assert.False(Assert.Single(Find()).AsManifest);
    }

    [Fact]
    public void Find_OneWithAFlagLessOrMore_IsNotAsTheManifest()
    {
        _node.Proc.Run(1, _node.Command.SkipLast(1));
        _node.Proc.Run(2, _node.Command.Append("--v=2"));

        Assert.Equal([false, false], Find().Select(process => process.AsManifest));
    }

    [Fact]
    public void Find_Several_AreInTheOrderOfTheirStart()
    {
        _node.Proc.Run(3, _node.Command, seconds: 300);
        _node.Proc.Run(9, _node.Command, seconds: 100);

        Assert.Equal([9, 3], Find().Select(process => process.Pid));
    }

    [Theory]
    [InlineData("--secure-port=6443", "--secure-port=16443")] // a nested cluster's, on another port
    [InlineData("--advertise-address=10.66.0.11", "--advertise-address=172.18.0.2")]
    [InlineData("kube-apiserver", "kube-apiserver-proxy")]
    public void Find_SomebodyElses_IsNoneOfThem(string from, string to)
    {
        _node.Proc.Run(4711, _node.Command.Select(word => word == from ? to : word));

        Assert.Empty(Find());
    }

    [Theory]
    [InlineData('Z')]
    [InlineData('X')]
    public void Find_ADeadOne_IsNoneOfThem(char state)
    {
        _node.Proc.Run(4711, _node.Command, state: state);

        Assert.Empty(Find());
    }

    [Fact]
    public void Find_GoneInBetween_IsNoneOfThem()
    {
        _node.Proc.Run(4711, _node.Command);
        File.Delete(Path.Combine(_node.Root.Proc, "4711", "stat"));
        Directory.CreateDirectory(Path.Combine(_node.Root.Proc, "4712"));

        Assert.Empty(Find());
    }

    [Fact]
    public void Find_WhatTheKubeletReplaces_IsComparedUpToThere()
    {
        var text = _node.ManifestText.Replace("--audit-log-maxage=30", "--audit-log-path=/var/log/$(NODE)/audit.log");
        _node.Host.Write(ControlPlaneNode.Manifest, text);
        _node.Proc.Run(1, _node.Command.Select(word => word.Replace("$(NODE)", "cp1")));
        _node.Proc.Run(2, _node.Command.Select(word => word.Replace("/var/log/$(NODE)", "/srv/cp1")), seconds: 101);

        Assert.Equal([true, false], Find().Select(process => process.AsManifest));
    }

    [Fact]
    public void Find_TheSameAddressWrittenOtherwise_IsTheSame()
    {
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText.Replace("--advertise-address=10.66.0.11", "--advertise-address=fd00::11"));
        _node.Proc.Run(1, _node.Command.Select(word => word.Replace("fd00::11", "fd00:0::0011")));

        Assert.Single(Find());
    }

    public void Dispose() => _node.Dispose();

    private IReadOnlyList<RunningApiServer> Find() => new ApiServerProcesses(_node.Root).Find(_node.Manifests.Get().Manifest);
}
