using System.Security.Authentication;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>One kind of caller, and what the policy says of it.</summary>
/// <param name="Name">For the name of the test.</param>
/// <param name="Role">What it may; of no interest where the handshake fails.</param>
/// <param name="Problem">Why its handshake fails; null when it comes to a call.</param>
/// <param name="Connect">Its connection.</param>
internal sealed record CallerKind(string Name, Role Role, HandshakeProblem? Problem, Func<RunningAgent, GrpcChannel> Connect)
{
    /// <summary>nobody, in the words of /etc/passwd.</summary>
    public const uint Nobody = 65_534;

    private const string Admin = $"etcdfleet://{FleetPki.Cluster}/operator/eve/admin";

    public static IReadOnlyList<CallerKind> All { get; } =
    [
        new("no certificate", Role.Unspecified, HandshakeProblem.NoCertificate, agent => agent.Connect(null)),
        new("an admin of another CA", Role.Unspecified, HandshakeProblem.Authority, agent =>
        {
            using var other = new FleetPki();
            return agent.Connect(other.Operator("admin"));
        }),
        new("an admin, expired", Role.Unspecified, HandshakeProblem.Time, agent => agent.Connect(agent.Node.Pki.Operator("admin", TimeSpan.FromDays(-60), TimeSpan.FromDays(30)))),
        new("an admin, not yet valid", Role.Unspecified, HandshakeProblem.Time, agent => agent.Connect(agent.Node.Pki.Operator("admin", TimeSpan.FromDays(30)))),
        new("an admin who may only serve", Role.Unspecified, HandshakeProblem.Purpose, agent => agent.Connect(agent.Node.Pki.Odd([Admin], FleetPki.ServerUse))),
        new("an admin without purposes", Role.Unspecified, HandshakeProblem.Purpose, agent => agent.Connect(agent.Node.Pki.Odd([Admin]))),
        new("no identity", Role.Unspecified, HandshakeProblem.Identity, agent => agent.Connect(agent.Node.Pki.Odd([], FleetPki.ClientUse))),
        new("two identities", Role.Unspecified, HandshakeProblem.Identity, agent =>
            agent.Connect(agent.Node.Pki.Odd([Admin, FleetIdentity.Operator(FleetPki.Cluster, "ann", "admin").ToString()], FleetPki.ClientUse))),
        new("an admin of another cluster", Role.Unspecified, HandshakeProblem.Cluster, agent => agent.Connect(agent.Node.Pki.Odd(["etcdfleet://other/operator/eve/admin"], FleetPki.ClientUse))),
        new("an admin who was revoked", Role.Unspecified, HandshakeProblem.Revoked, agent =>
        {
            var certificate = agent.Node.Pki.Operator("admin");
            File.WriteAllBytes(Path.Combine(agent.Node.Root.Identity, RevocationList.FileName), agent.Node.Pki.Revoke(certificate));
            return agent.Connect(certificate);
        }),
        // TLS itself refuses the key, before anybody asks whose it is.
        new("an admin with a weak key", Role.Unspecified, HandshakeProblem.Unfinished, agent => agent.Connect(agent.Node.Pki.Misshapen(weak: true, authority: false))),
        new("a CA of the fleet's CA", Role.Unspecified, HandshakeProblem.Purpose, agent => agent.Connect(agent.Node.Pki.Misshapen(weak: false, authority: true))),
        new("an admin with TLS 1.2", Role.Unspecified, HandshakeProblem.Unfinished, agent => agent.Connect(agent.Node.Pki.Operator("admin"), SslProtocols.Tls12)),
        new("an agent", Role.Unspecified, null, agent => agent.Connect(agent.Node.Pki.Agent("cp2"))),
        new("a viewer", Role.Viewer, null, agent => agent.Connect(agent.Node.Pki.Operator("viewer"))),
        new("an operator", Role.Operator, null, agent => agent.Connect(agent.Node.Pki.Operator("operator"))),
        new("an admin", Role.Admin, null, agent => agent.Connect(agent.Node.Pki.Operator("admin"))),
        new("root on the socket", Role.Admin, null, agent => agent.ConnectLocal()),
        new("somebody on the socket", Role.Unspecified, null, agent => agent.ConnectLocal(Nobody)),
    ];
}
