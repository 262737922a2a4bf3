using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.EtcdEnv;

/// <summary>Writes etcd.env from the manifest of the static Pod (A2).</summary>
internal sealed class WriteEtcdEnv(HostRoot root, IEtcdManifests manifests, UserDatabase users, Ownership ownership, EnvRecords records, TimeProvider time)
    : IRecover<WriteEtcdEnvRequest, WriteEtcdEnvResponse>
{
    private static readonly OwnerAndMode FolderOwner = new(0, 0, 0b111_101_101); // root:root 0755

    public Task<WriteEtcdEnvResponse> RunAsync(WriteEtcdEnvRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var found = manifests.Get();
        var rendered = EnvRenderer.Render(found, root.Name(found.Path));
        var owner = new OwnerAndMode(0, users.Get().Group, OwnerAndMode.GroupReadable);
        var content = Encoding.UTF8.GetBytes(rendered.Text);
        var wanted = Digest.Of(root, root.EtcdEnv, content);
        var present = EnvFile.Digest(root);
        var record = records.Read() ?? new EnvRecord { Written = [] };

        var response = new WriteEtcdEnvResponse { File = wanted };
        response.Rows.AddRange(rendered.Rows);
        if (present == wanted.Sha256)
        {
            Remember(record, wanted.Sha256);
            response.Change = ownership.Set(root.EtcdEnv, owner) ? Changes.Made($"set {wanted.Path} to {owner}") : Changes.None($"{wanted.Path} is as it should be");
            return Task.FromResult(response);
        }

        EnsureFolder();
        if (present is not null && !record.Written.Contains(present))
        {
            response.SetAside = SetAside(record, present, wanted.Sha256);
        }
        else
        {
            Remember(record, wanted.Sha256);
        }

        AtomicFile.Write(root.EtcdEnv, content, owner.Permissions, (owner.User, owner.Group), noLink: true);
        response.Change = Changes.Made($"wrote {wanted.Path} with {rendered.Rows.Count(row => row.Variable.Length > 0)} settings"
            + (response.SetAside.Length == 0 ? "" : $", the one that was there is now {response.SetAside}"));
        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    /// <remarks>Finished: another's file may have been set aside and ours not be there yet.</remarks>
    public Task<WriteEtcdEnvResponse?> RecoverAsync(WriteEtcdEnvRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    /// <summary>Moves a file that is not ours out of the way. The record says so first: whoever dies in between leaves a record that fits either state.</summary>
    private string SetAside(EnvRecord record, string present, string wanted)
    {
        var aside = Stamp.Beside(root.EtcdEnv, "set-aside-not-ours", time);
        var first = record.SetAside is null || !File.Exists(root.At(record.SetAside));
        Remember(first ? record with { SetAside = root.Name(aside), SetAsideSha256 = present } : record, wanted);
        AtomicFile.Rename(root.EtcdEnv, aside, noLink: true);
        return root.Name(aside);
    }

    private void Remember(EnvRecord record, string digest)
    {
        records.Write(record with { Written = [.. record.Written.Append(digest).Distinct()] });
    }

    private void EnsureFolder()
    {
        if (Native.Stat(root.EtcdConf) is null)
        {
            ownership.EnsureFolder(root.EtcdConf, FolderOwner);
        }
        else if (Native.Stat(root.EtcdConf) is { IsFolder: false })
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(root.EtcdConf)} is not a folder, expected one, or nothing. Set it aside by hand.");
        }
    }
}
