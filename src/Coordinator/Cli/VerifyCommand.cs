using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet verify</c>: the DC list.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var command = new Command("verify", "Prove that the migration is done, each condition with its evidence");
        var report = new Option<string>("--report")
        {
            Description = "Also write a record that stands by itself: when, who, which plan, every gate's figures, each condition", HelpName = "FILE", DefaultValueFactory = _ => "",
        };
        command.Add(report);
        command.SetAction(boundary.Around((call, cancellationToken) => operations.VerifyAsync(call.Scope(), call.Parsed.GetValue(report) ?? "", cancellationToken)));
        return command;
    }
}
