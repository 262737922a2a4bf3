using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>Folders for what a program wants as a file: root's alone, and gone when it has been used (IR-8).</summary>
internal sealed class ScratchFolders(HostRoot root, Ownership ownership, Reserve reserve)
{
    /// <summary>Bytes: kubeadm's configuration, twice, and what its dry runs write.</summary>
    private const int Room = 32 * 1024;

    private string All => Path.Combine(root.State, "scratch");

    /// <summary>An empty folder, 0700.</summary>
    public ScratchFolder Create()
    {
        ownership.EnsureFolder(root.State, OwnerAndMode.RootOnly);
        ownership.EnsureFolder(All, OwnerAndMode.RootOnly);
        // Undos and the proof at the end call kubeadm as well, and the room is there again when they have.
        reserve.MakeRoom(Room);
        var folder = Path.Combine(All, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder, OwnerAndMode.RootOnly.Permissions);
        return new(folder, reserve.Keep);
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
