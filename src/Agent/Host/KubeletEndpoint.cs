using System.Text.RegularExpressions;

namespace EtcdFleet.Agent.Host;

/// <summary>Where the kubelet has its container runtime: the same place is asked, or the answer would mean nothing.</summary>
internal static partial class KubeletEndpoint
{
    /// <summary>What the kubelet assumes, and kubeadm writes, where nothing else is said.</summary>
    public const string Standard = "unix:///run/containerd/containerd.sock";

    /// <summary>The endpoint in force. A flag goes before the configuration, the last flag before earlier ones, and kubeadm's
    /// instance-config.yaml (from 1.35) before the config.yaml that it patches.</summary>
    /// <exception cref="IOException">One of the files cannot be read.</exception>
    public static string Find(HostRoot root)
    {
        string[] flagFiles = ["/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet", "/etc/sysconfig/kubelet"];
        string[] configurations = ["/var/lib/kubelet/config.yaml", "/var/lib/kubelet/instance-config.yaml"];
        return Last(root, flagFiles, FlagPattern()) ?? Last(root, configurations, SettingPattern()) ?? Standard;
    }

    private static string? Last(HostRoot root, string[] files, Regex pattern) =>
        files.Select(root.At).Where(File.Exists).SelectMany(file => pattern.Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value).LastOrDefault(value => value.Length > 0);

    [GeneratedRegex(@"^[^#\n]*--container-runtime-endpoint[= ]([^\s""']+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex FlagPattern();

    [GeneratedRegex(@"^containerRuntimeEndpoint:[ \t]*[""']?([^\s""'#]*)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex SettingPattern();
}
