using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.TestKit;

/// <summary>A real web server on the loopback, over http and https, with files and faults that a test lays down.</summary>
internal sealed class DownloadServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly X509Certificate2 _certificate = NewCertificate();
    private readonly WebApplication _server;

    private DownloadServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate));
        });
        _server = builder.Build();
        _server.Run(context =>
        {
            _requests.Enqueue(context.Request.Path);
            return _answers.TryGetValue(context.Request.Path, out var answer) ? answer(context) : NotFound(context);
        });
    }

    /// <summary>Paths that were asked for, in their order.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>"http://127.0.0.1:4711".</summary>
    public string Http { get; private set; } = "";

    /// <summary>"https://127.0.0.1:4712".</summary>
    public string Https { get; private set; } = "";

    public static async Task<DownloadServer> StartAsync()
    {
        var server = new DownloadServer();
        await server._server.StartAsync();
        var addresses = server._server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        server.Http = addresses.Single(address => address.StartsWith("http:", StringComparison.Ordinal));
        server.Https = addresses.Single(address => address.StartsWith("https:", StringComparison.Ordinal));
        return server;
    }

    public void File(string path, byte[] content) => Answer(path, context =>
    {
        context.Response.ContentLength = content.Length;
        return context.Response.Body.WriteAsync(content).AsTask();
    });

    public void Redirect(string path, string target) => Answer(path, context =>
    {
        context.Response.Redirect(target);
        return Task.CompletedTask;
    });

    public void Answer(string path, RequestDelegate answer) => _answers[path] = answer;

    /// <summary>A client that believes this server's certificate and no other.</summary>
    public HttpMessageInvoker Client(SocketsHttpHandler handler)
    {
        handler.UseProxy = false;
        handler.SslOptions.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { _certificate } };
        return new HttpMessageInvoker(handler);
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        await _server.StopAsync(soon.Token);
        await _server.DisposeAsync();
        _certificate.Dispose();
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddYears(1));
    }
}
