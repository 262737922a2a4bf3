using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.TestKit;

/// <summary>A real web server on the loopback that wants to see a client's certificate, as an apiserver does.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly X509Certificate2 _certificate;

    private TlsServer(WebApplication server, X509Certificate2 certificate) => (_server, _certificate) = (server, certificate);

    /// <summary>https://127.0.0.1:PORT.</summary>
    public Uri Address => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <param name="identity">PEM of its certificate and of the key.</param>
    /// <param name="answer">What it does with each request.</param>
    public static async Task<TlsServer> StartAsync((string Certificate, string Key) identity, RequestDelegate answer)
    {
        var certificate = X509Certificate2.CreateFromPem(identity.Certificate, identity.Key);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(certificate, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.AllowAnyClientCertificate();
        })));
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync();
        return new(server, certificate);
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        await _server.StopAsync(soon.Token);
        await _server.DisposeAsync();
        _certificate.Dispose();
    }
}
