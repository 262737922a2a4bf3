using System.Text;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>A tar file on its way to the reader, held to what a release has. The reader believes sizes: it takes the memory that an extended header asks for,
/// and reads over whatever an entry claims, which gzip makes a thousandfold out of little.</summary>
/// <param name="inner">The unpacked bytes.</param>
/// <param name="most">As many of them as there may be.</param>
internal sealed class BoundedTar(Stream inner, long most) : Stream
{
    private const int Block = 512;

    /// <summary>Of names and attributes; etcd's have a few dozen bytes.</summary>
    private const int MostExtended = 64 * 1024;

    private readonly Memory<byte> _buffer = new byte[Block + MostExtended];
    private Memory<byte> _ready;
    private long _content;
    private long _seen;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _seen;
        set => throw new NotSupportedException();
    }

    /// <exception cref="InvalidDataException">It is more than a release has.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0; // asked for nothing, which is no end
        }

        if (_ready.IsEmpty && _content == 0)
        {
            await HeaderAsync(cancellationToken);
        }

        if (!_ready.IsEmpty)
        {
            var part = Math.Min(buffer.Length, _ready.Length);
            _ready[..part].CopyTo(buffer);
            _ready = _ready[part..];
            return part;
        }

        var read = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _content)], cancellationToken);
        _content -= read;
        Count(read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task HeaderAsync(CancellationToken cancellationToken)
    {
        var read = await inner.ReadAtLeastAsync(_buffer[..Block], Block, throwOnEndOfStream: false, cancellationToken);
        Count(read);
        _ready = _buffer[..read];
        if (read < Block || !_ready.Span.ContainsAnyExcept((byte)0))
        {
            return;
        }

        _content = (Size(_ready.Span.Slice(124, 12)) + Block - 1) / Block * Block;
        if ((char)_ready.Span[156] is 'x' or 'g' or 'L' or 'K')
        {
            await ExtendedAsync(cancellationToken);
        }
    }

    private async Task ExtendedAsync(CancellationToken cancellationToken)
    {
        if (_content > MostExtended)
        {
            throw new InvalidDataException($"a name or attribute of {_content} bytes, expected at most {MostExtended}");
        }

        var read = await inner.ReadAtLeastAsync(_buffer.Slice(Block, (int)_content), (int)_content, throwOnEndOfStream: false, cancellationToken);
        Count(read);
        (_ready, _content) = (_buffer[..(Block + read)], 0);
        // It would count instead of the header's own size, and is for files of more than 8 GB.
        if (_ready.Span[Block..].IndexOf(" size="u8) >= 0)
        {
            throw new InvalidDataException("an extended size, expected none");
        }
    }

    private void Count(int read)
    {
        _seen += read;
        if (_seen > most)
        {
            throw new InvalidDataException($"more than {most} bytes when unpacked");
        }
    }

    /// <summary>Octal digits, or with the highest bit set a binary number, which only a file of more than 8 GB has.</summary>
    private static long Size(ReadOnlySpan<byte> field)
    {
        var text = Encoding.Latin1.GetString(field).Trim('\0', ' ');
        if (text.Length > 0 && (field[0] & 0x80) != 0)
        {
            throw new InvalidDataException("an entry of more than 8 GB");
        }

        return text.All(digit => digit is >= '0' and <= '7') ? text.Aggregate(0L, (size, digit) => (size * 8) + digit - '0') : throw new InvalidDataException("an entry whose size is no number");
    }
}
