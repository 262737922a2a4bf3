using System.Text.RegularExpressions;

namespace EtcdFleet.Shared;

/// <summary>Who a certificate of the fleet's CA speaks for: the URI in its subject alternative name.</summary>
/// <remarks>
/// <c>etcdfleet://CLUSTER/agent/NODE</c> or <c>etcdfleet://CLUSTER/operator/NAME/ROLE</c>, with ROLE one of
/// <c>viewer</c>, <c>operator</c>, <c>admin</c>. Anything else is nobody: deny by default.
/// </remarks>
public sealed partial record FleetIdentity
{
    private FleetIdentity(string cluster, IdentityKind kind, string name, string? role) =>
        (Cluster, Kind, Name, Role) = (cluster, kind, name, role);

    /// <summary>The fleet's name, as in <c>fleet.yaml</c>'s <c>cluster</c>.</summary>
    public string Cluster { get; }

    /// <summary>Agent or operator.</summary>
    public IdentityKind Kind { get; }

    /// <summary>The node's name for an agent, the person's for an operator.</summary>
    public string Name { get; }

    /// <summary>An operator's role; null for an agent.</summary>
    public string? Role { get; }

    /// <summary>The identity of the agent on a node.</summary>
    /// <exception cref="FormatException">A name has characters that a URI path segment would have to escape.</exception>
    public static FleetIdentity Agent(string cluster, string node) =>
        new(Checked(cluster, nameof(cluster)), IdentityKind.Agent, Checked(node, nameof(node)), null);

    /// <summary>The identity of a person or an automation that runs the coordinator.</summary>
    /// <exception cref="FormatException">A name is not plain, or the role is none of the three.</exception>
    public static FleetIdentity Operator(string cluster, string name, string role) =>
        RolePattern().IsMatch(role)
            ? new(Checked(cluster, nameof(cluster)), IdentityKind.Operator, Checked(name, nameof(name)), role)
            : throw new FormatException($"role is '{role}', expected viewer, operator or admin");

    /// <summary>Reads an identity from a URI; false for every URI that is not exactly one of the two forms.</summary>
    public static bool TryParse(string uri, out FleetIdentity? identity)
    {
        identity = null;
        if (UriPattern().Match(uri) is not { Success: true } match)
        {
            return false;
        }

        identity = match.Groups["role"] is { Success: true } role
            ? new(match.Groups["cluster"].Value, IdentityKind.Operator, match.Groups["name"].Value, role.Value)
            : new(match.Groups["cluster"].Value, IdentityKind.Agent, match.Groups["node"].Value, null);
        return true;
    }

    /// <summary>True for a name that may stand in an identity: as a DNS label or subdomain, up to 253 characters.</summary>
    public static bool IsName(string name) => name.Length <= 253 && NamePattern().IsMatch(name);

    /// <inheritdoc/>
    public override string ToString() => Kind == IdentityKind.Agent
        ? $"etcdfleet://{Cluster}/agent/{Name}"
        : $"etcdfleet://{Cluster}/operator/{Name}/{Role}";

    private static string Checked(string name, string what) => IsName(name)
        ? name
        : throw new FormatException($"{what} is '{name}', expected letters, digits, '-', '_' and '.', beginning with a letter or digit");

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^(viewer|operator|admin)\z", RegexOptions.CultureInvariant)]
    private static partial Regex RolePattern();

    [GeneratedRegex(
        @"^etcdfleet://(?<cluster>[0-9A-Za-z][0-9A-Za-z._-]*)/(?:agent/(?<node>[0-9A-Za-z][0-9A-Za-z._-]*)|operator/(?<name>[0-9A-Za-z][0-9A-Za-z._-]*)/(?<role>viewer|operator|admin))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex UriPattern();
}

/// <summary>The two kinds of certificate that the fleet's CA issues.</summary>
public enum IdentityKind
{
    /// <summary>The agent of one node.</summary>
    Agent,

    /// <summary>A person or an automation that runs the coordinator.</summary>
    Operator,
}
