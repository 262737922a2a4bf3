using System.Net.Sockets;
using System.Text;

namespace EtcdFleet.Lab.StandIns;

/// <summary>Tells systemd that the service is ready.</summary>
internal static class ServiceNotification
{
    /// <summary>Sends READY=1 to systemd; does nothing where systemd did not start this process.</summary>
    public static void Ready()
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } path)
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        // A leading @ stands for the zero byte of an abstract address.
        socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
        socket.Send(Encoding.UTF8.GetBytes("READY=1"));
    }
}
