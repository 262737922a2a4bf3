using System.Net;
using System.Net.Sockets;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.States;

/// <summary>The state's etcd is none of the fleet's own: what says how far a move of etcd has come must not go away with it.</summary>
/// <remarks>Three looks, because each has a hole: a proxy hides addresses, a member's own list hides names, and the agents may be away.</remarks>
internal static class StateSeparation
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    /// <summary>By what is on the command line and in the inventory, and by the addresses behind the names there.</summary>
    /// <exception cref="CommandFault">3: one of the endpoints is the fleet's.</exception>
    public static async Task EnsureAddressesAsync(Fleet fleet, StateAddress address, CancellationToken cancellationToken)
    {
        var own = await EndpointsAsync(fleet.EtcdEndpoints, cancellationToken);
        foreach (var endpoint in address.Endpoints)
        {
            if ((await EndpointsAsync([endpoint.OriginalString], cancellationToken)).Intersect(own).Any())
            {
                throw Own(fleet, address, $"the endpoint {endpoint.Host}:{endpoint.Port}");
            }
        }
    }

    /// <summary>By its members' own addresses, and by its cluster's id, which the agents know of their etcd.</summary>
    /// <exception cref="CommandFault">3: it is the fleet's own etcd.</exception>
    /// <exception cref="StateFault">It gives no answer.</exception>
    public static async Task EnsureClusterAsync(Fleet fleet, IAgents? agents, StateEtcd etcd, TimeProvider time, CancellationToken cancellationToken)
    {
        var members = await etcd.MembersAsync(cancellationToken);
        var own = await EndpointsAsync(fleet.EtcdEndpoints, cancellationToken);
        foreach (var member in members.Members)
        {
            if ((await EndpointsAsync([.. member.ClientURLs], cancellationToken)).Intersect(own).Any())
            {
                throw Own(fleet, etcd.Address, $"the member {member.Name} at {string.Join(", ", member.ClientURLs)}");
            }
        }

        if (agents is not null && (await Task.WhenAll(fleet.ControlPlane.Select(node => ClusterAsync(agents.On(node), time, cancellationToken)))).Contains(members.Header.ClusterId))
        {
            throw Own(fleet, etcd.Address, $"the cluster id {members.Header.ClusterId:x}");
        }
    }

    private static CommandFault Own(Fleet fleet, StateAddress address, string found) => new(ExitCode.Refused,
        $"found {found} behind --state {address}, which is of cluster {fleet.Cluster}'s own etcd; expected another etcd: lock and journal have to be there while this one is moved. Nothing was changed: name one that this fleet does not run, or leave --state away");

    /// <summary>0 where the agent does not answer, or its etcd does not: what a run needs of them its own checks say.</summary>
    private static async Task<ulong> ClusterAsync(IAgent agent, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return (await agent.Members.GetMemberAsync(new(), deadline: time.GetUtcNow().UtcDateTime + CallLimit, cancellationToken: cancellationToken)).ClusterId;
        }
        catch (AgentCallException)
        {
            return 0;
        }
    }

    /// <summary>Names as they are and with the addresses that they have here.</summary>
    private static async Task<HashSet<string>> EndpointsAsync(IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var url in urls.Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri : null).OfType<Uri>())
        {
            var host = url.Host.Trim('[', ']');
            found.Add($"{host} {url.Port}");
            foreach (var address in IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken))
            {
                found.Add($"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)} {url.Port}");
            }
        }

        return found;
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException)
        {
            return []; // a name without an address is said when it is called
        }
    }
}
