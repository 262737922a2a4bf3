using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.Endpoints.Interceptors;
using EtcdFleet.Agent.Health;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Operations;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EtcdFleet.Agent;

/// <summary>Puts the agent together: listeners, services, verbs. Registration is explicit, so that it can be read.</summary>
internal static class AgentHost
{
    /// <summary>How long a verb at work may take to end after SIGTERM; the unit's TimeoutStopSec= is a little longer.</summary>
    private static readonly TimeSpan VerbEnd = TimeSpan.FromSeconds(240);

    /// <summary>The agent, ready to run.</summary>
    /// <param name="options">From agent.yaml.</param>
    /// <param name="root">The machine, or a scratch folder in tests.</param>
    /// <param name="replace">Tests put fakes of the host here.</param>
    public static WebApplication Build(AgentOptions options, HostRoot root, Action<IServiceCollection>? replace = null)
    {
        // The empty builder: every other one watches its content root for an appsettings.json, and below "/" that is an
        // inotify watch on each folder of the machine, before READY. Our configuration is agent.yaml alone.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "etcdfleet-agent", ContentRootPath = "/" });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Logging.AddConsole().SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.Warning)
            // It logs every failure a second time, also what a caller did wrong; FaultInterceptor says what nobody foresaw.
            .AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.None);
        builder.Services.AddSystemd();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = VerbEnd);

        builder.Services.AddSingleton(options).AddSingleton(root).AddSingleton(TimeProvider.System)
            .AddSingleton<NodeLock>().AddSingleton<OperationStore>().AddSingleton<AuditLog>().AddSingleton<NodeLease>().AddSingleton<VerbRunner>().AddSingleton<Recoveries>()
            .AddSingleton<IdentityFiles>().AddSingleton<NetworkListener>().AddSingleton<RevokedCertificates>().AddSingleton<DeniedHandshakes>().AddSingleton<MutualTls>().AddSingleton<LocalHealth>().AddSingleton<HealthEndpoint>()
            .AddHostedService<Settlement>() // before everything that serves
            .AddSingleton<Lifetime>().AddHostedService(services => services.GetRequiredService<Lifetime>()).AddHostedService<ServiceNotifier>().AddHostedService<IdleMemory>()
            .AddHostAccess().AddVerbs();
        builder.Services.AddGrpc(grpc =>
        {
            // The first is the outermost: a refusal of the policy is translated like any other fault.
            grpc.Interceptors.Add<FaultInterceptor>();
            grpc.Interceptors.Add<PolicyInterceptor>();
            grpc.MaxReceiveMessageSize = 64 * 1024; // requests are names and numbers
        });
        builder.Services.Configure<GrpcServiceOptions<RunEndpoint>>(grpc => grpc.MaxReceiveMessageSize = RunEndpoint.MostBytes);
        AddTelemetry(builder);
        replace?.Invoke(builder.Services);

        builder.WebHost.ConfigureKestrel((_, kestrel) => Listen(kestrel, options, root));
        var app = builder.Build();
        app.Services.GetRequiredService<ScratchFolders>().Sweep();
        app.Services.GetRequiredService<Reserve>().Keep();
        LocalHealth.Map(app);
        MalformedRequests.Answer(app);
        app.MapEndpoints();
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, AgentOptions options, HostRoot root)
    {
        kestrel.AddServerHeader = false;
        // Each listener has a pool of its own: whoever fills one leaves the others as they are.
        kestrel.Limits.MaxConcurrentConnections = null;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // A caller that lost its power never says goodbye, and would keep its place.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        // gRPC's own limit says RESOURCE_EXHAUSTED, and has read no more than the length by then; this one would say UNKNOWN.
        kestrel.Limits.MaxRequestBodySize = null;
        var identity = kestrel.ApplicationServices.GetRequiredService<IdentityFiles>();
        if (identity.Exist)
        {
            kestrel.Listen(options.Listen, kestrel.ApplicationServices.GetRequiredService<MutualTls>().Listen);
            kestrel.ApplicationServices.GetRequiredService<NetworkListener>().IsOpen = true;
        }

        kestrel.Listen(options.HealthListen, LocalHealth.Listen);
        LocalSocket.Prepare(root.At(options.Socket));
        kestrel.ListenUnixSocket(root.At(options.Socket), LocalSocket.Listen);
    }

    private static void AddTelemetry(WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name).AddPrometheusExporter());
        // Spans leave the machine only where the operator has said where to (the standard variable of OpenTelemetry).
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 })
        {
            telemetry.WithTracing(tracing => tracing.AddSource(Telemetry.Name).AddOtlpExporter());
        }
    }
}
