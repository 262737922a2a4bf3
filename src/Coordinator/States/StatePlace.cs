using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.States;

/// <summary>The etcd that <c>--state</c> names, before anything has been asked of it.</summary>
/// <param name="Address">As of <c>--state</c>.</param>
/// <param name="Identity">The folder of <c>--state-pki</c>; not looked at without TLS.</param>
internal sealed record StatePlace(StateAddress Address, string Identity)
{
    /// <summary>Opens it, and sees that it is there and is another one than the fleet's own.</summary>
    /// <param name="fleet">The inventory.</param>
    /// <param name="agents">Asked for their etcd's cluster id; null: they are not to be called.</param>
    /// <param name="time">Judges whether the client's certificate is valid, and limits the agents' calls.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandFault">3: it gives no answer, or is the fleet's own etcd.</exception>
    /// <exception cref="Pki.PkiException">The identity cannot be used.</exception>
    public async Task<StateEtcd> OpenAsync(Fleet fleet, IAgents? agents, TimeProvider time, CancellationToken cancellationToken)
    {
        await StateSeparation.EnsureAddressesAsync(fleet, Address, cancellationToken); // before anything is sent there
        var etcd = new StateEtcd(Address, Address.Secure ? StateIdentity.Load(Identity, time) : null);
        try
        {
            await StateSeparation.EnsureClusterAsync(fleet, agents, etcd, time, cancellationToken);
            return etcd;
        }
        catch (StateFault away)
        {
            etcd.Dispose();
            throw new CommandFault(ExitCode.Refused, $"{away.Message}; expected an answer, because lock and journal of a run are to be kept there. Nothing was changed: bring it back, or leave --state away, which keeps them on this machine and on the agents alone");
        }
        catch
        {
            etcd.Dispose();
            throw;
        }
    }
}
