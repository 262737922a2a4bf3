using EtcdFleet.Agent.Host;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

public sealed class InstalledBinariesTests : IDisposable
{
    private readonly TempHostRoot _host = new();
    private readonly FakePrograms _programs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_NothingInstalled_IsEmptyAndRunsNothing()
    {
        var release = await new InstalledBinaries(_host.Root, _programs).LookAsync(Token);

        Assert.Equal(["", "", "", ""], [release.Etcd, release.Etcdctl, release.Etcdutl, release.OtherEtcd]);
        Assert.Empty(_programs.Calls);
    }

    [Fact]
    public async Task Look_RealPrograms_SayTheirVersions()
    {
        Program("/usr/local/bin/etcd", "echo 'etcd Version: 3.6.6'; echo 'Git SHA: abc'; echo 'Go Version: go1.24'");
        Program("/usr/local/bin/etcdctl", "echo 'etcdctl version: 3.6.6'; echo 'API version: 3.6'");
        Program("/usr/local/bin/etcdutl", "echo 'etcdutl version: 3.6.6'");
        Program("/usr/bin/etcd", "echo 'etcd Version: 3.5.16'");

        var release = await new InstalledBinaries(_host.Root, new Programs(TimeProvider.System)).LookAsync(Token);

        Assert.Equal(["3.6.6", "3.6.6", "3.6.6", "/usr/bin/etcd 3.5.16"], [release.Etcd, release.Etcdctl, release.Etcdutl, release.OtherEtcd]);
    }

    [Fact]
    public async Task Look_Again_AsksOnlyWhereTheFileIsAnother()
    {
        Program("/usr/local/bin/etcd", "");
        _programs.Answer(_host.Root.At("/usr/local/bin/etcd --version"), "etcd Version: 3.6.6\n");
        var binaries = new InstalledBinaries(_host.Root, _programs);

        Assert.Equal("3.6.6", (await binaries.LookAsync(Token)).Etcd);
        Assert.Equal("3.6.6", (await binaries.LookAsync(Token)).Etcd);
        Assert.Single(_programs.Calls);

        Program("/usr/local/bin/etcd", "# replaced");
        _programs.Answer(_host.Root.At("/usr/local/bin/etcd --version"), "etcd Version: 3.6.8\n");
        Assert.Equal("3.6.8", (await binaries.LookAsync(Token)).Etcd);
    }

    [Fact]
    public async Task Look_ProgramThatFails_IsUnknownAndNeverAVersion()
    {
        Program("/usr/local/bin/etcd", "exit 1");

        var release = await new InstalledBinaries(_host.Root, new Programs(TimeProvider.System)).LookAsync(Token);

        Assert.Equal("unknown: /usr/local/bin/etcd --version ended with 1", release.Etcd);
    }

    [Fact]
    public async Task Look_LinkToOurs_IsNoOtherEtcd()
    {
        Program("/usr/local/bin/etcd", "");
        _programs.Answer(_host.Root.At("/usr/local/bin/etcd --version"), "etcd Version: 3.6.6\n");
        File.CreateSymbolicLink(_host.Root.At("/usr/bin/etcd"), _host.Root.At("/usr/local/bin/etcd"));

        Assert.Equal("", (await new InstalledBinaries(_host.Root, _programs).LookAsync(Token)).OtherEtcd);
    }

    public void Dispose() => _host.Dispose();

    private void Program(string path, string script) =>
        _host.Write(path, $"#!/bin/sh\n{script}\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
