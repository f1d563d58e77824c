using System.Threading.Channels;
using KisFeed.Client;

namespace KisFeed.RabbitMq.Delivering;

// The connections as a session.
internal sealed partial class SourceRuntime
{
    private bool IsOpen => _error is null && _link.IsOpen && _streams.Values.All(stream => stream.IsOpen);

    // A stream that is being opened for a new key is not a problem.
    private string? Problem => _error?.Message ?? _link.Problem ?? _streams.Values.Select(stream => stream.Problem).FirstOrDefault(problem => problem is not null);

    public IReadOnlyList<RegistrationStatus> Registrations()
    {
        lock (_gate)
        {
            return [.. _entries.Values.Select(key => new RegistrationStatus(key.Key.Feed.TrId, key.Key.Key, StateOf(key), key.Attachments.Count) { Session = RabbitMqSource.SessionName })];
        }
    }

    /// <summary>What was counted of each feed.</summary>
    public IReadOnlyList<(string TrId, FeedTotals Totals)> Totals()
    {
        lock (_gate)
            return [.. _totals.Select(feed => (feed.Key, feed.Value))];
    }

    public SessionStatus Status()
    {
        lock (_gate)
            return StatusOf();
    }

    /// <summary>Opens a channel of status changes, beginning with the current status.</summary>
    public Channel<SessionStatus> Observe()
    {
        var observer = Channel.CreateBounded<SessionStatus>(new BoundedChannelOptions(StatusCapacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            observer.Writer.TryWrite(StatusOf());
            if (_disposing is not null || _error is not null)
                observer.Writer.TryComplete();
            else
                _observers.Add(observer);
        }

        return observer;
    }

    public void EndObserving(Channel<SessionStatus> observer)
    {
        lock (_gate)
            _observers.Remove(observer);
    }

    private SessionStatus StatusOf()
    {
        var phase = PhaseOf();
        return new SessionStatus
        {
            Name = RabbitMqSource.SessionName,
            Phase = phase,
            Desired = _entries.Count,
            Confirmed = _entries.Values.Count(key => StateOf(key) == RegistrationState.Registered),
            Places = _options.MaxKeys,
            Connections = _link.Connections,
            Failures = phase == SessionPhase.Open ? 0 : Math.Max(_link.Failures, Problem is null ? 0 : 1),
            LastReceivedAt = phase == SessionPhase.Open ? _delivery.LastReceivedAt : null,
            Problem = phase == SessionPhase.Open ? null : Problem,
            HaltReason = _error is null ? null : HaltReason.BadCredentials,
            Source = _delivery.Data,
        };
    }

    private SessionPhase PhaseOf()
    {
        if (_error is not null)
            return SessionPhase.Halted;
        if (_disposing is not null)
            return SessionPhase.Ended;
        if (Problem is not null)
            return SessionPhase.Waiting;
        return _link.IsOpen ? SessionPhase.Open : SessionPhase.Connecting;
    }

    private RegistrationState StateOf(KeyAttachments key)
    {
        if (!key.Ready.IsCompletedSuccessfully)
            return RegistrationState.Registering;
        return _streams.TryGetValue(key.Key.Partition, out var stream) && stream.IsOpen ? RegistrationState.Registered : RegistrationState.Queued;
    }

    private void UpdateSession()
    {
        if (_disposing is not null || _error is not null)
            return;
        var isOpen = PhaseOf() == SessionPhase.Open;
        if (isOpen != _wasOpen)
        {
            _wasOpen = isOpen;
            _delivery.Notify(isOpen
                ? new SessionConnected { At = _clock.EventAt(), Session = RabbitMqSource.SessionName }
                : new SessionLost { At = _clock.EventAt(), Session = RabbitMqSource.SessionName, Problem = Problem ?? "the connection to the cluster was lost" });
        }

        NotifyObservers();
    }

    private void NotifyObservers()
    {
        if (_observers.Count == 0)
            return;
        var status = StatusOf();
        foreach (var observer in _observers)
            observer.Writer.TryWrite(status);
    }
}
