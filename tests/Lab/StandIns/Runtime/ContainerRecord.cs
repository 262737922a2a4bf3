using System.Text.Json.Serialization;

namespace EtcdFleet.Lab.StandIns.Runtime;

/// <summary>A container, which is a process here, as both stand-ins know it.</summary>
internal sealed record ContainerRecord
{
    /// <summary>64 hexadecimal digits, as containerd's.</summary>
    public required string Id { get; init; }

    /// <summary>Of the Pod: follows the manifest's content and path, so a changed manifest is another Pod.</summary>
    public required string PodUid { get; init; }

    /// <summary>Pod's namespace.</summary>
    public required string PodNamespace { get; init; }

    /// <summary>Pod's name with the node's: <c>etcd-cp1</c>.</summary>
    public required string PodName { get; init; }

    /// <summary>Container's name in the manifest.</summary>
    public required string Name { get; init; }

    /// <summary>Image with its tag.</summary>
    public required string Image { get; init; }

    /// <summary>How often this Pod's container was started before.</summary>
    public required int Attempt { get; init; }

    /// <summary>Seconds of the Pod's terminationGracePeriodSeconds.</summary>
    public required int GraceSeconds { get; init; }

    /// <summary>Process id in the node.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Field 22 of /proc/PID/stat, which tells this process from a later one with its id.</summary>
    public required long ProcessStarted { get; init; }

    /// <summary>When it was created, nanoseconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>True while the process exists and is not a zombie.</summary>
    [JsonIgnore]
    public bool IsRunning => ProcessInfo.StartedOf(ProcessId) == ProcessStarted;
}

/// <summary>JSON of the records.</summary>
[JsonSerializable(typeof(ContainerRecord))]
internal sealed partial class ContainerJson : JsonSerializerContext;
