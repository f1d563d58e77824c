using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Tasks.Sources;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Server.Http;

/// <summary>
/// The outbound queue of a client's WebSocket frames. Any thread appends; one pump writes all frames that are queued at a time.
/// One batch is filled while the other is written, so the buffer holds at most twice the limit plus the last message. Frames for
/// many clients are shared, not copied.
/// </summary>
/// <param name="limit">The buffer counts as full at this many bytes. It still accepts frames; producers that can wait should.</param>
internal sealed class OutboundBuffer(int limit) : IValueTaskSource<bool>
{
    private const int BatchBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private OutboundBatch _filling = new();
    private OutboundBatch _writing = new();
    private int _count;
    private int _beingWritten;
    private bool _isSealed;
    private bool _isMuted;
    private TaskCompletionSource? _room;

    // The pump waits once for every single frame, so the object of the wait is reused.
    private ManualResetValueTaskSourceCore<bool> _work = new() { RunContinuationsAsynchronously = true };
    private bool _isIdle;

    public bool IsFull => Volatile.Read(ref _count) >= limit && !Volatile.Read(ref _isMuted);

    /// <summary>Bytes that are queued or being written.</summary>
    public long Waiting => Volatile.Read(ref _count) + (long)Volatile.Read(ref _beingWritten);

    /// <summary>Appends a text message. Returns <see langword="false"/>, without effect, if the buffer is sealed or muted.</summary>
    /// <param name="text">The message.</param>
    /// <param name="cuts">The offsets at which to split it into fragments, in ascending order.</param>
    public bool AppendText(ReadOnlySpan<byte> text, params ReadOnlySpan<int> cuts)
    {
        Span<byte> header = stackalloc byte[WebSocketFrameHeader.MaxUnmaskedLength];
        using var change = new Change(this);
        if (_isSealed || _isMuted)
            return false;
        var start = 0;
        for (var i = 0; i <= cuts.Length; i++)
        {
            var part = text[start..(i < cuts.Length ? cuts[i] : text.Length)];
            AppendLocked(header[..WebSocketFrameHeader.Write(
                header, i == 0 ? WebSocketOpcode.Text : WebSocketOpcode.Continuation, part.Length, isFinal: i == cuts.Length)]);
            AppendLocked(part);
            start += part.Length;
        }

        return true;
    }

    /// <summary>Appends shared frames. Returns <see langword="false"/>, without effect, if the buffer is sealed or muted.</summary>
    public bool AppendFrames(in SharedFrames frames)
    {
        using var change = new Change(this);
        if (_isSealed || _isMuted)
            return false;
        _filling.Add(frames);
        _count += frames.Length;
        return true;
    }

    /// <summary>Appends a complete frame. Has no effect if the buffer is sealed or muted.</summary>
    public void AppendFrame(ReadOnlySpan<byte> frame)
    {
        using var change = new Change(this);
        if (!_isSealed && !_isMuted)
            AppendLocked(frame);
    }

    /// <summary>Ignores further frames without ending the pump. Queued frames are still written, and waits for room complete.</summary>
    public void Mute()
    {
        lock (_gate)
        {
            Volatile.Write(ref _isMuted, true);
            Signal(ref _room);
        }
    }

    /// <summary>Accepts no more frames. Queued frames are still written; then the pump ends.</summary>
    /// <param name="last">A last frame to append first.</param>
    public void Seal(ReadOnlySpan<byte> last = default)
    {
        using var change = new Change(this);
        if (!_isSealed && !_isMuted)
            AppendLocked(last);
        _isSealed = true;
    }

    /// <summary>Accepts no more frames and discards the queued ones.</summary>
    public void Drop()
    {
        using var change = new Change(this);
        _isSealed = true;
        _count = 0;
        _filling.Clear();
        Signal(ref _room);
    }

    /// <summary>Completes when the buffer is not full. A dropped buffer is never full.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            return _count < limit || _isMuted ? Task.CompletedTask : (_room ??= NewSignal()).Task;
        }
    }

    /// <summary>
    /// Writes appended frames until the buffer is sealed and empty. Then clears the client's own frames,
    /// because acknowledgements contain keys.
    /// </summary>
    public async Task PumpAsync(Stream stream)
    {
        try
        {
            while (await DequeueAsync().ConfigureAwait(false))
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
            return TryDequeueLocked();
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _work.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _work.OnCompleted(continuation, state, token, flags);

    // Each write goes to the network, so parts are combined.
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

    // Waits for frames and swaps the batches. Returns false when the buffer is sealed and empty.
    private ValueTask<bool> DequeueAsync()
    {
        lock (_gate)
        {
            if (_count > 0 || _isSealed)
                return new(TryDequeueLocked());
            _work.Reset();
            _isIdle = true;
            return new(this, _work.Version);
        }
    }

    private bool TryDequeueLocked()
    {
        if (_count == 0)
            return false;
        (_filling, _writing) = (_writing, _filling);
        Volatile.Write(ref _beingWritten, _count);
        _count = 0;
        Signal(ref _room);
        return true;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Signal(ref TaskCompletionSource? waiter)
    {
        waiter?.TrySetResult();
        waiter = null;
    }

    // The lock for a change. Wakes the pump if it waits and has something to do now: outside the lock, because the pump acquires it first.
    private readonly ref struct Change : IDisposable
    {
        private readonly OutboundBuffer _buffer;

        public Change(OutboundBuffer buffer)
        {
            buffer._gate.Enter();
            _buffer = buffer;
        }

        public void Dispose()
        {
            var wakes = _buffer._isIdle && (_buffer._count > 0 || _buffer._isSealed);
            _buffer._isIdle &= !wakes;
            _buffer._gate.Exit();
            if (wakes)
                _buffer._work.SetResult(true);
        }
    }
}
