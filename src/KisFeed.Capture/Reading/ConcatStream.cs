namespace KisFeed.Capture;

/// <summary>A stream, and then some bytes more.</summary>
internal sealed class ConcatStream(Stream stream, byte[] end) : Stream
{
    private int _given = -1;

    /// <summary>Whether more was asked for than there is in the stream.</summary>
    public bool HasEnded => _given >= 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_given < 0)
        {
            var count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count > 0 || buffer.IsEmpty)
                return count;
            _given = 0;
        }

        return GiveEnd(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        if (_given < 0)
        {
            var count = stream.Read(buffer);
            if (count > 0 || buffer.IsEmpty)
                return count;
            _given = 0;
        }

        return GiveEnd(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int GiveEnd(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, end.Length - _given);
        end.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}
