using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Undo;

/// <summary>What one verb needs to be undone, as one file below /var/lib/etcdfleet/undo (0700).</summary>
/// <remarks>It is written before the change and outlives the agent, the run and the coordinator.</remarks>
internal abstract class UndoFile<T>(HostRoot root, Ownership ownership, TimeProvider time, string name, JsonTypeInfo<T> type)
    where T : class
{
    private string File => Path.Combine(root.State, "undo", name);

    /// <summary>The record, or null where there is none.</summary>
    /// <exception cref="AgentFault">IO: it is not what was written.</exception>
    public T? Read()
    {
        RefuseLink();
        if (!System.IO.File.Exists(File))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File), type) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new AgentFault(FaultReason.Io, $"{root.Name(File)} cannot be read ({e.Message}), expected the record that the agent wrote. Nothing was changed; look at the file, and set it aside by hand if nothing is to be undone.", e);
        }
    }

    /// <summary>Writes it whole, replacing an older one.</summary>
    public void Write(T record)
    {
        ownership.EnsureFolder(root.State, OwnerAndMode.RootOnly);
        ownership.EnsureFolder(Path.GetDirectoryName(File)!, OwnerAndMode.RootOnly);
        AtomicFile.Write(File, JsonSerializer.SerializeToUtf8Bytes(record, type), noLink: true);
    }

    /// <summary>What is undone must be what we wrote, not what a link leads to.</summary>
    private void RefuseLink()
    {
        if (Native.Stat(Path.GetDirectoryName(File)!) is { IsFolder: false } || Native.Stat(File) is { IsRegular: false })
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(File)} or its folder is a link, expected a file of the agent's own. Nothing was changed; set the link aside by hand.");
        }
    }

    /// <summary>Takes the record out of use once it is undone; it stays beside under a dated name. Without a record nothing happens.</summary>
    public void Retire()
    {
        RefuseLink();
        if (System.IO.File.Exists(File))
        {
            AtomicFile.Rename(File, $"{File}.undone-{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}", overwrite: true, noLink: true);
        }
    }
}
