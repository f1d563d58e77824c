using System.Threading.Channels;

namespace KisFeed.Server.Http;

/// <summary>
/// The queue of a client's messages while an earlier one is handled. For one producer, which must wait for room
/// after each message, and one consumer.
/// </summary>
/// <param name="limit">The queue is full at this many bytes; the last message may exceed them.</param>
internal sealed class InboundQueue(int limit)
{
    // The approximate overhead of a message, so that many short messages are bounded too.
    private const int Overhead = 64;

    private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private int _bytes;
    private volatile bool _isAbandoned;

    public void Add(ReadOnlySpan<byte> text)
    {
        lock (_gate)
            _bytes += text.Length + Overhead;
        _messages.Writer.TryWrite(text.ToArray());
    }

    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            return _bytes < limit
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Dequeues the next message, or returns <see langword="null"/> when the queue has ended.</summary>
    public async ValueTask<byte[]?> NextAsync()
    {
        if (!await _messages.Reader.WaitToReadAsync().ConfigureAwait(false) || _isAbandoned || !_messages.Reader.TryRead(out var text))
            return null;
        lock (_gate)
        {
            _bytes -= text.Length + Overhead;
            if (_bytes < limit)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }

        return text;
    }

    /// <summary>Ends the queue. Queued messages can still be dequeued.</summary>
    public void Complete() => _messages.Writer.TryComplete();

    /// <summary>Ends the queue and discards the queued messages.</summary>
    public void Discard()
    {
        _isAbandoned = true;
        Complete();
    }
}
