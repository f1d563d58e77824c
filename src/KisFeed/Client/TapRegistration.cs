using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// One registration of a tap: tracks its state and writes its events to the tap's queue. Everything except <see cref="Subscription"/> is
/// guarded by the lock of the sessions.
/// </summary>
internal sealed class TapRegistration(TapQueue queue, FeedSchema feed, string key, FeedTotals totals, Action<TapRegistration> ended)
    : IFrameReceiver
{
    private DateTimeOffset? _lastAt;
    private long _dropped;
    private GapReason? _interruption;
    private bool _isOwnInterruption;
    private Gap? _upstream;
    private bool _isInterruptionReported;
    private bool _isConfirmationReported;
    private bool _isEvicted;
    private bool _wasConfirmed;
    private bool _hasFrames;
    private bool _isComplete;

    public FeedSchema Feed => feed;

    public string Key => key;

    public FeedTotals Totals => totals;

    /// <summary>The hold on the registration, once it is confirmed. Guarded by the tap's own lock.</summary>
    public ISubscriptionSource? Subscription { get; set; }

    // A silent connection that is confirmed again and again adds the same event each time; skipping repeats keeps the queue bounded.
    public void Confirm(string session, DateTimeOffset at)
    {
        if (_isComplete || _isConfirmationReported)
            return;
        _wasConfirmed = true;
        _isConfirmationReported = true;
        _isEvicted = false;
        queue.Write(this, new RegistrationConfirmed { At = at, Session = session });
    }

    public void Evict(DateTimeOffset at)
    {
        if (_isComplete || _isEvicted)
            return;
        _isEvicted = true;
        _wasConfirmed = true;
        _isConfirmationReported = false;
        _isInterruptionReported = false;
        Interrupt(GapReason.Evicted);
        queue.Write(this, new Evicted { At = at });
    }

    public void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt) => Receive();

    public void Write(MalformedFrame malformed) => Receive();

    public void Interrupt(GapReason reason, DateTimeOffset? at = null, bool isUpstream = false)
    {
        if (_isComplete)
            return;
        _interruption ??= reason;
        _isOwnInterruption |= !isUpstream;
        if (at is not { } reportedAt)
            return;
        _isConfirmationReported = false;
        if (_isInterruptionReported)
            return;
        _isInterruptionReported = true;
        queue.Write(this, new Interruption { At = reportedAt, Reason = reason });
    }

    public void AddUpstreamGap(Gap gap)
    {
        if (!_isComplete)
            _upstream = _upstream is null ? gap : _upstream.Join(gap);
    }

    public void Complete(Exception? error)
    {
        if (_isComplete)
            return;
        _isComplete = true;
        WriteGap(null);
        if (error is not null)
            queue.Write(this, RefusalBy(error));
        else if (_wasConfirmed)
            queue.Write(this, new RegistrationReleased { At = queue.Now });
        ended(this);
    }

    public void Accept(DateTimeOffset receivedAt, bool isReadable)
    {
        if (isReadable && !_hasFrames)
        {
            _hasFrames = true;
            queue.Write(this, new FirstFrame { At = receivedAt });
        }

        WriteGap(receivedAt);
        _lastAt = receivedAt;
        _isInterruptionReported = false;
        _isConfirmationReported = false;
    }

    public void Drop() => _dropped++;

    private void Receive()
    {
        if (!_isComplete)
            queue.Receive(this);
    }

    private void WriteGap(DateTimeOffset? to)
    {
        if (_dropped == 0 && _interruption is null && _upstream is null)
            return;
        var isOwn = _dropped > 0 || _isOwnInterruption || _upstream is null;
        var gap = isOwn
            ? new Gap
            {
                Reason = _interruption ?? _upstream?.Reason ?? GapReason.QueueOverflow,
                Frames = _dropped == 0 ? null : _dropped,
                From = _lastAt,
                To = to,
            }
            : _upstream!;
        if (isOwn && _upstream is not null)
            gap = gap.Join(_upstream);
        totals.CountGap(gap.Reason);
        queue.Write(this, gap.EndingBefore(to));
        _dropped = 0;
        _interruption = null;
        _isOwnInterruption = false;
        _upstream = null;
    }

    private RegistrationRefused RefusalBy(Exception error) => new()
    {
        At = queue.Now,
        Code = error is SubscribeRefusedException refusal ? refusal.Code : (error as ConnectionLostException)?.Code,
        BrokerText = (error as SubscribeRefusedException)?.BrokerText ?? "",
        Problem = error.Message,
    };
}
