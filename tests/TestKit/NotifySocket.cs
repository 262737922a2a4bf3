using System.Net.Sockets;
using System.Text;

namespace EtcdFleet.TestKit;

/// <summary>systemd's end of NOTIFY_SOCKET: a datagram socket with a file name, and what arrives at it.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _received = [];

    public NotifySocket() => _socket.Bind(new UnixDomainSocketEndPoint(Path));

    public string Path => _folder.At("notify");

    /// <summary>Everything that has been read so far.</summary>
    public IReadOnlyList<string> Received => _received;

    /// <summary>Reads until a message that is one of these lines.</summary>
    public async Task UntilAsync(string line, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        do
        {
            var size = await _socket.ReceiveAsync(buffer, cancellationToken);
            _received.Add(Encoding.UTF8.GetString(buffer, 0, size));
        }
        while (!_received[^1].Split('\n').Contains(line));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
    }
}
