using System.Globalization;
using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>The static Pods that read etcd or act on what an apiserver says, and where their manifests lie during a restore.</summary>
/// <remarks>A folder of its own: the stash holds another kube-apiserver.yaml, the one that a rollback wants.</remarks>
internal sealed class ControlPlaneManifests(HostRoot root)
{
    public static IReadOnlyList<string> Programs { get; } = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

    public string Stash => Path.Combine(root.Stash, "restore");

    public string InUse(string program) => Path.Combine(root.Manifests, $"{program}.yaml");

    public string Stashed(string program) => Path.Combine(Stash, $"{program}.yaml");

    /// <summary>The processes of a stashed manifest: of its program, with its words. An apiserver is one also with other words, as long as its address is the same.</summary>
    /// <exception cref="AgentFault">MANIFEST_UNREADABLE.</exception>
    public IReadOnlyList<string> Processes(string program)
    {
        var words = Command(program);
        var address = Value(words, "--advertise-address");
        return
        [
            .. from folder in Directory.EnumerateDirectories(root.Proc)
               let pid = Path.GetFileName(folder)
               where int.TryParse(pid, CultureInfo.InvariantCulture, out _)
               let command = CommandLine(folder)
               where command.Length > 0 && command[0].Split('/')[^1] == program
               where address is not null ? Value(command, "--advertise-address") == address : Same(command, words)
               select $"{program} {pid}",
        ];
    }

    private IReadOnlyList<string> Command(string program)
    {
        try
        {
            var tree = YamlTree.Load(Encoding.UTF8.GetString(File.ReadAllBytes(Stashed(program))).TrimStart('\uFEFF')) as YamlTree.Mapping ?? throw new FormatException("it is not a Pod");
            var container = tree.Map("spec")?.Maps("containers").FirstOrDefault(container => container.Text("name") == program) ?? throw new FormatException($"it has no container {program}");
            return [.. container.Texts("command"), .. container.Texts("args")];
        }
        catch (FormatException problem)
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"{root.Name(Stashed(program))} cannot be used: {problem.Message}. Expected a static Pod as kubeadm writes it.", problem);
        }
    }

    private static bool Same(string[] command, IReadOnlyList<string> words) => command.Length == words.Count && command.Zip(words).Skip(1).All(word =>
        word.Second.IndexOf('$') is var dollar and >= 0 ? word.First.StartsWith(word.Second[..dollar], StringComparison.Ordinal) : word.First == word.Second);

    private static string? Value(IEnumerable<string> command, string flag) =>
        command.LastOrDefault(word => word.StartsWith($"{flag}=", StringComparison.Ordinal))?[(flag.Length + 1)..];

    /// <summary>A zombie has no command line any more.</summary>
    private static string[] CommandLine(string folder)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline"))).TrimEnd('\0') is { Length: > 0 } text ? text.Split('\0') : [];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
