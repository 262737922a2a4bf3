using System.Net;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Lab.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Lab.Releases;

/// <summary>Serves etcd's releases inside the lab's network, as a mirror of the official ones (D7).</summary>
/// <remarks>
/// <c>/v3.5.16/etcd-v3.5.16-linux-amd64.tar.gz</c> and <c>/v3.5.16/SHA256SUMS</c>; below <c>/corrupt</c> the same, with the last byte of
/// each tarball changed.
/// </remarks>
internal static class ReleaseServer
{
    private const int Port = 8080;
    private const int SecurePort = 8443;

    /// <summary>A download URL in the form that the inventory takes.</summary>
    public static string UrlOf(string scheme, string below = "") =>
        $"{scheme}://{LabNetwork.Gateway}:{(scheme == "https" ? SecurePort : Port)}/{below}v${{version}}/etcd-v${{version}}-linux-${{arch}}.tar.gz";

    /// <summary>Serves until cancelled.</summary>
    /// <param name="folder">What is served.</param>
    /// <param name="certificate">Base name of the server's pair: .crt and .key.</param>
    /// <param name="ready">File that is made once it listens.</param>
    public static async Task<int> RunAsync(string folder, string certificate, string ready, CancellationToken cancellationToken)
    {
        using var pem = X509Certificate2.CreateFromPemFile($"{certificate}.crt", $"{certificate}.key");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var address = IPAddress.Parse(LabNetwork.Gateway);
            kestrel.Listen(address, Port);
            kestrel.Listen(address, SecurePort, listen => listen.UseHttps(pem));
        });
        await using var app = builder.Build();
        app.MapGet("/{release}/{file}", (string release, string file) => Serve(folder, release, file, corrupt: false));
        app.MapGet("/corrupt/{release}/{file}", (string release, string file) => Serve(folder, release, file, corrupt: true));
        await app.StartAsync(cancellationToken);
        await File.WriteAllTextAsync(ready, "", cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static IResult Serve(string folder, string release, string file, bool corrupt)
    {
        var path = Path.Combine(folder, Path.GetFileName(release), Path.GetFileName(file));
        if (!File.Exists(path))
        {
            return Results.NotFound();
        }

        if (!corrupt || !path.EndsWith(".tar.gz", StringComparison.Ordinal))
        {
            return Results.File(path, "application/octet-stream");
        }

        var content = File.ReadAllBytes(path);
        content[^1] ^= 0xff;
        return Results.Bytes(content, "application/octet-stream");
    }
}
