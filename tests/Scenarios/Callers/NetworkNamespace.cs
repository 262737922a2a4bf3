using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Scenarios.Callers;

/// <summary>Sockets in the lab's network. A socket belongs to the namespace of the thread that made it, wherever it is used afterwards.</summary>
internal static partial class NetworkNamespace
{
    private const int CloneNewNet = 0x4000_0000;

    /// <summary>A TCP socket in a namespace.</summary>
    /// <param name="name">As in /run/netns.</param>
    public static Socket Socket(string name)
    {
        Socket? made = null;
        Exception? problem = null;

        // A thread of its own: the ones of the pool must stay where they are.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{name}");
                made = Enter(handle, CloneNewNet) == 0
                    ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
                    : throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
            catch (Exception e)
            {
                problem = e;
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw new InvalidOperationException($"no socket in the network namespace {name}: {problem?.Message}", problem);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(SafeFileHandle handle, int kind);
}
