using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Lab.Host;

/// <summary>Connections out of this process into the lab's network. A socket belongs to the network that its thread was in when it was made.</summary>
internal static partial class LabSockets
{
    private const int NetworkNamespace = 0x40000000;

    /// <summary>Connects to an address in a network namespace.</summary>
    /// <param name="network">Its name in /run/netns.</param>
    /// <exception cref="SocketException">Nobody listens there, or there is no such namespace.</exception>
    public static async Task<Stream> ConnectAsync(string network, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var made = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own, which ends: it must not go back to the pool with another network.
        var thread = new Thread(() => Make(network, made)) { IsBackground = true };
        thread.Start();
        var socket = await made.Task;
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(target.Host), target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Make(string network, TaskCompletionSource<Socket> made)
    {
        try
        {
            using var handle = File.OpenHandle($"/run/netns/{network}");
            if (SetNamespace(handle, NetworkNamespace) != 0)
            {
                throw new SocketException(Marshal.GetLastPInvokeError());
            }

            made.SetResult(new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        }
        catch (Exception e)
        {
            made.SetException(e is SocketException ? e : new SocketException((int)SocketError.NetworkUnreachable, e.Message));
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int kind);
}
