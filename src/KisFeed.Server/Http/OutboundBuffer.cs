using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Tasks.Sources;

namespace KisFeed.Server;

/// <summary>
/// WebSocket frames on their way to a client: appended by any thread, written by one pump, as many at a time as have gathered. One batch fills
/// while the other is written, so no more than twice the limit is held, and the last message over it; of what many clients get, there is one copy for all of them.
/// </summary>
/// <param name="limit">Bytes after which the buffer counts as full. It still takes what is appended; whoever can wait does so.</param>
internal sealed class OutboundBuffer(int limit) : IValueTaskSource<bool>
{
    private const int BatchBytes = 32 * 1024;

    private readonly Lock _gate = new();
    private OutboundBatch _filling = new();
    private OutboundBatch _writing = new();
    private int _count;
    private int _beingWritten;
    private bool _isSealed;
    private bool _isMuted;
    private TaskCompletionSource? _room;

    // The pump's wait, which is begun anew for every frame that comes alone, and so is one object for good.
    private ManualResetValueTaskSourceCore<bool> _work = new() { RunContinuationsAsynchronously = true };
    private bool _isIdle;

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
        bool isIdle;
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

            isIdle = EndIdle();
        }

        WakeIf(isIdle);
        return true;
    }

    /// <summary>Appends frames that others get too; <see langword="false"/>, and without effect, once the buffer is sealed or muted.</summary>
    public bool AppendFrames(in SharedFrames frames)
    {
        bool isIdle;
        lock (_gate)
        {
            if (_isSealed || _isMuted)
                return false;
            _filling.Add(frames);
            _count += frames.Length;
            isIdle = EndIdle();
        }

        WakeIf(isIdle);
        return true;
    }

    /// <summary>Appends a frame that is complete; without effect once the buffer is sealed or muted.</summary>
    public void AppendFrame(ReadOnlySpan<byte> frame)
    {
        bool isIdle;
        lock (_gate)
        {
            if (_isSealed || _isMuted)
                return;
            AppendLocked(frame);
            isIdle = EndIdle();
        }

        WakeIf(isIdle);
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
        bool isIdle;
        lock (_gate)
        {
            if (_isSealed)
                return;
            if (!_isMuted)
                AppendLocked(last);
            _isSealed = true;
            isIdle = EndIdle();
        }

        WakeIf(isIdle);
    }

    /// <summary>Takes nothing more and forgets what has not been written.</summary>
    public void Drop()
    {
        bool isIdle;
        lock (_gate)
        {
            _isSealed = true;
            _count = 0;
            _filling.Clear();
            Signal(ref _room);
            isIdle = EndIdle();
        }

        WakeIf(isIdle);
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
            while (await TakeAsync().ConfigureAwait(false))
            {
                if (_writing.PartCount == 1)
                    await stream.WriteAsync(_writing[0]).ConfigureAwait(false);
                else
                    await WriteAsync(stream, _writing).ConfigureAwait(false);
                _writing.Clear();
                Volatile.Write(ref _beingWritten, 0);
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

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _work.GetResult(token);
        lock (_gate)
            return TryTakeLocked();
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _work.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _work.OnCompleted(continuation, state, token, flags);

    // Each write goes to the network, so pieces are put together.
    private static async Task WriteAsync(Stream stream, OutboundBatch outboundBatch)
    {
        var batch = ArrayPool<byte>.Shared.Rent(BatchBytes);
        var (filled, used) = (0, 0);
        try
        {
            for (var i = 0; i < outboundBatch.PartCount; i++)
            {
                var part = outboundBatch[i];
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
                used = Math.Max(used, filled);
            }

            if (filled > 0)
                await stream.WriteAsync(batch.AsMemory(0, filled)).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(batch.AsSpan(0, used));
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    private void AppendLocked(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        _filling.Add(bytes);
        _count += bytes.Length;
    }

    // Takes what has gathered, once there is something; there never will be where the buffer is sealed.
    private ValueTask<bool> TakeAsync()
    {
        lock (_gate)
        {
            if (_count > 0 || _isSealed)
                return new(TryTakeLocked());
            _work.Reset();
            _isIdle = true;
            return new(this, _work.Version);
        }
    }

    private bool TryTakeLocked()
    {
        if (_count == 0)
            return false;
        (_filling, _writing) = (_writing, _filling);
        Volatile.Write(ref _beingWritten, _count);
        _count = 0;
        Signal(ref _room);
        return true;
    }

    // Whether the pump is to be woken: once, and only to find something.
    private bool EndIdle()
    {
        if (!_isIdle || (_count == 0 && !_isSealed))
            return false;
        _isIdle = false;
        return true;
    }

    // Outside the lock, which the pump takes first of all.
    private void WakeIf(bool isIdle)
    {
        if (isIdle)
            _work.SetResult(true);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Signal(ref TaskCompletionSource? waiter)
    {
        waiter?.TrySetResult();
        waiter = null;
    }
}
