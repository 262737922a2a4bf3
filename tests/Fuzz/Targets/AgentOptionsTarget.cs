using System.Text;
using EtcdFleet.Agent;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>agent.yaml: options, or a refusal that names the file and the place.</summary>
internal sealed class AgentOptionsTarget() : FuzzTarget("agent-options")
{
    public override IReadOnlyList<string> Words => ["node: cp1\n", "listen: ", "health_listen: 127.0.0.1:", "log_level: debug\n", ":7379", "[::1]:1", "0.0.0.0", "socket: "];

    public override bool Try(byte[] input)
    {
        try
        {
            var options = AgentOptions.Parse(Encoding.UTF8.GetString(input), "agent.yaml", new());
            Require(System.Net.IPAddress.IsLoopback(options.HealthListen.Address) && options.Listen.Port > 0, "a health listener that strangers reach, or no port");
            return true;
        }
        catch (FormatException refused)
        {
            Require(refused.Message.Split('\n').Any(line => line.StartsWith("agent.yaml:", StringComparison.Ordinal)), $"the refusal does not say where: {refused.Message}");
            return Refused(refused.Message, longest: 400_000);
        }
    }
}
