using System.Globalization;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Server.Http;

/// <summary>
/// Reads the bytes that a client sends on a WebSocket and enforces its <see cref="FrameLimits"/>: empty fragments, control frames and
/// messages that never end produce no message, so no other limit counts them. Reads nothing after a limit was exceeded, and little when the
/// connection is closing. Reads must not overlap.
/// </summary>
internal sealed class FrameGuard : IDisposable
{
    private const int MaxBytesAfterClose = 64 * 1024;

    private readonly FrameLimits _limits;
    private readonly TimeProvider _time;
    private readonly TokenBucket _frames;
    private readonly ClientFrameScanner _scanner;
    private readonly Func<bool> _isClosing;
    private readonly Action<string> _onExceeded;
    private readonly ITimer _timer;
    private TimeSpan _waited;
    private bool _isMessageOpen;
    private int _fragments;
    private int _bytesAfterClose;
    private int _isExceeded;

    /// <summary>Creates the guard of one connection.</summary>
    /// <param name="limits">The limits of the client.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isClosing">Returns whether the connection is closing.</param>
    /// <param name="onExceeded">Called once, with the reason, when a limit is exceeded. The caller must
    /// close the connection with 1008.</param>
    /// <param name="onPing">Called with the payload of each ping frame.</param>
    /// <param name="onPong">Called with the payload of each pong frame.</param>
    public FrameGuard(
        FrameLimits limits, TimeProvider time, Func<bool> isClosing, Action<string> onExceeded, Action<ReadOnlySpan<byte>>? onPing = null,
        Action<ReadOnlySpan<byte>>? onPong = null)
    {
        _limits = limits;
        _time = time;
        _frames = new TokenBucket(limits.PerSecond, limits.Burst, time);
        _isClosing = isClosing;
        _onExceeded = onExceeded;
        _scanner = new ClientFrameScanner(onPing, onPong, OnFrame);
        _timer = time.CreateTimer(
            static state => ((FrameGuard)state!).OnTimeout(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private bool IsUnfinished => _isMessageOpen || _scanner.IsInFrame;

    /// <summary>Reads from the connection.</summary>
    /// <exception cref="IOException">A limit was exceeded, or the client keeps sending while the connection is closing.</exception>
    public async ValueTask<int> ReadAsync(Stream connection, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ThrowIfOver();
        var reading = connection.ReadAsync(buffer, cancellationToken);
        var count = reading.IsCompleted || !IsUnfinished
            ? await reading.ConfigureAwait(false)
            : await ReadRestAsync(reading).ConfigureAwait(false);
        _scanner.Scan(buffer.Span[..count]);
        if (!IsUnfinished)
            _waited = TimeSpan.Zero;
        if (_isClosing())
            _bytesAfterClose += count;
        ThrowIfOver();
        return count;
    }

    public void Dispose() => _timer.Dispose();

    // Only the time spent waiting for the client counts, not the time in which the server does not read.
    private async ValueTask<int> ReadRestAsync(ValueTask<int> reading)
    {
        var begun = _time.GetTimestamp();
        _timer.Change(_limits.MessageTimeout > _waited ? _limits.MessageTimeout - _waited : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            return await reading.ConfigureAwait(false);
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _waited += _time.GetElapsedTime(begun);
        }
    }

    private void OnFrame(WebSocketFrameHeader header)
    {
        var isControl = header.IsControl;
        var isContinuation = header.Opcode == WebSocketOpcode.Continuation;
        if (!isControl)
        {
            _isMessageOpen = !header.IsFinal;
            _fragments = isContinuation ? _fragments + 1 : 1;
        }

        if (_fragments > _limits.MaxFragments)
        {
            Exceed($"a message has more than {_limits.MaxFragments} fragments");
        }
        else if ((isControl || isContinuation) && !_frames.TryAcquire())
        {
            Exceed(string.Create(CultureInfo.InvariantCulture, $"too many {(isControl ? "pings or pongs" : "fragments")}: the limit is "
                + $"{_limits.PerSecond} per second, with bursts of {_limits.Burst}"));
        }
    }

    private void OnTimeout() => Exceed($"a message was not complete within {_limits.MessageTimeout.TotalSeconds:0} seconds");

    private void Exceed(string reason)
    {
        if (Interlocked.Exchange(ref _isExceeded, 1) == 0)
            _onExceeded(reason);
    }

    private void ThrowIfOver()
    {
        if (Volatile.Read(ref _isExceeded) != 0 || _bytesAfterClose > MaxBytesAfterClose)
            throw new IOException("the client exceeded its frame limits; nothing more is read from it");
    }
}

/// <summary>The frames that a client may send on a WebSocket. Whole messages are limited by their handlers.</summary>
internal sealed record FrameLimits
{
    /// <summary>Control frames and continuation fragments per second. Default: 50; a keep-alive sends one every few seconds.</summary>
    public double PerSecond { get; init; } = 50;

    /// <summary>The largest burst of them. Default: 200; a client that was suspended for a while answers all heartbeats at once.</summary>
    public int Burst { get; init; } = 200;

    /// <summary>
    /// Fragments of one message. Default: 128; a message has at most 64 KiB, and libraries use fragments of a kilobyte or more.
    /// </summary>
    public int MaxFragments { get; init; } = 128;

    /// <summary>How long to wait in total for the rest of a message or control frame. Default: 10 seconds.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
