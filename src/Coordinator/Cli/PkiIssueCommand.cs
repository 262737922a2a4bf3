using System.CommandLine;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet pki issue agent|operator</c>.</summary>
internal static class PkiIssueCommand
{
    public static Command Create(CommandBoundary boundary) => new("issue", "Issue a certificate of the fleet CA, as a bundle to carry away") { Agent(boundary), Operator(boundary) };

    private static Option<bool> Reissue() => new("--reissue") { Description = "Issue a new one although there is one; the old one is kept beside it" };

    private static Command Agent(CommandBoundary boundary)
    {
        var nodes = new Argument<string[]>("NODE") { Description = "Nodes of the inventory", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All control-plane nodes; those that have a bundle keep it" };
        var addresses = new Option<string[]>("--address") { Description = "More addresses and names of the node [default: the inventory's]", HelpName = "ADDRESS" };
        var days = PkiCommand.Days();
        var reissue = Reissue();
        var command = new Command("agent", "The bundle of a node's agent, to be unpacked in its /etc/etcdfleet/pki") { nodes, all, addresses, days, reissue };
        command.SetAction(boundary.Around(call =>
        {
            var more = call.Parsed.GetValue(addresses) ?? [];
            var targets = Targets(call, call.Parsed.GetValue(nodes) ?? [], call.Parsed.GetValue(all), more);
            var again = call.Parsed.GetValue(reissue);
            if (call.Parsed.GetValue(all) && !again)
            {
                targets = [.. targets.Where(node => !Kept(call, node))];
            }

            return Issue(call, ["node", "bundle", "expires", "the old one"], targets.Select(node => (node.Name, call.Pki.AgentBundle(node.Name), (Func<Issuance, Issue>)(issuance =>
            {
                var issued = issuance.IssueAgent(node, more, TimeSpan.FromDays(call.Parsed.GetValue(days)), again);
                call.Output.Report(new RunEvent.Note(
                    $"to node {node.Name}: scp {issued.Path} root@{node.Address}:/root/ && ssh root@{node.Address} "
                    + $"'install -d -m 0700 /etc/etcdfleet/pki && tar -C /etc/etcdfleet/pki -xf /root/{node.Name}.tar && rm /root/{node.Name}.tar'",
                    Warning: false));
                return issued;
            }))));
        }));
        return command;
    }

    private static Command Operator(CommandBoundary boundary)
    {
        var name = new Argument<string>("NAME") { Description = "The person or automation" };
        var role = new Option<string>("--role") { Description = "viewer reads, operator runs procedures, admin may everything", HelpName = "viewer|operator|admin", Required = true };
        role.AcceptOnlyFromAmong("viewer", "operator", "admin");
        var days = PkiCommand.Days();
        var reissue = Reissue();
        var command = new Command("operator", "The folder of an operator's identity, to be put in ~/.config/etcdfleet/pki") { name, role, days, reissue };
        command.SetAction(boundary.Around(call =>
        {
            var who = call.Parsed.GetRequiredValue(name);
            if (!FleetIdentity.IsName(who))
            {
                throw new CommandFault(ExitCode.Usage, $"found the operator's name '{who}', expected letters, digits, '-', '_' and '.', beginning with a letter or digit");
            }

            return Issue(call, ["operator", "folder", "expires", "the old one"],
                [(who, call.Pki.OperatorFolder(who), issuance => issuance.IssueOperator(who, call.Parsed.GetRequiredValue(role), TimeSpan.FromDays(call.Parsed.GetValue(days)), call.Parsed.GetValue(reissue)))]);
        }));
        return command;
    }

    private static ExitCode Issue(CommandCall call, string[] columns, IEnumerable<(string Name, string Path, Func<Issuance, Issue> Make)> wanted)
    {
        var issuance = new Issuance(call.Pki, call.Here.Time);
        var cluster = issuance.Cluster();
        if (call.HasInventory && call.Fleet().Cluster is var expected && cluster != expected)
        {
            throw new PkiException($"{call.Pki.Path}: found the CA of the cluster '{cluster}', expected that of '{expected}' as the inventory says; name another folder with --pki");
        }

        if (call.DryRun)
        {
            call.Output.Text(string.Join('\n', wanted.Select(one => $"would issue {one.Path}")));
            return ExitCode.Done;
        }

        var rows = new List<string[]>();
        foreach (var (name, _, make) in wanted)
        {
            var issued = make(issuance);
            rows.Add([name, issued.Path, PkiCommand.Date(issued.Expires), issued.SetAside ?? "-"]);
        }

        call.Output.Table("", columns, rows);
        return ExitCode.Done;
    }

    private static bool Kept(CommandCall call, FleetNode node)
    {
        var bundle = call.Pki.AgentBundle(node.Name);
        if (!File.Exists(bundle))
        {
            return false;
        }

        call.Output.Report(new RunEvent.Note($"{bundle} is there already and was kept; --reissue makes a new one", Warning: false));
        return true;
    }

    private static IReadOnlyList<FleetNode> Targets(CommandCall call, string[] names, bool all, string[] addresses)
    {
        if (all == names.Length > 0)
        {
            throw new CommandFault(ExitCode.Usage, all ? "found --all and a node, expected one of the two" : "found no node, expected NODE or --all");
        }

        if (addresses.Length > 0 && (all || names.Length > 1))
        {
            throw new CommandFault(ExitCode.Usage, "found --address for several nodes, expected one node: an address belongs to one");
        }

        if (all || call.HasInventory)
        {
            var fleet = call.Fleet();
            return all ? fleet.ControlPlane : [.. names.Select(name => FleetNodes.ControlPlane(fleet, name))];
        }

        return addresses is [var address, ..] && FleetIdentity.IsName(names[0])
            ? [new FleetNode { Name = names[0], Address = address }]
            : throw new CommandFault(ExitCode.Usage, "found no inventory in this folder, expected the node's address; name the inventory with -i PATH, or the address with --address");
    }
}
