using System.CommandLine;
using EtcdFleet.Coordinator.States;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>The options that every verb has.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Inventory { get; } = new("--inventory", "-i")
    {
        Description = "The inventory: a fleet.yaml, or an Ansible inventory as it is, file or folder [default: fleet.yaml in this folder]", HelpName = "PATH", Recursive = true,
    };

    public Option<string?> Pki { get; } = new("--pki")
    {
        Description = "The folder of your identity, and of the fleet CA where you keep it [default: ~/.config/etcdfleet/pki]", HelpName = "DIR", Recursive = true,
    };

    public Option<string?> State { get; } = new("--state")
    {
        Description = "The folder of the runs' journals; or an etcd, another one than the fleet's, that keeps lock and journals as well: etcd://HOST:PORT[,HOST:PORT...][/PREFIX] [default: ~/.local/state/etcdfleet]", HelpName = "DIR|URL", Recursive = true,
    };

    public Option<string?> StatePki { get; } = new("--state-pki")
    {
        Description = "With an etcd in --state: the folder of its ca.crt, and of your client.crt and client.key there [default: ~/.config/etcdfleet/state-pki]", HelpName = "DIR", Recursive = true,
    };

    public GlobalOptions() => State.Validators.Add(result =>
    {
        try
        {
            _ = result.Tokens is [{ Value: var given }] && StateAddress.IsMeant(given) ? StateAddress.Parse(given) : null;
        }
        catch (FormatException wrong)
        {
            result.AddError($"--state: {wrong.Message}");
        }
    });

    public Option<string> Output { get; } = new Option<string>("--output")
    {
        Description = "Text for people, or JSON lines for programs", HelpName = "text|json", Recursive = true, DefaultValueFactory = _ => "text",
    }.AcceptOnlyFromAmong("text", "json");

    public Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Agree beforehand; without a terminal nothing is changed without it", Recursive = true };

    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Show what would be done, and do nothing", Recursive = true };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "Plain lines, no colours and no live view (as does NO_COLOR)", Recursive = true };

    public IEnumerable<Option> All => [Inventory, Pki, State, StatePki, Output, Yes, DryRun, NoColor];
}
