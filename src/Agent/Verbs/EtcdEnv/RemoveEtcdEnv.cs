using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Units;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.EtcdEnv;

/// <summary>Undoes WriteEtcdEnv: our etcd.env goes, the one that was there before comes back.</summary>
internal sealed class RemoveEtcdEnv(HostRoot root, ISystemd systemd, EnvRecords records, TimeProvider time) : IRecover<RemoveEtcdEnvRequest, RemoveEtcdEnvResponse>
{
    public async Task<RemoveEtcdEnvResponse> RunAsync(RemoveEtcdEnvRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var record = records.Read();
        if (record is null)
        {
            return new() { Change = Changes.None("WriteEtcdEnv has written nothing here") };
        }

        await systemd.EnsureStoppedAsync("it reads its settings from etcd.env", cancellationToken);

        var done = new List<string>();
        var name = root.Name(root.EtcdEnv);
        var former = record.SetAside is { } kept && File.Exists(root.At(kept)) ? root.At(kept) : null;
        var present = EnvFile.Digest(root);
        if (present is not null && record.Written.Contains(present))
        {
            File.Delete(root.EtcdEnv);
            AtomicFile.SyncFolder(root.EtcdConf);
            done.Add($"removed {name}");
        }
        else if (present is not null && (former is not null || present != record.SetAsideSha256))
        {
            // Changed by hand since: nothing of the user's is deleted (DESIGN, safety rule 9).
            var aside = Stamp.Beside(root.EtcdEnv, "set-aside-changed-by-hand", time);
            AtomicFile.Rename(root.EtcdEnv, aside, noLink: true);
            done.Add($"{name} was changed by hand since it was written: it is now {root.Name(aside)}");
        }

        if (former is not null)
        {
            AtomicFile.Rename(former, root.EtcdEnv, noLink: true);
            done.Add($"put {record.SetAside} back as {name}");
        }

        records.Retire();
        return new() { Change = done.Count == 0 ? Changes.None($"nothing of ours is left at {name}") : Changes.Made(string.Join("; ", done)) };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: ours may be gone and the one set aside not be back yet.</remarks>
    public Task<RemoveEtcdEnvResponse?> RecoverAsync(RemoveEtcdEnvRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);
}
