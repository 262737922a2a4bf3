using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>grpc.health.v1.</summary>
internal sealed class HealthEndpoint(IHostApplicationLifetime application) : HealthServiceImpl
{
    /// <summary>Ends with UNAVAILABLE when the agent stops: a watcher never hangs up by itself, and the listener waits for its calls.</summary>
    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        var watching = base.Watch(request, responseStream, context);
        try
        {
            await watching.WaitAsync(application.ApplicationStopping);
        }
        catch (OperationCanceledException) when (application.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the agent is stopping"));
        }
    }
}
