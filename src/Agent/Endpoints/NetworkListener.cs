namespace EtcdFleet.Agent.Endpoints;

/// <summary>Whether this process has its network listener. Kestrel's are fixed at the start, when the identity was there or was not.</summary>
internal sealed class NetworkListener
{
    public bool IsOpen { get; set; }
}
