namespace KisFeed.Server.Protocol;

/// <summary>A token bucket: limits the rate of requests and allows bursts up to its capacity. Thread-safe.</summary>
internal sealed class TokenBucket
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly double _rate;
    private readonly int _capacity;
    private double _tokens;
    private long _countedAt;

    /// <summary>Creates a full bucket.</summary>
    public TokenBucket(double rate, int capacity, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _time = time;
        _rate = rate;
        _capacity = capacity;
        _tokens = capacity;
        _countedAt = time.GetTimestamp();
    }

    public bool IsEmpty => Refill() < 1;

    /// <summary>Whether every token that was taken has been added again.</summary>
    public bool IsFull => Refill() >= _capacity;

    /// <summary>
    /// Takes a token if one is available. A refused request costs nothing, so a client that is too fast still gets its rate.
    /// </summary>
    public bool TryAcquire()
    {
        lock (_gate)
        {
            if (Refill() < 1)
                return false;
            _tokens--;
            return true;
        }
    }

    // Adds the tokens of the time since the last call. The lock is re-entrant.
    private double Refill()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _tokens = Math.Min(_capacity, _tokens + (_time.GetElapsedTime(_countedAt, now).TotalSeconds * _rate));
            _countedAt = now;
            return _tokens;
        }
    }
}

/// <summary>
/// Limits the log lines of one kind and counts the skipped ones, so that clients cannot fill the log or keep the disk busy. Thread-safe.
/// </summary>
internal sealed class LogSampler(TimeProvider time)
{
    private const int PerMinute = 10;

    private readonly TokenBucket _lines = new(PerMinute / 60.0, PerMinute, time);
    private long _skipped;

    /// <summary>Whether a line may be logged now.</summary>
    public bool TrySample(out long skipped)
    {
        skipped = 0;
        if (!_lines.TryAcquire())
        {
            Interlocked.Increment(ref _skipped);
            return false;
        }

        skipped = Interlocked.Exchange(ref _skipped, 0);
        return true;
    }
}
