using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>What the verbs rely on, held against <see cref="FakeSystemd"/> always, and against the machine's own systemd where
/// ETCDFLEET_REAL_SYSTEMD=1 says that this machine may be used for it (the lab's nodes): one body, so that the fake cannot drift.</summary>
public sealed class SystemctlContract
{
    private const string Unit = "etcdfleet-contract.service";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Systemds => Environment.GetEnvironmentVariable("ETCDFLEET_REAL_SYSTEMD") == "1" ? ["fake", "real"] : ["fake"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Systemds))]
    public async Task Unit_ThatDoesNotExist_IsNotFoundAndStopped(string which)
    {
        using var subject = new Subject(which);

        var state = await subject.Systemd.ShowAsync("etcdfleet-no-such.service", Token);

        Assert.Equal(("not-found", "", "inactive", "", true), (state.LoadState, state.UnitFileState, state.ActiveState, state.InvocationId, state.Stopped));
        Assert.False(await subject.Systemd.StartAsync("etcdfleet-no-such.service", Soon, Token));
    }

    [Theory, MemberData(nameof(Systemds))]
    public async Task Enable_DoesNotStart_AndDisableDoesNotStop(string which)
    {
        using var subject = await Subject.InstallAsync(which);

        await subject.Systemd.EnableAsync(Unit, Token);
        var enabled = await subject.Systemd.ShowAsync(Unit, Token);
        Assert.Equal(("loaded", "enabled", "inactive"), (enabled.LoadState, enabled.UnitFileState, enabled.ActiveState));

        await subject.Systemd.StartAsync(Unit, Soon, Token);
        await subject.Systemd.DisableAsync(Unit, Token);
        var disabled = await subject.Systemd.ShowAsync(Unit, Token);
        Assert.Equal(("disabled", "active"), (disabled.UnitFileState, disabled.ActiveState));
    }

    [Theory, MemberData(nameof(Systemds))]
    public async Task Enable_WithoutAFile_Fails(string which)
    {
        using var subject = new Subject(which);

        await Faults.MessageAsync(FaultReason.ProgramFailed, () => subject.Systemd.EnableAsync("etcdfleet-no-such.service", Token));
    }

    [Theory, MemberData(nameof(Systemds))]
    public async Task Start_EndsWhenTheUnitIsReady_AndStopWhenItIsGone(string which)
    {
        using var subject = await Subject.InstallAsync(which);

        Assert.True(await subject.Systemd.StartAsync(Unit, Soon, Token));
        var first = await subject.Systemd.ShowAsync(Unit, Token);
        Assert.Equal(("active", "running", "success", 32), (first.ActiveState, first.SubState, first.Result, first.InvocationId.Length));
        Assert.True(first.MainPid > 1);
        Assert.True(await subject.Systemd.StartAsync(Unit, Soon, Token)); // running already
        Assert.Equal(first.InvocationId, (await subject.Systemd.ShowAsync(Unit, Token)).InvocationId);

        Assert.True(await subject.Systemd.StopAsync(Unit, Soon, Token));
        var stopped = await subject.Systemd.ShowAsync(Unit, Token);
        Assert.Equal(("inactive", "dead", 0, true), (stopped.ActiveState, stopped.SubState, stopped.MainPid, stopped.Stopped));

        Assert.True(await subject.Systemd.StartAsync(Unit, Soon, Token));
        Assert.NotEqual(first.InvocationId, (await subject.Systemd.ShowAsync(Unit, Token)).InvocationId);
    }

    [Theory, MemberData(nameof(Systemds))]
    public async Task Start_ThatFails_GoesIntoAutoRestart_AndStopEndsIt(string which)
    {
        using var subject = await Subject.InstallAsync(which, fails: true);

        Assert.False(await subject.Systemd.StartAsync(Unit, Soon, Token));
        var failed = await subject.Systemd.ShowAsync(Unit, Token);
        Assert.Equal(("activating", "auto-restart", "exit-code", 0, false), (failed.ActiveState, failed.SubState, failed.Result, failed.MainPid, failed.Stopped));
        Assert.Contains("this is why", await subject.Systemd.JournalTailAsync(Unit, 20, Token), StringComparison.Ordinal);

        Assert.True(await subject.Systemd.StopAsync(Unit, Soon, Token));
        Assert.True((await subject.Systemd.ShowAsync(Unit, Token)).Stopped);
    }

    [Theory, MemberData(nameof(Systemds))]
    public async Task Start_NeverReady_EndsAtTheTimeLimit_AndStopEndsIt(string which)
    {
        using var subject = await Subject.InstallAsync(which, neverReady: true);

        Assert.False(await subject.Systemd.StartAsync(Unit, TimeSpan.FromSeconds(1), Token));
        var state = await subject.Systemd.ShowAsync(Unit, Token);
        Assert.Equal(("activating", "start"), (state.ActiveState, state.SubState));
        Assert.True(state.MainPid > 1);

        Assert.True(await subject.Systemd.StopAsync(Unit, Soon, Token));
    }

    [Theory, MemberData(nameof(Systemds))]
    public async Task Start_AssertedPathIsThere_StartsNothing(string which)
    {
        using var subject = await Subject.InstallAsync(which);
        subject.Block();

        Assert.False(await subject.Systemd.StartAsync(Unit, Soon, Token));
        Assert.True((await subject.Systemd.ShowAsync(Unit, Token)).Stopped); // FACTS 7
    }

    [Theory, MemberData(nameof(Systemds))]
    public async Task File_ChangedSince_NeedsAReload(string which)
    {
        using var subject = await Subject.InstallAsync(which);
        await subject.Systemd.StartAsync(Unit, Soon, Token);

        subject.Append("# changed\n");
        Assert.True((await subject.Systemd.ShowAsync(Unit, Token)).NeedsReload);

        await subject.Systemd.ReloadAsync(Token);
        Assert.False((await subject.Systemd.ShowAsync(Unit, Token)).NeedsReload);
    }

    /// <summary>One systemd with one unit of the contract's own, taken away at the end.</summary>
    private sealed class Subject : IDisposable
    {
        private const string Blocker = "/run/etcdfleet-contract-blocker";

        private readonly TempHostRoot? _host;
        private readonly HostRoot _root;

        public Subject(string which)
        {
            _host = which == "fake" ? new TempHostRoot() : null;
            _root = _host?.Root ?? HostRoot.Machine;
            Systemd = _host is null ? new Systemctl(_root, new Programs(TimeProvider.System)) : new FakeSystemd(_root, TimeProvider.System);
        }

        public ISystemd Systemd { get; }

        private string UnitFile => Path.Combine(_root.Units, Unit);

        public static async Task<Subject> InstallAsync(string which, bool fails = false, bool neverReady = false)
        {
            var subject = new Subject(which);
            var script = fails ? "echo this is why; exit 1" : $"{(neverReady ? "" : "systemd-notify --ready; ")}exec sleep 300";
            File.WriteAllText(subject.UnitFile, $"""
                [Unit]
                AssertPathExists=!{Blocker}
                StartLimitIntervalSec=0
                [Service]
                Type=notify
                NotifyAccess=all
                ExecStart=/bin/sh -c '{script}'
                Restart=always
                RestartSec=5s
                TimeoutStartSec=infinity
                [Install]
                WantedBy=multi-user.target

                """);
            if (subject.Systemd is FakeSystemd fake)
            {
                (fake.StartFails, fake.NeverReady, fake.Journal) = (fails, neverReady, "this is why");
            }

            await subject.Systemd.ReloadAsync(Token);
            return subject;
        }

        public void Block()
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_root.At(Blocker))!);
            File.WriteAllText(_root.At(Blocker), "");
        }

        public void Append(string text)
        {
            File.AppendAllText(UnitFile, text);
            File.SetLastWriteTimeUtc(UnitFile, DateTime.UtcNow + TimeSpan.FromSeconds(2)); // systemd compares times
        }

        public void Dispose()
        {
            Systemd.StopAsync(Unit, Soon, CancellationToken.None).GetAwaiter().GetResult();
            Systemd.DisableAsync(Unit, CancellationToken.None).ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
            File.Delete(UnitFile);
            if (File.Exists(_root.At(Blocker)))
            {
                File.Delete(_root.At(Blocker));
            }

            Systemd.ReloadAsync(CancellationToken.None).GetAwaiter().GetResult();
            Systemd.ResetFailedAsync(Unit, CancellationToken.None).GetAwaiter().GetResult();
            _host?.Dispose();
        }
    }
}
