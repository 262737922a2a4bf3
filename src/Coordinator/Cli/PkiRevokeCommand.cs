using System.CommandLine;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet pki revoke</c>.</summary>
internal static class PkiRevokeCommand
{
    public static Command Create(CommandBoundary boundary)
    {
        var who = new Argument<string>("NAME|SERIAL") { Description = "An operator or a node, for all that was issued to it, or one certificate's serial" };
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the list", HelpName = string.Join('|', Revocation.Reasons.Keys), Required = true };
        reason.AcceptOnlyFromAmong([.. Revocation.Reasons.Keys]);
        var command = new Command("revoke", "Take certificates back before they expire; the list that says so is for every agent") { who, reason };
        command.SetAction(boundary.Around(call =>
        {
            var revocation = new Revocation(call.Pki, call.Here.Time);
            var found = revocation.Find(call.Parsed.GetRequiredValue(who));
            if (call.DryRun)
            {
                call.Output.Text(string.Join('\n', found.Select(one => $"would revoke {one.Kind} {one.Name}, serial {one.Serial}")));
                return ExitCode.Done;
            }

            var number = revocation.Revoke(found, Revocation.Reasons[call.Parsed.GetRequiredValue(reason)]);
            call.Output.Table("", ["kind", "name", "expires", "serial"], [.. found.Select(one => (string[])[one.Kind, one.Name, PkiCommand.Date(one.Expires), one.Serial])]);
            call.Output.Report(new RunEvent.Note(
                $"{call.Pki.RevocationList} number {number} has to be on each node before it counts there: scp {call.Pki.RevocationList} root@NODE:/etc/etcdfleet/pki/{RevocationList.FileName}, "
                + "or the playbook with --tags revocation; and beside ca.crt of every other coordinator",
                Warning: true));
            if (OwnSerial(call.Pki) is { } own && found.Any(one => one.Serial == own))
            {
                call.Output.Report(new RunEvent.Note($"that was your own certificate, {call.Pki.OperatorCertificate}: put another operator's bundle there", Warning: true));
            }

            return ExitCode.Done;
        }));
        return command;
    }

    private static string? OwnSerial(PkiFolder pki)
    {
        if (!File.Exists(pki.OperatorCertificate))
        {
            return null;
        }

        using var own = PkiFiles.Certificate(pki.OperatorCertificate);
        return own.SerialNumber.ToLowerInvariant();
    }
}
