using System.Text.RegularExpressions;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Checks of where the external etcd is said to be.</summary>
internal static partial class ValidateExternal
{
    private const int MaxEndpoints = 15;

    /// <exception cref="AgentFault">INVALID_REQUEST: none, too many, one twice, or one that is not https://HOST:PORT.</exception>
    public static ExternalEtcd Endpoints(ExternalEtcd? external)
    {
        if (external is null || external.Endpoints.Count is 0 or > MaxEndpoints)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"external has {external?.Endpoints.Count ?? 0} endpoints, expected 1 to {MaxEndpoints}");
        }

        // https alone: kubeadm takes nothing else once a certificate is set (FACTS 20). The pattern leaves nothing that YAML could read otherwise.
        if (external.Endpoints.FirstOrDefault(endpoint => !Pattern().IsMatch(endpoint) || !Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Port == 0) is { } wrong)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"the endpoint is '{wrong}', expected https://HOST:PORT");
        }

        return external.Endpoints.Distinct(StringComparer.Ordinal).Count() == external.Endpoints.Count
            ? external
            : throw new AgentFault(FaultReason.InvalidRequest, "an endpoint stands twice, expected each once");
    }

    [GeneratedRegex(@"^https://([A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
