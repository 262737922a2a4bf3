using System.Reflection;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent;

/// <summary>What the executable says without running the service.</summary>
internal static class ProgramInfo
{
    /// <summary>The package's version.</summary>
    public static string Text { get; } = typeof(ProgramInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static int Print()
    {
        Terminal.Write($"etcdfleet-agent {Text}");
        return 0;
    }

    public static int Usage(string[] args)
    {
        Terminal.WriteError($"etcdfleet-agent: found {string.Join(' ', args)}, expected no argument, or --version. It is run by systemd: systemctl status etcdfleet-agent");
        return 2;
    }

    public static int Refuse(string problem)
    {
        Terminal.WriteError($"etcdfleet-agent does not start: {problem}");
        return 2;
    }
}
