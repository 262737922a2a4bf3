using System.Net;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>Where etcd's releases come from: one tarball of scripts and its SHA256SUMS, at whatever address.</summary>
internal sealed class ReleaseMirror(AgentLife agent) : HttpMessageHandler
{
    private static readonly byte[] Tarball = TestTarball.Release(Inventory.EtcdVersion);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => agent.TurnAsync(() =>
    {
        var name = request.RequestUri!.Segments[^1];
        var tarball = $"{TestTarball.Top(Inventory.EtcdVersion)}.tar.gz";
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(name == "SHA256SUMS" ? System.Text.Encoding.ASCII.GetBytes($"{TestTarball.Digest(Tarball)}  {tarball}\n") : Tarball),
        });
    });
}
