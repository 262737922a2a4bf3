using System.CommandLine;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet pki init</c>.</summary>
internal static class PkiInitCommand
{
    public static Command Create(CommandBoundary boundary)
    {
        var cluster = new Option<string?>("--cluster") { Description = "The cluster's name [default: the inventory's]", HelpName = "NAME" };
        var name = new Option<string?>("--operator") { Description = "The name of the first admin [default: your user's]", HelpName = "NAME" };
        var days = PkiCommand.Days();
        var command = new Command("init", "Make the fleet CA (10 years) and your own certificate, an admin's") { cluster, name, days };
        command.SetAction(boundary.Around(call =>
        {
            var fleet = Cluster(call, call.Parsed.GetValue(cluster));
            var admin = call.Parsed.GetValue(name) ?? call.Here.UserName;
            if (!FleetIdentity.IsName(admin))
            {
                throw new CommandFault(ExitCode.Usage, $"found the operator's name '{admin}', expected letters, digits, '-', '_' and '.'; name another with --operator");
            }

            if (call.DryRun)
            {
                call.Output.Text($"would make the CA of '{fleet}' and the admin '{admin}' in {call.Pki.Path}");
                return ExitCode.Done;
            }

            var written = new Issuance(call.Pki, call.Here.Time).Initialise(fleet, admin, TimeSpan.FromDays(call.Parsed.GetValue(days)));
            call.Output.Table("", ["file"], [.. written.Select(file => (string[])[file])]);
            call.Output.Report(new RunEvent.Note($"you are the admin '{admin}' of '{fleet}' now; keep a copy of {call.Pki.CaKey} in a safe place: nobody can make another", Warning: false));
            call.Output.Report(new RunEvent.Note("next: etcdfleet pki issue agent --all", Warning: false));
            return ExitCode.Done;
        }));
        return command;
    }

    private static string Cluster(CommandCall call, string? given)
    {
        var fromInventory = call.HasInventory ? call.Fleet().Cluster : null;
        var cluster = given ?? fromInventory
            ?? throw new CommandFault(ExitCode.Usage, "found no inventory in this folder, expected the cluster's name; name the inventory with -i PATH, or the cluster with --cluster NAME");
        if (fromInventory is not null && cluster != fromInventory)
        {
            throw new CommandFault(ExitCode.Usage, $"found --cluster {cluster} and an inventory of '{fromInventory}', expected the same; leave --cluster out");
        }

        return FleetIdentity.IsName(cluster)
            ? cluster
            : throw new CommandFault(ExitCode.Usage, $"found the cluster's name '{cluster}', expected letters, digits, '-', '_' and '.', beginning with a letter or digit");
    }
}
