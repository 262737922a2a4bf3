using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>etcd.service for one node. The template is systemd/etcd.service of the repository, carried in the executable.</summary>
internal static class UnitTemplate
{
    /// <summary>The unit file's bytes.</summary>
    /// <exception cref="AgentFault">MANIFEST_UNREADABLE: a unit file cannot name this data dir.</exception>
    public static byte[] Render(HostRoot root, string dataDir)
    {
        // ReadWritePaths= takes a list: a blank would make two paths of one.
        if (dataDir.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '"' or '\'' or '\\'))
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"the data dir is '{dataDir}', expected a path without blanks, quotes and backslashes: a unit file cannot name it safely.");
        }

        using var resource = typeof(UnitTemplate).Assembly.GetManifestResourceStream("etcd.service")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return Encoding.UTF8.GetBytes(reader.ReadToEnd()
            .Replace("@ENV_FILE@", Escape(root.Name(root.EtcdEnv)), StringComparison.Ordinal)
            .Replace("@MANIFEST@", Escape(root.Name(root.EtcdManifest)), StringComparison.Ordinal)
            .Replace("@DATA_DIR@", Escape(dataDir), StringComparison.Ordinal));
    }

    /// <summary>'%' begins a specifier.</summary>
    private static string Escape(string path) => path.Replace("%", "%%", StringComparison.Ordinal);
}
