using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

public sealed class SystemctlTests
{
    private const string Show = "/usr/bin/systemctl show etcd.service";

    private readonly FakePrograms _programs = new();

    private Systemctl Systemctl => new(HostRoot.Machine, _programs);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Show_ReadsWhatSystemdSays()
    {
        _programs.Answer(Show, "MainPID=812\nNRestarts=2\nResult=success\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nInvocationID=0f\nNeedDaemonReload=yes\n");

        var state = await Systemctl.ShowAsync("etcd.service", Token);

        Assert.Equal(
            new UnitState
            {
                LoadState = "loaded", UnitFileState = "enabled", ActiveState = "active", SubState = "running", Result = "success", InvocationId = "0f", MainPid = 812, Restarts = 2, NeedsReload = true,
            },
            state);
        Assert.False(state.Stopped);
    }

    [Fact]
    public async Task Show_UnitThatDoesNotExist_IsStopped()
    {
        _programs.Answer(Show, "LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\n");

        var state = await Systemctl.ShowAsync("etcd.service", Token);

        Assert.Equal("not-found", state.LoadState);
        Assert.True(state.Stopped);
    }

    [Theory]
    [InlineData("", 1, "System has not been booted with systemd as init system")]
    [InlineData("Nonsense\n", 0, "")]
    public async Task Show_WithoutSystemd_IsNeverTakenForStopped(string output, int exitCode, string error)
    {
        _programs.Answer(Show, output, exitCode, error);

        await Faults.MessageAsync(FaultReason.ProgramFailed, () => Systemctl.ShowAsync("etcd.service", Token));
    }

    [Theory]
    [InlineData(0, "active", true)]
    [InlineData(1, "activating", false)] // auto-restart after a failed start
    [InlineData(1, "active", true)] // the restart came up before we looked
    [InlineData(0, "inactive", false)] // an assertion failed in between
    public async Task Start_WhatTheUnitIsDecides_NotTheExitCode(int exitCode, string active, bool expected)
    {
        _programs.Answer("/usr/bin/systemctl start", "", exitCode);
        _programs.Answer(Show, $"LoadState=loaded\nActiveState={active}\n");

        Assert.Equal(expected, await Systemctl.StartAsync("etcd.service", TimeSpan.FromSeconds(1), Token));
    }

    [Fact]
    public async Task JournalTail_IsThatOfTheNewestStart()
    {
        _programs.Answer(Show + " -p InactiveExitTimestamp --value --timestamp=unix", "@1795402800\n");
        _programs.Answer("/usr/bin/journalctl --sync", "");
        _programs.Answer("/usr/bin/journalctl --no-pager -q -o cat -n 20 -u etcd.service --since @1795402800", "one\ntwo\n");

        Assert.Equal("one\ntwo", await Systemctl.JournalTailAsync("etcd.service", 20, Token));
    }

    [Fact]
    public async Task JournalTail_WithoutJournal_IsEmpty()
    {
        _programs.Answer(Show, "LoadState=loaded\nActiveState=failed\n");

        Assert.Equal("", await Systemctl.JournalTailAsync("etcd.service", 20, Token));
    }

    [Fact]
    public async Task ResetFailed_OfAnUnknownUnit_IsNoFailure()
    {
        _programs.Answer("/usr/bin/systemctl reset-failed", "", 1, "Unit etcd.service not loaded.");
        _programs.Answer(Show, "LoadState=not-found\nActiveState=inactive\n");

        await Systemctl.ResetFailedAsync("etcd.service", Token);

        Assert.Equal(2, _programs.Calls.Count);
    }
}
