using KisFeed.Client;

namespace KisFeed.Capture.Reading;

internal sealed class ConcatStream(Stream stream, byte[] end) : SequentialStream
{
    private int _endPosition = -1;

    /// <summary>Whether the inner stream has been read to its end.</summary>
    public bool HasEnded => _endPosition >= 0;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_endPosition < 0)
        {
            var count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count > 0 || buffer.IsEmpty)
                return count;
            _endPosition = 0;
        }

        var length = Math.Min(buffer.Length, end.Length - _endPosition);
        end.AsMemory(_endPosition, length).CopyTo(buffer);
        _endPosition += length;
        return length;
    }
}
