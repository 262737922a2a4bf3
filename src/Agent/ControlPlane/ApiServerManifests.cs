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
        var text = Text(root.ApiServerManifest) ?? throw new AgentFault(FaultReason.ManifestMissing,
            $"{root.Name(root.ApiServerManifest)} does not exist, expected kube-apiserver's static Pod: this node has no apiserver of kubeadm's. Check that it is a control-plane node.");
        return new(text, Digest.Of(System.Text.Encoding.UTF8.GetBytes(text)), ApiServerManifest.Parse(text, root.Name(root.ApiServerManifest)));
    }

    /// <summary>The digest of the one that RegenerateApiServer kept; null where there is none.</summary>
    public FileDigest? Kept => Digest.TryOf(root, root.StashedApiServerManifest);

    private string? Text(string path)
    {
        try
        {
            return Native.Stat(path) switch
            {
                null => null,
                { IsRegular: true } => new FileInfo(path).Length <= MaxBytes ? File.ReadAllText(path) : throw new IOException($"it has more than {MaxBytes} bytes"),
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
/// <param name="Text">All of it.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Manifest">What it says.</param>
internal sealed record FoundApiServer(string Text, string Sha256, ApiServerManifest Manifest);
