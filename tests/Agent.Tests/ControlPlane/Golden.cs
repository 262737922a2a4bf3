using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

/// <summary>Files as kubeadm writes them: 1.36-rich by a real kubeadm 1.36.2, the others after its source; by-hand is what people make of them.</summary>
internal static class Golden
{
    private static string Folder => Root.Of("tests", "Agent.Tests", "ControlPlane", "Golden");

    /// <summary>The ClusterConfigurations, by file name.</summary>
    public static IEnumerable<string> Configurations => Directory.EnumerateFiles(Folder, "*.yaml").Select(file => Path.GetFileName(file)).Where(name => !name.EndsWith("-apiserver.yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));
}
