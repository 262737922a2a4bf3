namespace EtcdFleet.Lab.StandIns.ApiServer;

/// <summary>How far an apiserver has come: it is ready a while after its start, and stops being ready at once when it is told to go (FACTS 14).</summary>
internal sealed class ApiServerLife(NodeBehaviour behaviour, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>Its caches are filled.</summary>
    public bool IsWarm => time.GetElapsedTime(_started) >= behaviour.ApiServerReadyAfter;

    /// <summary>It knows who may what. Until then it refuses everybody but system:masters.</summary>
    public bool KnowsRoles => time.GetElapsedTime(_started) >= behaviour.ApiServerRolesAfter;

    /// <summary>It was told to go.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Tells it to go.</summary>
    public void Stop() => IsStopping = true;
}
