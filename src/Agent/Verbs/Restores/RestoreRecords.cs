using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Undo;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>The record of the one restore.</summary>
internal sealed class RestoreRecords(HostRoot root, Ownership ownership, TimeProvider time)
    : UndoFile<RestoreRecord>(root, ownership, time, "restore.json", UndoJson.Default.RestoreRecord)
{
    /// <summary>The restore at work; null where none is.</summary>
    public RestoreRecord? Current => Read() is { Ended: false } record ? record : null;

    /// <summary>The restore at work, of this snapshot and with its data ready or in place.</summary>
    /// <exception cref="AgentFault">RESTORE_NOT_READY.</exception>
    public RestoreRecord Get(string sha256) => Current switch
    {
        null => throw new AgentFault(FaultReason.RestoreNotReady, "no restore is on record here, expected one whose data are ready (PrepareRestore). Nothing was changed."),
        var other when other.Sha256 != sha256 => throw new AgentFault(FaultReason.RestoreNotReady, $"the restore on record is of the snapshot with SHA-256 {other.Sha256}, expected {EtcdEnv.EnvValue.Printable(sha256)}. Nothing was changed."),
        { Ready: false, InPlace: false } => throw new AgentFault(FaultReason.RestoreNotReady, "the snapshot's data are not ready, expected them beside the present ones (PrepareRestore). Nothing was changed."),
        var record => record,
    };
}
