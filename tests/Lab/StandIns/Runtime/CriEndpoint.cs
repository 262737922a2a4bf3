using EtcdFleet.Cri.V1;
using Grpc.Core;

namespace EtcdFleet.Lab.StandIns.Runtime;

/// <summary>The two calls of the CRI that anybody needs who asks whether a container still runs.</summary>
internal sealed class CriEndpoint(ContainerStore store) : RuntimeService.RuntimeServiceBase
{
    /// <inheritdoc/>
    public override Task<VersionResponse> Version(VersionRequest request, ServerCallContext context) => Task.FromResult(new VersionResponse
    {
        Version = "0.1.0",
        RuntimeName = "containerd",
        RuntimeVersion = "v2.1.0+etcdfleet-lab-stand-in",
        RuntimeApiVersion = "v1",
    });

    /// <inheritdoc/>
    public override Task<ListContainersResponse> ListContainers(ListContainersRequest request, ServerCallContext context)
    {
        var response = new ListContainersResponse();
        response.Containers.AddRange(store.List().Select(ToContainer).Where(c => Matches(c, request.Filter)));
        return Task.FromResult(response);
    }

    private static Container ToContainer(ContainerRecord record) => new()
    {
        Id = record.Id,
        PodSandboxId = record.PodUid.PadRight(64, '0'),
        Metadata = new ContainerMetadata { Name = record.Name, Attempt = (uint)record.Attempt },
        ImageRef = record.Image,
        State = record.IsRunning ? ContainerState.ContainerRunning : ContainerState.ContainerExited,
        CreatedAt = record.CreatedAt,
        Labels =
        {
            ["io.kubernetes.container.name"] = record.Name,
            ["io.kubernetes.pod.name"] = record.PodName,
            ["io.kubernetes.pod.namespace"] = record.PodNamespace,
            ["io.kubernetes.pod.uid"] = record.PodUid,
        },
    };

    private static bool Matches(Container container, ContainerFilter? filter) => filter is null
        || ((filter.Id.Length == 0 || container.Id.StartsWith(filter.Id, StringComparison.Ordinal))
            && (filter.State is null || filter.State.State == container.State)
            && (filter.PodSandboxId.Length == 0 || container.PodSandboxId == filter.PodSandboxId)
            && filter.LabelSelector.All(l => container.Labels.TryGetValue(l.Key, out var value) && value == l.Value));
}
