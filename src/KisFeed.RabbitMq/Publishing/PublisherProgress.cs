using KisFeed.Capture;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>The counts of a publisher and its problem. Thread-safe.</summary>
internal sealed class PublisherProgress(UnconfirmedBatches unconfirmed, Func<long> dropped, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _sent;
    private long _confirmed;
    private long _republished;
    private long _caughtUp;
    private long _connections;
    private DateTimeOffset? _confirmedAt;
    private bool _isLive;
    private string? _problem;
    private string? _summary;
    private DateTimeOffset? _problemSince;
    private bool _hasEnded;

    public FramePublisherStatus Status
    {
        get
        {
            lock (_gate)
            {
                var isLive = _isLive && _problem is null;
                return new FramePublisherStatus
                {
                    Sent = _sent,
                    Published = _confirmed,
                    Republished = _republished,
                    CaughtUp = _caughtUp,
                    Dropped = dropped(),
                    Unconfirmed = unconfirmed.Count,
                    Connections = _connections,
                    PublishedAt = _confirmedAt,
                    IsLive = isLive,
                    Lag = isLive || _confirmedAt is not { } at
                        ? TimeSpan.Zero
                        : TimeSpan.FromTicks(Math.Max(0, (time.GetUtcNow() - at).Ticks)),
                    Problem = _problem,
                    ProblemSummary = _summary,
                    ProblemSince = _problemSince,
                    HasEnded = _hasEnded,
                };
            }
        }
    }

    public string? Problem
    {
        get
        {
            lock (_gate)
                return _problem;
        }
    }

    public void OnSent(int entries)
    {
        lock (_gate)
            _sent += entries;
    }

    public void OnConfirmed(int entries)
    {
        lock (_gate)
            _confirmed += entries;
    }

    public void OnCaughtUp()
    {
        lock (_gate)
            _caughtUp++;
    }

    public void OnConnected(int republished)
    {
        lock (_gate)
        {
            _connections++;
            _republished += republished;
        }
    }

    public void SetLive(bool isLive)
    {
        lock (_gate)
            _isLive = isLive;
    }

    public void SetConfirmedAt(DateTimeOffset? at)
    {
        lock (_gate)
            _confirmedAt = at;
    }

    /// <summary>Sets or clears the problem, and returns for how long there was one.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="summary">The same without names of hosts and files.</param>
    public TimeSpan SetProblem(string? problem, string? summary)
    {
        lock (_gate)
        {
            var lasted = _problemSince is { } since ? time.GetUtcNow() - since : TimeSpan.Zero;
            (_problem, _summary) = (problem, summary);
            _problemSince = problem is null ? null : _problemSince ?? time.GetUtcNow();
            return lasted;
        }
    }

    public void End()
    {
        lock (_gate)
            (_hasEnded, _isLive) = (true, false);
    }
}
