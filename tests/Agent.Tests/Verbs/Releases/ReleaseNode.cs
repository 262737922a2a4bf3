using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

/// <summary>A scratch node and a web server, with the verbs of releases between them.</summary>
internal sealed class ReleaseNode : IAsyncDisposable
{
    public const string Version = "3.6.6";
    public const string Pattern = "/v${version}/etcd-v${version}-linux-${arch}.tar.gz";

    private ReleaseNode(DownloadServer server)
    {
        Server = server;
        Systemd = new FakeSystemd(Root, Clock);
        Http = server.Client(ReleaseSource.CreateHandler());
    }

    public TempHostRoot Host { get; } = new();

    public HostRoot Root => Host.Root;

    public DownloadServer Server { get; }

    public HttpMessageInvoker Http { get; }

    /// <summary>For the names of set-aside files, and for how long silence lasts.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    public FakeSystemd Systemd { get; }

    public List<Progress> Reports { get; } = [];

    public static string Path { get; } = $"/v{Version}/{ReleaseName.Tarball(Version)}";

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Names in the cache, hidden ones too.</summary>
    public IEnumerable<string> Cache => Directory.EnumerateFileSystemEntries(System.IO.Path.Combine(Root.State, "releases")).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public IEnumerable<string> Binaries => Directory.EnumerateFileSystemEntries(Root.Binaries).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static SkippingTime Clock { get; } = new();

    /// <summary>Every program that was run.</summary>
    public List<string> Run { get; } = [];

    private EtcdPrograms Programs => new(Root, new InstalledBinaries(Root, new Watched(Run), new InstalledPrograms(Root, Records)));

    private ReleaseCache Releases => new(Root, new Ownership(Root), Time);

    private ReleaseRecords Records => new(Root, new Ownership(Root), Time);

    public static async Task<ReleaseNode> StartAsync() => new(await DownloadServer.StartAsync());

    /// <summary>Serves a tarball as the release, and gives its digest.</summary>
    public string Serve(byte[] tarball)
    {
        Server.File(Path, tarball);
        return TestTarball.Digest(tarball);
    }

    public Task<FetchedRelease> FetchAsync(string sha256, string? url = null, string version = Version) =>
        new FetchRelease(Root, Releases, new ReleaseSource(Http, Time), Programs).RunAsync(
            new() { Version = version, Url = url ?? Server.Http + Pattern, Sha256 = sha256 }, new VerbContext(Reports.Add), Token);

    public Task<InstallReleaseResponse> InstallAsync(string version = Version) =>
        new InstallRelease(Root, Releases, Programs, Records).RunAsync(new() { Version = version }, VerbContext.Silent, Token);

    public Task<RemoveReleaseResponse> RemoveAsync() => new RemoveRelease(Root, Systemd, Programs, Records).RunAsync(new(), VerbContext.Silent, Token);

    /// <summary>A program of the user's own in /usr/local/bin.</summary>
    public void Program(string name, string says) =>
        Host.Write($"/usr/local/bin/{name}", $"#!/bin/sh\necho '{says}'\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Host.Dispose();
    }

    /// <summary>The host's programs, run for real.</summary>
    private sealed class Watched(List<string> run) : IPrograms
    {
        private readonly Programs _programs = new(TimeProvider.System);

        public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
        {
            run.Add(file);
            return _programs.RunAsync(file, arguments, timeout, cancellationToken);
        }

        public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken)
        {
            run.Add(file);
            return _programs.RunAsync(file, arguments, environment, timeout, cancellationToken);
        }
    }
}
