using System.CommandLine;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Coordinator.Pki;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>Stands around every verb: opens its output, turns whatever it throws into words and an exit code.</summary>
internal sealed class CommandBoundary(Surroundings here, GlobalOptions options)
{
    /// <summary>For <see cref="Command.SetAction(Func{ParseResult, CancellationToken, Task{int}})"/>.</summary>
    public Func<ParseResult, CancellationToken, Task<int>> Around(Func<CommandCall, CancellationToken, Task<ExitCode>> verb) => async (parsed, cancellationToken) =>
    {
        using var output = Open(parsed);
        using var call = new CommandCall(here, options, parsed, output);
        var exit = await EndOf(() => verb(call, cancellationToken), output, cancellationToken);
        output.Exit(exit);
        return (int)exit;
    };

    /// <summary>For verbs that wait for nothing.</summary>
    public Func<ParseResult, CancellationToken, Task<int>> Around(Func<CommandCall, ExitCode> verb) => Around((call, _) => Task.FromResult(verb(call)));

    /// <summary>Says what is wrong with the command line.</summary>
    public int Usage(ParseResult parsed)
    {
        using var output = Open(parsed);
        foreach (var problem in UsageErrors.Of(parsed))
        {
            output.Error(ExitCode.Usage, problem);
        }

        output.Exit(ExitCode.Usage);
        return (int)ExitCode.Usage;
    }

    private ICommandOutput Open(ParseResult parsed) => Format(parsed) == "json"
        ? new JsonReporter(here.Streams.Out, here.Time)
        : new TextReporter(here.Streams, here.Streams.IsLive && !parsed.GetValue(options.NoColor), here.Time);

    private string? Format(ParseResult parsed)
    {
        try
        {
            return parsed.GetValue(options.Output);
        }
        catch (InvalidOperationException)
        {
            // It is what is wrong with the command line.
            return "text";
        }
    }

    private static async Task<ExitCode> EndOf(Func<Task<ExitCode>> verb, ICommandOutput output, CancellationToken cancellationToken)
    {
        try
        {
            return await verb();
        }
        catch (CommandFault fault)
        {
            return Said(output, fault.Exit, fault.Message);
        }
        catch (FleetFileException inventory)
        {
            foreach (var error in inventory.Errors)
            {
                output.Error(ExitCode.Usage, error);
            }

            return ExitCode.Usage;
        }
        catch (PkiException pki)
        {
            return Said(output, ExitCode.Refused, pki.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Said(output, ExitCode.Cancelled, "cancelled");
        }
        catch (AgentCallException call)
        {
            return Said(output, ExitCode.Unexpected, call.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Said(output, ExitCode.Unexpected, error.Message);
        }
        catch (Exception bug)
        {
            return Said(output, ExitCode.Unexpected, $"this should not have happened, please report it: {bug}");
        }
    }

    private static ExitCode Said(ICommandOutput output, ExitCode exit, string message)
    {
        output.Error(exit, message);
        return exit;
    }
}
