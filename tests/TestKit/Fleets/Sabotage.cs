using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.TestKit;

/// <summary>Makes one step of a cutover fail, whatever it is: the plan's steps are enumerated, and each has its way to go wrong.</summary>
internal static class Sabotage
{
    /// <summary>From the moment at which the step begins; what only a gate minds is well again as soon as the undo begins.</summary>
    public static void At(FleetRun run, FakeFleet fleet, string node, string step)
    {
        var (before, broken) = (run.Reporter.On, false);
        run.Reporter.On = happened =>
        {
            before(happened);
            switch (happened)
            {
                case RunEvent.StepStarted { Undoing: false } started when !broken && started.Id == new StepId("A3", node, step):
                    broken = true; // and not again, when the same gate is asked after the undo
                    Break(fleet, fleet[node], step);
                    break;
                case RunEvent.StepStarted { Undoing: true }:
                    fleet[node].Corrupt = false;
                    break;
            }
        };
    }

    private static void Break(FakeFleet fleet, FakeNode node, string step)
    {
        switch (step)
        {
            case "others-healthy":
                fleet.Nodes.First(other => other != node).Sick = "https://127.0.0.1:2379: connection refused";
                break;
            case "move-leader-away":
                fleet.Leader = node.MemberId;
                fleet.With("MoveLeader", node.Name, new(FaultKind.Fail));
                break;
            case "stash-manifest":
                fleet.With("StashManifest", node.Name, new(FaultKind.Fail));
                break;
            case "await-pod-gone":
                node.PodSticks = true;
                break;
            case "chown-etcd-files":
                fleet.With("ChownEtcdFiles", node.Name, new(FaultKind.FailAfterChange));
                break;
            case "start-etcd":
                node.StartFails = true;
                break;
            case "etcd-healthy":
                node.SickUnderSystemd = "alarms: CORRUPT at a2";
                break;
            case "members-agree":
                node.Corrupt = true;
                break;
            default:
                throw new NotSupportedException($"{step} has no way to fail yet: a new step needs one here");
        }
    }
}
