using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>Writes and enables etcd.service (A2). It starts nothing (D9), and the data dir is not touched (IR-5).</summary>
internal sealed class InstallUnit(HostRoot root, IEtcdManifests manifests, ISystemd systemd, UserDatabase users, SetAsideUnit others, UnitRecords records)
    : IRecover<InstallUnitRequest, InstallUnitResponse>
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public async Task<InstallUnitResponse> RunAsync(InstallUnitRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        Validate.Component(request.Component);
        _ = users.Get();
        if (!File.Exists(root.EtcdEnv))
        {
            throw new AgentFault(FaultReason.EnvMissing, $"{root.Name(root.EtcdEnv)} does not exist, expected etcd's settings. Write them first (WriteEtcdEnv).");
        }

        var content = UnitTemplate.Render(root, manifests.Get().Manifest.DataDir);
        var digest = Digest.Of(root, root.EtcdUnit, content);
        var state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        var present = Digest.TryOf(root, root.EtcdUnit)?.Sha256;
        var record = records.Read();

        // A null digest is a missing file, or a link: "systemctl mask" makes those.
        var ours = present is not null && (present == digest.Sha256 || present == record?.Sha256);
        var written = present != digest.Sha256;
        if (written)
        {
            record = Keep(ours, state, record, digest.Sha256);
            records.Write(record);
            AtomicFile.Write(root.EtcdUnit, content, Mode, (0, 0));
        }
        else if (record is null)
        {
            // The very bytes, by a hand or by an agent whose state is lost: taken for ours, or RemoveUnit could not remove it.
            records.Write(record = new UnitRecord { Sha256 = digest.Sha256, EnabledBefore = "" });
        }

        // What systemd knows decides, not what this call has done: an earlier one may have ended after the write.
        var reload = written || state.NeedsReload || state.LoadState != "loaded";
        if (reload)
        {
            await systemd.ReloadAsync(cancellationToken);
        }

        var enable = reload
            ? (await systemd.ShowAsync(EtcdService.Name, cancellationToken)).UnitFileState != "enabled"
            : state.UnitFileState != "enabled";
        if (enable)
        {
            await systemd.EnableAsync(EtcdService.Name, cancellationToken);
        }

        return new()
        {
            Change = written || enable ? Changes.Made($"{(written ? "wrote and enabled" : "enabled")} {digest.Path}; not started") : Changes.None($"{digest.Path} is installed and enabled"),
            Unit = digest,
            SetAside = record.SetAside ?? "",
        };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: the file may be there and systemd not know it yet. Nothing is started.</remarks>
    public Task<InstallUnitResponse?> RecoverAsync(InstallUnitRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    /// <summary>The record of the coming change. What it says of the time before us is never replaced, unless a new foreign file came.</summary>
    private UnitRecord Keep(bool ours, UnitState state, UnitRecord? record, string sha256)
    {
        if (ours || Native.Stat(root.EtcdUnit) is null)
        {
            return record is null ? new() { Sha256 = sha256, EnabledBefore = state.UnitFileState } : record with { Sha256 = sha256 };
        }

        if (!state.Stopped)
        {
            throw new AgentFault(FaultReason.UnitRunning, $"{EtcdService.Name} is not ours and is {EtcdService.Describe(state)}; expected none, or a stopped one. Find out what it runs, and stop it by hand.");
        }

        var kept = others.Keep(root.EtcdUnit);
        return new() { Sha256 = sha256, EnabledBefore = record?.EnabledBefore ?? state.UnitFileState, SetAside = kept.Path, SetAsideOwner = kept.Owner };
    }
}
