using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Runs;
using EtcdFleet.Coordinator.States;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What <c>status</c> says of the state's etcd: who has the lock there, and which run has no last word.</summary>
internal static class StateWords
{
    public static async Task SayAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        if (scope.State is null)
        {
            return;
        }

        try
        {
            using var etcd = await scope.State.OpenAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
            var present = await etcd.FindAsync(new StateKeys(etcd.Address.Prefix, scope.Fleet.Cluster).Lock, cancellationToken);
            Say(scope, present is null ? $"{etcd.Address}: nobody has the lock" : $"{etcd.Address}: the lock is that of {StateHolder.Of(present.Value)?.ToString() ?? "somebody whose name there cannot be read"}", warning: false);
            var folders = new RunFolders(scope.StateFolder, scope.Time);
            await new KeptElsewhere(scope.Fleet, agents: null, folders, scope.Reporter, scope.Time, etcd).BringInAsync(cancellationToken);
            if (Resume.Newest(scope, folders) is { } unfinished)
            {
                Say(scope, $"run {unfinished.Run} has no last word: it is at work, or its coordinator died, and then 'etcdfleet resume' goes on", warning: true);
            }
        }
        catch (Exception missing) when (missing is CommandFault or StateFault or InvalidDataException)
        {
            Say(scope, missing.Message, warning: true); // the nodes are shown all the same
        }
    }

    private static void Say(CommandScope scope, string text, bool warning) => scope.Reporter.Report(new RunEvent.Note(text, warning));
}
