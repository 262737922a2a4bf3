using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>The apiserver's manifest on this node, and the one that was kept.</summary>
internal sealed class ApiServerManifests(HostRoot root)
{
    /// <summary>A manifest has some hundred lines.</summary>
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The one in use.</summary>
    /// <exception cref="AgentFault">MANIFEST_MISSING, UNSAFE_FILE, MANIFEST_UNREADABLE.</exception>
    public FoundApiServer Get()
    {
        var content = Content(root.ApiServerManifest) ?? throw new AgentFault(FaultReason.ManifestMissing,
            $"{root.Name(root.ApiServerManifest)} does not exist, expected kube-apiserver's static Pod: this node has no apiserver of kubeadm's. Check that it is a control-plane node.");
        return new(content, Digest.Of(content), ApiServerManifest.Parse(content, root.Name(root.ApiServerManifest)));
    }

    /// <summary>The digest of the one in use; null where there is none, or a link.</summary>
    public FileDigest? InUse => Digest.TryOf(root, root.ApiServerManifest);

    /// <summary>The digest of the one that RegenerateApiServer kept; null where there is none, or a link.</summary>
    public FileDigest? Kept => Digest.TryOf(root, root.StashedApiServerManifest);

    private byte[]? Content(string path)
    {
        try
        {
            return Native.Stat(path) switch
            {
                null => null,
                { IsRegular: true } => new FileInfo(path).Length <= MaxBytes ? File.ReadAllBytes(path) : throw new IOException($"it has more than {MaxBytes} bytes"),
                _ => throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is a link or a folder, expected a file of its own. Put the manifest itself there."),
            };
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new AgentFault(FaultReason.ManifestUnreadable, $"{root.Name(path)} cannot be read: {problem.Message}", problem);
        }
    }
}

/// <summary>A manifest that was found.</summary>
/// <param name="Content">All of it.</param>
/// <param name="Sha256">Of those bytes.</param>
/// <param name="Manifest">What it says.</param>
internal sealed record FoundApiServer(byte[] Content, string Sha256, ApiServerManifest Manifest)
{
    public string Text => Encoding.UTF8.GetString(Content);
}
