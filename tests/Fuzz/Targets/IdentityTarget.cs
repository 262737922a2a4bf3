using System.Text;
using EtcdFleet.Shared;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>The URI in a certificate: an identity, which prints as the URI that it was read from, or none.</summary>
internal sealed class IdentityTarget() : FuzzTarget("identity")
{
    public override IReadOnlyList<string> Words => ["etcdfleet://", "kkg/", "agent/", "operator/", "/admin", "/viewer", "%2f", "?", "#", "@", "ETCDFLEET://"];

    public override int Few => 4000;

    public override bool Try(byte[] input)
    {
        var uri = Encoding.UTF8.GetString(input);
        if (!FleetIdentity.TryParse(uri, out var identity))
        {
            Require(identity is null, "no identity, and one all the same");
            return false;
        }

        Require(identity!.ToString() == uri, $"it prints as {identity}");
        Require((identity.Kind == IdentityKind.Operator) == (identity.Role is "viewer" or "operator" or "admin"), $"the role is '{identity.Role}'");
        return true;
    }
}
