using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>Decides when a session may try again, or that it must not: counts consecutive failures and increases the delays accordingly.</summary>
internal sealed class ReconnectSchedule(ReconnectPolicy policy, Random random)
{
    // The broker issues one approval key per second and counts requests per minute.
    private static readonly TimeSpan s_throttled = TimeSpan.FromSeconds(60);

    // If the server does not know a newly issued key, retrying does not help: the REST address and the WebSocket address belong to different
    // services.
    private const int MaxKeysRefused = 3;

    // More doublings exceed any limit.
    private const int MaxDoublings = 30;

    private int _failures;
    private int _fruitless;
    private int _silent;
    private int _keysRefused;
    private int _inUse;
    private TimeSpan _inUseSince;

    /// <summary>Whether the next attempt needs a newly issued approval key.</summary>
    public bool NeedsFreshKey { get; private set; }

    /// <summary>The number of failed attempts since data last arrived.</summary>
    public int Failures => _failures;

    /// <summary>The server acknowledged a registration: it accepts the approval key, and no other session holds the app key.</summary>
    public void Accepted()
    {
        _keysRefused = 0;
        _inUse = 0;
        NeedsFreshKey = false;
    }

    /// <summary>Data arrived: the session works, and earlier failures no longer count.</summary>
    public void DataArrived()
    {
        if (_failures == 0 && _fruitless == 0)
            return;
        Accepted();
        _failures = 0;
        _fruitless = 0;
        _silent = 0;
    }

    /// <summary>The session lost its permission. Whether the app key was in use before says nothing about its use when the session may connect again.</summary>
    public void StoodDown() => _inUse = 0;

    /// <summary>A connection could not be established.</summary>
    public ReconnectDecision ConnectFailed(ConnectFailure failure, TimeSpan now)
    {
        switch (failure)
        {
            case ConnectFailure.BadCredentials:
                return ReconnectDecision.Stop(HaltReason.BadCredentials);
            case ConnectFailure.Rejected:
                return Fruitless(now, isSilent: false);
            default:
                var step = Later(now);
                return failure == ConnectFailure.TooManyRequests && step.NotBefore < now + s_throttled && step.Halt is null ? new ReconnectDecision(now + s_throttled) : step;
        }
    }

    /// <summary>An established connection was lost.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="isFruitful">Whether data had arrived, or the connection lasted long enough.</param>
    /// <param name="now">The time.</param>
    public ReconnectDecision Lost(LossReason reason, bool isFruitful, TimeSpan now)
    {
        if (!isFruitful)
            return Fruitless(now, reason == LossReason.Silence);
        _fruitless = 0;
        _silent = 0;
        return Later(now);
    }

    /// <summary>The server refused the session as a whole.</summary>
    /// <param name="meaning">The meaning of its code.</param>
    /// <param name="keyWasFresh">Whether the approval key was issued for this attempt.</param>
    /// <param name="now">The time.</param>
    public ReconnectDecision Refused(BrokerCodeMeaning meaning, bool keyWasFresh, TimeSpan now) => meaning switch
    {
        BrokerCodeMeaning.BadCredentials => ReconnectDecision.Stop(HaltReason.BadCredentials),
        BrokerCodeMeaning.AppKeyInUse => InUse(now),
        _ => KeyRefused(keyWasFresh, now),
    };

    private ReconnectDecision InUse(TimeSpan now)
    {
        if (!policy.IsEnabled)
            return ReconnectDecision.Stop(HaltReason.AppKeyInUse);
        if (_inUse == 0)
            _inUseSince = now;
        else if (now - _inUseSince >= policy.AppKeyInUseTimeout)
            return ReconnectDecision.Stop(HaltReason.AppKeyInUse);
        _failures++;
        var delay = policy.AppKeyInUseDelay * (1 << Math.Min(_inUse, 2));
        _inUse++;
        return new ReconnectDecision(now + Jittered(delay));
    }

    private ReconnectDecision KeyRefused(bool wasFresh, TimeSpan now)
    {
        NeedsFreshKey = true;
        if (!policy.IsEnabled)
            return ReconnectDecision.Stop(HaltReason.ApprovalKeyRefused);
        if (!wasFresh)
            return new ReconnectDecision(now);
        return ++_keysRefused >= MaxKeysRefused ? ReconnectDecision.Stop(HaltReason.ApprovalKeyRefused) : Later(now);
    }

    private ReconnectDecision Fruitless(TimeSpan now, bool isSilent)
    {
        _fruitless++;
        if (isSilent)
            _silent++;
        if (_fruitless < policy.MaxFailedConnections || !policy.IsEnabled)
            return Later(now);
        _failures++;
        return ReconnectDecision.Stop(_silent == _fruitless ? HaltReason.Silent : HaltReason.Fruitless);
    }

    private ReconnectDecision Later(TimeSpan now)
    {
        if (!policy.IsEnabled)
            return ReconnectDecision.Stop(HaltReason.NoReconnect);
        var doublings = Math.Min(_failures++, MaxDoublings);
        var delay = policy.InitialDelay.TotalSeconds * (1L << doublings);
        return new ReconnectDecision(now + Jittered(TimeSpan.FromSeconds(Math.Min(delay, policy.MaxDelay.TotalSeconds))));
    }

    private TimeSpan Jittered(TimeSpan delay) => delay * (1 + (policy.Jitter * random.NextDouble()));
}

/// <summary>What follows the end of an attempt or a connection.</summary>
/// <param name="NotBefore">The earliest time of the next attempt.</param>
/// <param name="Halt">Why the session does not try again; <see langword="null"/> if it does.</param>
internal sealed record ReconnectDecision(TimeSpan NotBefore, HaltReason? Halt = null)
{
    public static ReconnectDecision Stop(HaltReason reason) => new(TimeSpan.MaxValue, reason);
}
