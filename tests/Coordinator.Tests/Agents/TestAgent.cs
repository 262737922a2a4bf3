using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Coordinator.Tests.Agents;

/// <summary>A gRPC server on the loopback with an agent's certificate, and verbs that answer as a test wants them to.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<string> _calls;

    private TestAgent(WebApplication application, ConcurrentQueue<string> calls) => (_application, _calls) = (application, calls);

    public int Port { get; private init; }

    /// <summary>Calls that came, to whichever verb.</summary>
    public int Calls => _calls.Count;

    /// <param name="certificate">With its key.</param>
    /// <param name="protocols">TLS versions that it speaks.</param>
    /// <param name="accept">Judges the caller's certificate.</param>
    public static async Task<TestAgent> StartAsync(X509Certificate2 certificate, SslProtocols protocols = SslProtocols.Tls13, Func<X509Certificate2, bool>? accept = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    EnabledSslProtocols = protocols,
                    ClientCertificateRequired = true,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    RemoteCertificateValidationCallback = (_, client, _, _) => client is X509Certificate2 shown && (accept?.Invoke(shown) ?? true),
                }),
            });
        }));
        var application = builder.Build();
        var calls = new ConcurrentQueue<string>();
        application.Use((http, next) =>
        {
            calls.Enqueue(http.Request.Path);
            return next(http);
        });
        application.MapGrpcService<Nodes>();
        application.MapGrpcService<Manifests>();
        application.MapGrpcService<Snapshots>();
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new TestAgent(application, calls) { Port = new Uri(address).Port };
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private static RpcException Fault(StatusCode code, string reason, string message) => new Google.Rpc.Status
    {
        Code = (int)code,
        Message = message,
        Details = { Any.Pack(new ErrorInfo { Domain = "etcdfleet.dev", Reason = reason }) },
    }.ToRpcException();

    /// <summary>Answers with who called and how long it would wait; says goodbye after each answer.</summary>
    private sealed class Nodes : NodeService.NodeServiceBase
    {
        public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context)
        {
            var http = context.GetHttpContext();
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            return Task.FromResult(new GetNodeResponse
            {
                Agent = new AgentFacts
                {
                    Node = CertificateUris.IdentityOf(http.Connection.ClientCertificate!)!.ToString(),
                    Now = Timestamp.FromDateTime(context.Deadline == DateTime.MaxValue ? DateTime.UnixEpoch : context.Deadline),
                },
            });
        }
    }

    private sealed class Manifests : ManifestService.ManifestServiceBase
    {
        public override Task<StashManifestResponse> StashManifest(StashManifestRequest request, ServerCallContext context) =>
            throw Fault(StatusCode.PermissionDenied, "FAULT_REASON_PERMISSION", "StashManifest wants the role operator");

        public override Task<RestoreManifestResponse> RestoreManifest(RestoreManifestRequest request, ServerCallContext context) =>
            throw Fault(StatusCode.FailedPrecondition, "FAULT_REASON_UNIT_RUNNING", "etcd.service runs, expected it stopped");

        /// <summary>Cuts the connection in the middle, or waits until the caller hangs up.</summary>
        public override async Task<AwaitPodGoneResponse> AwaitPodGone(AwaitPodGoneRequest request, ServerCallContext context)
        {
            if (request.TimeoutMs == 1)
            {
                var connection = context.GetHttpContext().Features.Get<IConnectionLifetimeFeature>()!;
                connection.Abort();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
            return new AwaitPodGoneResponse();
        }
    }

    private sealed class Snapshots : SnapshotService.SnapshotServiceBase
    {
        public override async Task ReadSnapshot(ReadSnapshotRequest request, IServerStreamWriter<ReadSnapshotResponse> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new ReadSnapshotResponse { Data = ByteString.CopyFrom(new byte[256 * 1024]) }, context.CancellationToken);
            throw Fault(StatusCode.Internal, "IO", "the disk went away");
        }
    }
}
