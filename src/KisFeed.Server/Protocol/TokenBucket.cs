namespace KisFeed.Server;

/// <summary>Lets through so many requests a second, and a number of them at once after a rest. May be asked from any thread.</summary>
internal sealed class TokenBucket
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly double _rate;
    private readonly int _capacity;
    private double _tokens;
    private long _countedAt;

    /// <summary>A bucket that is full.</summary>
    /// <param name="rate">Requests a second in the long run.</param>
    /// <param name="capacity">Requests at once.</param>
    /// <param name="time">The clock.</param>
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

    /// <summary>Whether a token could not be taken now.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return CountLocked() < 1;
        }
    }

    /// <summary>Whether nothing has been taken of late that is not there again.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return CountLocked() >= _capacity;
        }
    }

    /// <summary>Takes a token where there is one. One that is refused costs nothing: who is too fast gets its rate, not silence.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (CountLocked() < 1)
                return false;
            _tokens--;
            return true;
        }
    }

    private double CountLocked()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_capacity, _tokens + (_time.GetElapsedTime(_countedAt, now).TotalSeconds * _rate));
        _countedAt = now;
        return _tokens;
    }
}
