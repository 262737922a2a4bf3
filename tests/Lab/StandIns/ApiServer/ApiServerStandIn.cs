using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Lab.StandIns.ApiServer.Etcd;
using EtcdFleet.Lab.StandIns.ApiServer.Objects;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;

namespace EtcdFleet.Lab.StandIns.ApiServer;

/// <summary>The kube-apiserver stand-in: health, ConfigMaps, Secrets and Nodes over HTTPS, kept in the real etcd.</summary>
internal static class ApiServerStandIn
{
    /// <summary>kube-apiserver gives up when etcd does not answer for so long at its start.</summary>
    private static readonly TimeSpan EtcdMustAnswer = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(2);

    /// <summary>Serves until told to go, and a while longer (FACTS 14).</summary>
    /// <param name="listening">Called with the port once it listens.</param>
    /// <param name="terminate">SIGTERM.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(ApiServerOptions options, TimeProvider time, Action<string> log, Action<int> listening, CancellationToken terminate)
    {
        var life = new ApiServerLife(options.Behaviour, time);
        using var connection = new EtcdConnection(options, time);
        var records = new EtcdRecords(connection);
        var handler = new ApiHandler(options, new(life), new(life, records, time), new ObjectStore(records, time), time);
        await using var app = Build(options, handler);
        await app.StartAsync(CancellationToken.None);
        var port = new Uri(app.Urls.First()).Port;
        log(string.Create(CultureInfo.InvariantCulture, $"Serving securely on {options.BindAddress}:{port}, etcd {string.Join(',', options.EtcdServers)}"));
        listening(port);
        using var end = new CancellationTokenSource();
        if (!await EtcdAnswersAsync(records, time, terminate))
        {
            log($"Error: error creating storage backend: etcd did not answer for {EtcdMustAnswer.TotalSeconds:0} s: context deadline exceeded");
            return 1;
        }

        var watching = new EtcdWatches(connection, time).RunAsync(end.Token);
        await CancelledAsync(terminate);
        life.Stop();
        log(string.Create(CultureInfo.InvariantCulture, $"told to go: not ready any more, answers for another {options.Behaviour.ApiServerGoesOn.TotalSeconds:0.0} s"));
        await Task.Delay(options.Behaviour.ApiServerGoesOn, time, CancellationToken.None);
        await end.CancelAsync();
        await watching;
        using var patience = new CancellationTokenSource(LastAnswers, time);
        await app.StopAsync(patience.Token);
        log("gone");
        return 0;
    }

    private static WebApplication Build(ApiServerOptions options, ApiHandler handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Parse(options.BindAddress), options.SecurePort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = X509Certificate2.CreateFromPemFile(options.Tls.Certificate, options.Tls.Key);
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    // Asked of each request, since a wrong one is answered with 401 and does not end the handshake.
                    https.AllowAnyClientCertificate();
                });
            });
        });
        var app = builder.Build();
        app.Run(handler.HandleAsync);
        return app;
    }

    /// <summary>True once etcd answers, or when the apiserver has to go anyway.</summary>
    private static async Task<bool> EtcdAnswersAsync(EtcdRecords records, TimeProvider time, CancellationToken terminate)
    {
        using var deadline = new CancellationTokenSource(EtcdMustAnswer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, terminate);
        while (!either.IsCancellationRequested)
        {
            try
            {
                await records.CheckAsync(either.Token);
                return true;
            }
            catch (RpcException)
            {
                // etcd is there, but not able to answer: no leader yet.
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return terminate.IsCancellationRequested;
    }

    private static Task CancelledAsync(CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(() => cancelled.TrySetResult());
        return cancelled.Task;
    }
}
