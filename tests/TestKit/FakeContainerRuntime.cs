using EtcdFleet.Agent.Host;

namespace EtcdFleet.TestKit;

/// <summary>A container runtime with the containers that a test gives it.</summary>
internal sealed class FakeContainerRuntime : IContainerRuntime
{
    public string Socket { get; set; } = KubeletEndpoint.Standard;

    public IReadOnlyList<string> Containers { get; set; } = [];

    /// <summary>Why it does not answer; null when it does.</summary>
    public string? Problem { get; set; }

    public Task<string> VersionAsync(CancellationToken cancellationToken) => Answer("containerd 1.7.2");

    public Task<IReadOnlyList<string>> RunningEtcdContainersAsync(CancellationToken cancellationToken) => Answer(Containers);

    private Task<T> Answer<T>(T answer) => Problem is null ? Task.FromResult(answer) : Task.FromException<T>(new IOException(Problem));
}
