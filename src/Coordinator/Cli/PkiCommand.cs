using System.CommandLine;
using System.Globalization;
using EtcdFleet.Coordinator.Pki;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet pki init|issue|revoke|list</c>.</summary>
internal static class PkiCommand
{
    public static Command Create(CommandBoundary boundary) => new("pki", "The fleet's own CA and the identities of agents and operators")
    {
        PkiInitCommand.Create(boundary),
        PkiIssueCommand.Create(boundary),
        PkiRevokeCommand.Create(boundary),
        List(boundary),
    };

    /// <summary><c>--days</c>: how long a certificate is good for. Default 365.</summary>
    public static Option<int> Days()
    {
        var days = new Option<int>("--days") { Description = "How long the certificate is good for", HelpName = "N", DefaultValueFactory = _ => 365 };
        days.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.GetValueOrDefault<int>() is < 1 or > 3650)
            {
                result.AddError("--days: expected 1 to 3650");
            }
        });
        return days;
    }

    public static string Date(DateTime utc) => utc.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Command List(CommandBoundary boundary)
    {
        var command = new Command("list", "Every certificate that the CA has issued, and when it expires");
        command.SetAction(boundary.Around(call =>
        {
            var now = call.Here.Time.GetUtcNow().UtcDateTime;
            var issued = new Issuance(call.Pki, call.Here.Time).List();
            if (issued.Count == 0)
            {
                throw new PkiException($"{call.Pki.Path}: found nothing issued, expected the folder of the fleet CA; make one with 'etcdfleet pki init', or name it with --pki");
            }

            var revoked = Revocation.Read(call.Pki)?.Revoked;
            call.Output.Table("", ["kind", "name", "expires", "days left", "serial"],
                [.. issued.Select(one => (string[])[one.Kind, one.Name, Date(one.Expires), revoked?.ContainsKey(one.Serial) == true ? "revoked" : one.Expires <= now ? "expired" : $"{Math.Ceiling((one.Expires - now).TotalDays):0}", one.Serial])]);
            return ExitCode.Done;
        }));
        return command;
    }
}
