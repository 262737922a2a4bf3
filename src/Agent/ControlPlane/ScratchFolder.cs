using System.Text;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>One scratch folder; gone when it is disposed of.</summary>
internal sealed class ScratchFolder(string path, Action gone) : IDisposable
{
    public string Path { get; } = path;

    /// <summary>Where kubeadm's dry runs write. A folder of its own: 'upgrade apply --dry-run' removes it.</summary>
    public string DryRun { get; } = System.IO.Path.Combine(path, "dry-run");

    /// <summary>Writes a file, 0600, and says where it is. It need not outlive a power cut, so etcd's disk is spared the fsync.</summary>
    public string Write(string name, string text)
    {
        var file = System.IO.Path.Combine(Path, name);
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        stream.Write(Encoding.UTF8.GetBytes(text));
        return file;
    }

    /// <summary>Lets a dry run find a file of the host in its folder, without a copy of it.</summary>
    public void LinkForDryRun(string file)
    {
        Directory.CreateDirectory(DryRun, OwnerAndMode.RootOnly.Permissions);
        File.CreateSymbolicLink(System.IO.Path.Combine(DryRun, System.IO.Path.GetFileName(file)), file);
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }

        gone();
    }
}
