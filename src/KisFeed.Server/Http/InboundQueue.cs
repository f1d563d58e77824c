using System.Threading.Channels;

namespace KisFeed.Server;

/// <summary>Messages of a client that wait for the one before to be handled. One adds, who is to wait for room after each; another takes.</summary>
/// <param name="limit">Bytes that may wait, and the last message over them.</param>
internal sealed class InboundQueue(int limit)
{
    // What a message takes beside its bytes, about: many that are short are bounded too.
    private const int Overhead = 64;

    private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private int _bytes;
    private volatile bool _isAbandoned;

    /// <summary>Adds a copy of a message.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        lock (_gate)
            _bytes += text.Length + Overhead;
        _messages.Writer.TryWrite(text.ToArray());
    }

    /// <summary>Completes when another message may be added.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
            return _bytes < limit ? Task.CompletedTask : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Takes the next message; <see langword="null"/> where none comes any more.</summary>
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

    /// <summary>Nothing is added any more.</summary>
    public void Complete() => _messages.Writer.TryComplete();

    /// <summary>Nothing is added any more, and nobody wants what waits.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        Complete();
    }
}
