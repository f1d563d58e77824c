namespace KisFeed.Capture.Reading;

internal sealed class ConcatStream(Stream stream, byte[] end) : Stream
{
    private int _endPosition = -1;

    /// <summary>Whether the inner stream has been read to its end.</summary>
    public bool HasEnded => _endPosition >= 0;

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
        if (_endPosition < 0)
        {
            var count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count > 0 || buffer.IsEmpty)
                return count;
            _endPosition = 0;
        }

        return ReadEnd(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        if (_endPosition < 0)
        {
            var count = stream.Read(buffer);
            if (count > 0 || buffer.IsEmpty)
                return count;
            _endPosition = 0;
        }

        return ReadEnd(buffer);
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

    private int ReadEnd(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, end.Length - _endPosition);
        end.AsSpan(_endPosition, count).CopyTo(buffer);
        _endPosition += count;
        return count;
    }
}
