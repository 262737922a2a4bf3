using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>The Unix socket's folder and file: root's alone, whatever the umask.</summary>
internal static class LocalSocket
{
    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Sets the listener up.</summary>
    public static void Listen(ListenOptions listener)
    {
        var pool = new ConnectionPool(most: 64, mostOfOne: 64);
        listener.Protocols = HttpProtocols.Http2;
        listener.Use(next => async connection =>
        {
            using var place = pool.Enter(connection, "");
            await next(connection);
        });
    }

    /// <summary>Makes the folder (0700) and takes away the socket of an agent that died: the kernel's name for it outlives the process.</summary>
    public static void Prepare(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder, RootOnly);
        File.SetUnixFileMode(folder, RootOnly);
        File.Delete(path);
    }
}
