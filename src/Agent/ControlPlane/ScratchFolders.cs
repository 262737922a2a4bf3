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
            Directory.Delete(All, recursive: true);
        }
    }
}

/// <summary>One scratch folder.</summary>
internal sealed class ScratchFolder(string path) : IDisposable
{
    public string Path { get; } = path;

    /// <summary>Writes a file, 0600, and says where it is.</summary>
    public string Write(string name, string text)
    {
        var file = System.IO.Path.Combine(Path, name);
        Shared.AtomicFile.Write(file, System.Text.Encoding.UTF8.GetBytes(text));
        return file;
    }

    /// <summary>A name for a file elsewhere, where a program looks for it in its own folder. No copy: what it leads to may be a key.</summary>
    public void Link(string name, string target) => File.CreateSymbolicLink(System.IO.Path.Combine(Path, name), target);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
