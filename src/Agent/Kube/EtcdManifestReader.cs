using System.Text;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Kube;

/// <summary>Reads the manifest of etcd's static Pod as the kubelet and etcd read it, and collects everything that systemd could not do alike.</summary>
internal static class EtcdManifestReader
{
    /// <summary>The most that a manifest may have, in bytes; kubeadm's has about 2,500.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Reads a manifest. What cannot be carried over to systemd is in <see cref="EtcdManifest.Problem"/>, all of it.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="name">What the file is called, for messages.</param>
    /// <exception cref="AgentFault">MANIFEST_UNREADABLE: not YAML, or not a Pod with an etcd container. Nothing else is thrown.</exception>
    public static EtcdManifest Read(ReadOnlySpan<byte> content, string name)
    {
        try
        {
            var pod = new PodReader(Tree(content));
            return EtcdSettings.Manifest(pod);
        }
        catch (FormatException problem)
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"{name}: {ManifestProblems.Short(problem.Message)}. Expected the manifest of a Pod with an etcd container; put a sound one in its place.", problem);
        }
    }

    /// <summary>Whether a file would make the kubelet run an etcd; false for whatever is not a Pod.</summary>
    public static bool IsEtcdPod(ReadOnlySpan<byte> content)
    {
        try
        {
            _ = new PodReader(Tree(content));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static YamlTree Tree(ReadOnlySpan<byte> content)
    {
        if (content.Length > MaxBytes)
        {
            throw new FormatException($"{content.Length} bytes, expected at most {MaxBytes}");
        }

        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(content);
            return YamlTree.Load(text.TrimStart('\uFEFF'));
        }
        catch (DecoderFallbackException problem)
        {
            throw new FormatException($"not UTF-8 text at byte {problem.Index}", problem);
        }
    }
}
