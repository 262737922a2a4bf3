using System.Text;
using System.Text.RegularExpressions;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>fleet.yaml: a fleet, or errors with file, line and column.</summary>
internal sealed class FleetFileTarget() : FuzzTarget("fleet-file")
{
    public override IReadOnlyList<string> Words => ["cluster: ", "nodes:\n", "- {name: cp1, address: 10.66.0.11, leader: true}\n", "role: worker", "etcd: {version: 3.6.6}\n", "agent_port: ", "kubernetes:", "release_url: ", "leader: false", "*a"];

    public override bool Try(byte[] input)
    {
        try
        {
            var fleet = FleetFile.Parse(Encoding.UTF8.GetString(input), "fleet.yaml");
            Require(fleet.ControlPlane.Count > 0 && fleet.Cluster.Length > 0, "a fleet without nodes or name");
            return true;
        }
        catch (FleetFileException refused)
        {
            Require(refused.Errors.Count > 0 && refused.Errors.All(error => Regex.IsMatch(error, "^fleet.yaml:[1-9][0-9]*:[1-9][0-9]*: ")), $"the refusal does not say where: {string.Join("; ", refused.Errors)}");
            return false;
        }
    }
}
