using System.CommandLine;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet resume [RUN]</c>: goes on with a run whose coordinator died.</summary>
internal static class ResumeCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, as in 'runs list' [default: the newest without a last word]", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "" };
        var command = new Command("resume", "Go on with a run that ended without a last word, with the plan that it was begun with") { run };
        var deadlines = new DeadlineArguments();
        deadlines.AddTo(command);
        var locks = new LockArguments();
        locks.AddTo(command);
        command.SetAction(boundary.Around(async (call, cancellationToken) =>
        {
            var scope = call.Scope();
            scope.RequireAnAnswer();
            return await operations.ResumeAsync(scope, call.Parsed.GetValue(run) ?? "", locks.Of(call.Parsed, deadlines.Of(call.Parsed, new RunOptions())), cancellationToken);
        }));
        return command;
    }
}
