using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.TestKit;

namespace EtcdFleet.Coordinator.Tests.Cli;

/// <summary>The command in a home and a folder of its own, called as a shell would call it.</summary>
internal sealed class CliFixture : IDisposable
{
    public const string Inventory = """
        cluster: kkg
        nodes:
          - {name: cp1, address: 127.0.0.1, leader: true}
          - {name: cp2, address: 127.0.0.2}
          - {name: w1, address: 127.0.0.3, role: worker}
        etcd: {version: 3.6.6}
        """;

    private readonly TemporaryFolder _folder = new();

    public RecordingOperations Operations { get; } = new();

    public bool HasOperations { get; init; } = true;

    public bool IsInteractive { get; init; }

    public PkiFolder Pki => new(_folder.At(".config", "etcdfleet", "pki"));

    public string At(params ReadOnlySpan<string> parts) => _folder.At(parts);

    public CliFixture WithInventory(string text = Inventory)
    {
        _folder.Write("fleet.yaml", text);
        return this;
    }

    public CliFixture WithIdentity()
    {
        new Issuance(Pki, TimeProvider.System).Initialise("kkg", "ann", TimeSpan.FromDays(365));
        return this;
    }

    public Task<CliResult> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public async Task<CliResult> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var console = new CapturedConsole { IsInteractive = IsInteractive };
        var here = new Surroundings { Streams = console.Streams, Home = _folder.Path, CurrentFolder = _folder.Path, UserName = "ann", Time = TimeProvider.System };
        var command = HasOperations
            ? new CommandLine(here, Operations, state => new RunCatalogue(new RunFolders(state, here.Time)))
            : new CommandLine(here);
        var exit = await command.RunAsync(arguments, cancellationToken);
        return new((ExitCode)exit, console.Out, console.Error);
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>What a call left behind.</summary>
internal sealed record CliResult(ExitCode Exit, string Out, string Error);
