using System.Buffers;

namespace KisFeed.Server;

/// <summary>
/// WebSocket frames on their way to a client: appended by any thread, written by one pump, as many at a time as have gathered. One pile fills
/// while the other is written, so no more than twice the limit is held, and the last message over it; of what many clients get, there is one copy for all of them.
/// </summary>
/// <param name="limit">Bytes after which the buffer counts as full. It still takes what is appended; whoever can wait does so.</param>
internal sealed class OutboundBuffer(int limit)
{
    private const int BatchBytes = 32 * 1024;

    private readonly Lock _gate = new();
    private OutboundPile _filling = new();
    private OutboundPile _writing = new();
    private int _count;
    private int _beingWritten;
    private bool _isSealed;
    private bool _isMuted;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _work;

    /// <summary>Whether as much waits as may.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= limit && !Volatile.Read(ref _isMuted);

    /// <summary>Bytes that have not gone out: what has gathered, and what is being written while the client's system takes no more.</summary>
    public long Waiting => Volatile.Read(ref _count) + (long)Volatile.Read(ref _beingWritten);

    /// <summary>Appends a text message; <see langword="false"/>, and without effect, once the buffer is sealed or muted.</summary>
    /// <param name="text">The message.</param>
    /// <param name="cuts">Where to cut it into fragments, in ascending order.</param>
    public bool AppendText(ReadOnlySpan<byte> text, params ReadOnlySpan<int> cuts)
    {
        Span<byte> header = stackalloc byte[ServerFrame.MaxHeaderLength];
        lock (_gate)
        {
            if (_isSealed || _isMuted)
                return false;
            var start = 0;
            for (var i = 0; i <= cuts.Length; i++)
            {
                var part = text[start..(i < cuts.Length ? cuts[i] : text.Length)];
                AppendLocked(header[..ServerFrame.WriteTextHeader(header, part.Length, isFirst: i == 0, isLast: i == cuts.Length)]);
                AppendLocked(part);
                start += part.Length;
            }

            Signal(ref _work);
            return true;
        }
    }

    /// <summary>Appends frames that others get too; <see langword="false"/>, and without effect, once the buffer is sealed or muted.</summary>
    public bool AppendFrames(in SharedFrames frames)
    {
        lock (_gate)
        {
            if (_isSealed || _isMuted)
                return false;
            _filling.Add(frames);
            _count += frames.Length;
            Signal(ref _work);
            return true;
        }
    }

    /// <summary>Appends a frame that is complete; without effect once the buffer is sealed or muted.</summary>
    public void AppendFrame(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_isSealed || _isMuted)
                return;
            AppendLocked(frame);
            Signal(ref _work);
        }
    }

    /// <summary>Takes what is appended no more, and does not end: what is in the buffer is still written, and nobody waits for room.</summary>
    public void Mute()
    {
        lock (_gate)
        {
            Volatile.Write(ref _isMuted, true);
            Signal(ref _room);
        }
    }

    /// <summary>Takes nothing more: what is in the buffer is still written, after that the pump ends.</summary>
    /// <param name="last">A frame to append before.</param>
    public void Seal(ReadOnlySpan<byte> last = default)
    {
        lock (_gate)
        {
            if (_isSealed)
                return;
            if (!_isMuted)
                AppendLocked(last);
            _isSealed = true;
            Signal(ref _work);
        }
    }

    /// <summary>Takes nothing more and forgets what has not been written.</summary>
    public void Drop()
    {
        lock (_gate)
        {
            _isSealed = true;
            _count = 0;
            _filling.Clear();
            Signal(ref _room);
            Signal(ref _work);
        }
    }

    /// <summary>Completes when the buffer is not full, which it no longer is once dropped.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            return _count < limit || _isMuted ? Task.CompletedTask : (_room ??= NewSignal()).Task;
        }
    }

    /// <summary>Writes what is appended until the buffer is sealed and empty. At the end what was the client's own is cleared: acknowledgements hold keys.</summary>
    public async Task PumpAsync(Stream stream)
    {
        try
        {
            while (true)
            {
                var (hasAny, work) = Take();
                if (hasAny)
                {
                    await WriteAsync(stream, _writing).ConfigureAwait(false);
                    await stream.FlushAsync().ConfigureAwait(false);
                    _writing.Clear();
                    Volatile.Write(ref _beingWritten, 0);
                }
                else if (work is null)
                {
                    return;
                }
                else
                {
                    await work.ConfigureAwait(false);
                }
            }
        }
        finally
        {
            Drop();
            Volatile.Write(ref _beingWritten, 0);
            _filling.Erase();
            _writing.Erase();
        }
    }

    // Each write goes to the network, so pieces are put together; a single one, as when one frame comes at a time, needs no copy.
    private static async Task WriteAsync(Stream stream, OutboundPile pile)
    {
        if (pile.PartCount == 1)
        {
            await stream.WriteAsync(pile[0]).ConfigureAwait(false);
            return;
        }

        var batch = ArrayPool<byte>.Shared.Rent(BatchBytes);
        try
        {
            var filled = 0;
            for (var i = 0; i < pile.PartCount; i++)
            {
                var part = pile[i];
                if (filled > 0 && filled + part.Length > batch.Length)
                {
                    await stream.WriteAsync(batch.AsMemory(0, filled)).ConfigureAwait(false);
                    filled = 0;
                }

                if (part.Length > batch.Length)
                {
                    await stream.WriteAsync(part).ConfigureAwait(false);
                    continue;
                }

                part.CopyTo(batch.AsMemory(filled));
                filled += part.Length;
            }

            if (filled > 0)
                await stream.WriteAsync(batch.AsMemory(0, filled)).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(batch, clearArray: true);
        }
    }

    private void AppendLocked(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        _filling.Add(bytes);
        _count += bytes.Length;
    }

    // Whether there is something to write; where not, what to wait for; where that is nothing either, it was the last.
    private (bool HasAny, Task? Work) Take()
    {
        lock (_gate)
        {
            if (_count == 0)
                return (false, _isSealed ? null : (_work = NewSignal()).Task);
            (_filling, _writing) = (_writing, _filling);
            Volatile.Write(ref _beingWritten, _count);
            _count = 0;
            Signal(ref _room);
            return (true, null);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Signal(ref TaskCompletionSource? waiter)
    {
        waiter?.TrySetResult();
        waiter = null;
    }
}
