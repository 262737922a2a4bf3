using System.Text;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>A line of etcd.env: systemd reads the name and the value that were written, and nothing more, or the line is not written.</summary>
internal sealed class EnvironmentTarget() : FuzzTarget("environment")
{
    public override IReadOnlyList<string> Words => ["ETCD_NAME", "=", "\\\n", "\\\\", "\\\"", "`id`", "$HOME", "${HOME}", ";", "#", "NOTIFY_SOCKET", "\uFFFE", "\uFDD0", "\u001b[2J"];

    public override int Few => 4000;

    public override bool Try(byte[] input)
    {
        var (name, value) = Encoding.UTF8.GetString(input).Split('=', 2) is [var before, var after] ? (before, after) : ("ETCD_NAME", Encoding.UTF8.GetString(input));
        string line;
        try
        {
            line = EnvValue.Line(name, value);
        }
        catch (ArgumentException refused)
        {
            Require(EnvValue.NameTrouble(name).Length > 0 || EnvValue.Trouble(value).Length > 0, "refused without a reason");
            return Refused(refused.Message, longest: 500);
        }

        // Between others, so that a line which runs into its neighbours is seen.
        var read = EnvironmentFile.Parse($"# a remark\nA=\"1\"\n{line}\nB=\"2\"\n");
        Require(read.SequenceEqual([new("A", "1"), new(name, value), new("B", "2")]), $"systemd would read {string.Join("; ", read)}");
        return true;
    }
}
