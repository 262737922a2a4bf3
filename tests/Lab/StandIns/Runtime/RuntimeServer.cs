using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Lab.StandIns.Runtime;

/// <summary>The containerd stand-in: the CRI on its Unix socket.</summary>
internal static class RuntimeServer
{
    /// <summary>Serves until cancelled.</summary>
    /// <param name="ready">Called once the socket is there.</param>
    public static async Task RunAsync(StandInOptions options, Action ready, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(options.CriSocket)!);
        File.Delete(options.CriSocket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(options.CriSocket, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new ContainerStore(options.Containers));
        await using var app = builder.Build();
        app.MapGrpcService<CriEndpoint>();
        await app.StartAsync(cancellationToken);
        // Root alone, as containerd's.
        File.SetUnixFileMode(options.CriSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ready();
        await app.WaitForShutdownAsync(cancellationToken);
    }
}
