using System.Net.Sockets;
using System.Text;

namespace EtcdFleet.TestKit;

/// <summary>systemd's end of NOTIFY_SOCKET: a datagram socket with a file name, and what arrives at it.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Socket _socket = null!;
    private readonly List<string> _received = [];

    public NotifySocket() => Listen();

    public string Path => _folder.At("notify");

    /// <summary>Everything that has been read so far.</summary>
    public IReadOnlyList<string> Received => _received;

    /// <summary>Reads until each of these lines has come, in any order; what came in earlier reads does not count.</summary>
    public async Task UntilAsync(IEnumerable<string> lines, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        for (var missing = lines.ToHashSet(); missing.Count > 0; missing.ExceptWith(_received[^1].Split('\n')))
        {
            var size = await _socket.ReceiveAsync(buffer, cancellationToken);
            _received.Add(Encoding.UTF8.GetString(buffer, 0, size));
        }
    }

    /// <summary>Nobody listens any more, as while systemd is replaced.</summary>
    public void GoAway()
    {
        _socket.Dispose();
        File.Delete(Path);
    }

    public void Listen()
    {
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
    }
}
