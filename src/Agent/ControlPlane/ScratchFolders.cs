using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>Folders for what a program wants as a file: root's alone, and gone when it has been used (IR-8).</summary>
internal sealed class ScratchFolders(HostRoot root, Ownership ownership)
{
    private string All => Path.Combine(root.State, "scratch");

    /// <summary>An empty folder, 0700.</summary>
    public ScratchFolder Create()
    {
        ownership.EnsureFolder(root.State, OwnerAndMode.RootOnly);
        ownership.EnsureFolder(All, OwnerAndMode.RootOnly);
        var folder = Path.Combine(All, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder, OwnerAndMode.RootOnly.Permissions);
        return new(folder);
    }

    /// <summary>Removes what an agent that was killed has left. Called once, before the first verb.</summary>
    public void Sweep()
    {
        if (Directory.Exists(All))
        {
            LeftProcesses.End(root, All);
            Directory.Delete(All, recursive: true);
        }
    }
}
