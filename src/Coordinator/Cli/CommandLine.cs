using System.CommandLine;
using System.CommandLine.Invocation;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>The <c>etcdfleet</c> command: its verbs, and what is true for all of them.</summary>
/// <param name="here">Where it was started.</param>
/// <param name="operations">What the verbs on a fleet do; without it they are not there.</param>
/// <param name="catalogue">Opens the runs of a state folder; without it <c>runs</c> is not there.</param>
internal sealed class CommandLine(Surroundings here, IOperations? operations = null, Func<string, IRunCatalogue>? catalogue = null)
{
    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="cancellationToken">Cancels: the verb at work is finished, nothing new is begun.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var options = new GlobalOptions();
        var boundary = new CommandBoundary(here, options);
        // No response files: a word that begins with @ is only a word.
        var parsed = Root(options, boundary).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return boundary.Usage(parsed);
        }

        var invocation = new InvocationConfiguration
        {
            Output = here.Streams.Out,
            Error = here.Streams.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // signals are Interruption's
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (IOException)
        {
            // The reader of --help is gone, as in "etcdfleet --help | head -1"; verbs see to their own output.
            return (int)ExitCode.Unexpected;
        }
    }

    private RootCommand Root(GlobalOptions options, CommandBoundary boundary)
    {
        var root = new RootCommand("Moves a kubeadm cluster's etcd from static Pods to systemd, and runs it there.\nResults go to stdout, progress to stderr. Exit codes: 0 done, 1 unexpected, 2 usage, 3 refused, 4 failed and undone, 5 undo failed, 6 locked, 130 cancelled.");
        foreach (var option in options.All)
        {
            root.Add(option);
        }

        if (operations is not null)
        {
            root.Add(PlanCommand.Create(boundary, operations));
            root.Add(MigrateCommand.Create(boundary, operations));
            root.Add(RollbackCommand.Create(boundary, operations));
            root.Add(RestoreCommand.Create(boundary, operations));
            root.Add(ResumeCommand.Create(boundary, operations));
            root.Add(RunbookCommand.Create(boundary, operations));
            root.Add(SnapshotCommand.Create(boundary, operations.Snapshots));
            root.Add(StatusCommand.Create(boundary, operations));
            root.Add(VerifyCommand.Create(boundary, operations));
        }

        if (catalogue is not null)
        {
            root.Add(RunsCommand.Create(boundary, catalogue));
        }

        root.Add(PkiCommand.Create(boundary));
        root.Add(CompletionCommand.Create(boundary));
        return root;
    }
}
