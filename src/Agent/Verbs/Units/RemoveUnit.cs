using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>Takes away what InstallUnit wrote, and puts back what it set aside.</summary>
internal sealed class RemoveUnit(HostRoot root, ISystemd systemd, SetAsideUnit others, UnitRecords records)
    : IRecover<RemoveUnitRequest, RemoveUnitResponse>
{
    public async Task<RemoveUnitResponse> RunAsync(RemoveUnitRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        Validate.Component(request.Component);
        if (records.Read() is not { } record)
        {
            return new() { Change = Changes.None($"{EtcdService.Name} was not installed by the agent") };
        }

        await systemd.EnsureStoppedAsync("its file would be taken away under it", cancellationToken);

        // Every line can be done twice; the record goes last, so a repeat after a crash begins here again.
        if ((await systemd.ShowAsync(EtcdService.Name, cancellationToken)).UnitFileState == "enabled")
        {
            await systemd.DisableAsync(EtcdService.Name, cancellationToken);
        }

        var kept = PutBack(record);
        await systemd.ReloadAsync(cancellationToken);
        if (record.EnabledBefore == "enabled")
        {
            await systemd.EnableAsync(EtcdService.Name, cancellationToken);
        }

        await systemd.ResetFailedAsync(EtcdService.Name, cancellationToken);
        records.Retire();
        return new() { Change = Changes.Made($"disabled and removed {root.Name(root.EtcdUnit)}{kept}") };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: it may be disabled and still there. It refuses while the unit runs.</remarks>
    public Task<RemoveUnitResponse?> RecoverAsync(RemoveUnitRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    private string PutBack(UnitRecord record)
    {
        var said = "";
        if (Native.Stat(root.EtcdUnit) is not null && Digest.TryOf(root, root.EtcdUnit)?.Sha256 != record.Sha256
            && !(record.SetAside is not null && SetAsideUnit.Same(root.At(record.SetAside), root.EtcdUnit)))
        {
            // Somebody changed our file, or put another in its place: theirs, so it is kept.
            said = $"; it had been changed, and is kept as {others.Keep(root.EtcdUnit).Path}";
        }

        if (record is { SetAside: { } copy, SetAsideOwner: { } owner })
        {
            others.PutBack(copy, owner, root.EtcdUnit);
            return $"{said}; put back what had been there";
        }

        File.Delete(root.EtcdUnit);
        AtomicFile.SyncFolder(root.Units);
        return said;
    }
}
