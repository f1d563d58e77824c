using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// Decides when a session may try again, or that it must not: counts consecutive failures and increases the delays accordingly.
/// </summary>
internal sealed class ReconnectSchedule(ReconnectPolicy policy, Random random)
{
    // The broker issues one approval key per second and counts requests per minute.
    private static readonly TimeSpan s_throttled = TimeSpan.FromSeconds(60);

    private int _failures;
    private int _fruitless;
    private int _silent;
    private int _keysRefused;
    private int _inUse;

    /// <summary>Whether the next attempt needs a newly issued approval key.</summary>
    public bool NeedsFreshKey { get; private set; }

    /// <summary>The number of failed attempts since data last arrived.</summary>
    public int Failures => _failures;

    /// <summary>When the session last ceased to work; <see langword="null"/> if it works, or has not failed yet.</summary>
    public TimeSpan? FailingSince { get; private set; }

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
        if (FailingSince is null && _failures == 0 && !NeedsFreshKey)
            return;
        Accepted();
        FailingSince = null;
        _failures = 0;
        _fruitless = 0;
        _silent = 0;
    }

    /// <summary>
    /// The session lost its permission. Whether the app key was in use before says nothing about its use
    /// when the session may connect again.
    /// </summary>
    public void StoodDown()
    {
        _inUse = 0;
        FailingSince = null;
    }

    /// <summary>A connection could not be established.</summary>
    public ReconnectDecision ConnectFailed(ConnectFailure failure, TimeSpan now)
    {
        if (failure == ConnectFailure.BadCredentials)
            return CredentialsRefused(now);
        if (failure == ConnectFailure.Rejected)
            return Fruitless(now, isSilent: false);
        var atLeast = failure == ConnectFailure.TooManyRequests ? s_throttled : TimeSpan.Zero;
        return Retry(now, Delay(_failures, policy.MaxDelay), HaltReason.Unreachable, atLeast);
    }

    /// <summary>An established connection was lost.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="isFruitful">Whether data had arrived, or the connection lasted long enough.</param>
    /// <param name="now">The time.</param>
    public ReconnectDecision Lost(LossReason reason, bool isFruitful, TimeSpan now)
    {
        if (!isFruitful)
            return Fruitless(now, reason == LossReason.Silence);
        FailingSince = null;
        _fruitless = 0;
        _silent = 0;
        return Retry(now, Delay(_failures, policy.MaxDelay), HaltReason.Fruitless);
    }

    /// <summary>The server refused the session as a whole.</summary>
    /// <param name="meaning">The meaning of its code.</param>
    /// <param name="keyWasFresh">Whether the approval key was issued for this attempt.</param>
    /// <param name="now">The time.</param>
    public ReconnectDecision Refused(BrokerCodeMeaning meaning, bool keyWasFresh, TimeSpan now) => meaning switch
    {
        BrokerCodeMeaning.BadCredentials => CredentialsRefused(now),
        BrokerCodeMeaning.AppKeyInUse => InUse(now),
        _ => KeyRefused(keyWasFresh, now),
    };

    private ReconnectDecision CredentialsRefused(TimeSpan now)
    {
        FailingSince ??= now;
        return ReconnectDecision.Stop(HaltReason.BadCredentials);
    }

    private ReconnectDecision InUse(TimeSpan now)
    {
        var first = policy.AppKeyInUseDelay < policy.MaxRefusedDelay ? policy.AppKeyInUseDelay : policy.MaxRefusedDelay;
        return Retry(now, Backoff.After(first, _inUse++, policy.MaxRefusedDelay), HaltReason.AppKeyInUse);
    }

    private ReconnectDecision KeyRefused(bool wasFresh, TimeSpan now)
    {
        NeedsFreshKey = true;
        if (!wasFresh && policy.IsEnabled)
        {
            FailingSince ??= now;
            return new ReconnectDecision(now);
        }

        return Retry(now, Refused(_keysRefused++), HaltReason.ApprovalKeyRefused);
    }

    private ReconnectDecision Fruitless(TimeSpan now, bool isSilent)
    {
        _silent += isSilent ? 1 : 0;
        var delay = Refused(_fruitless++);
        return Retry(now, delay, _silent == _fruitless ? HaltReason.Silent : HaltReason.Fruitless);
    }

    // The last attempt is made at the time to give up, so that a session is not given up while it waits.
    private ReconnectDecision Retry(TimeSpan now, TimeSpan delay, HaltReason reason, TimeSpan atLeast = default)
    {
        if (!policy.IsEnabled)
        {
            return ReconnectDecision.Stop(
                reason is HaltReason.AppKeyInUse or HaltReason.ApprovalKeyRefused ? reason : HaltReason.NoReconnect);
        }
        _failures++;
        FailingSince ??= now;
        var notBefore = now + Jittered(delay);
        if (policy.GiveUpAfter is { } limit)
        {
            var last = FailingSince.Value + limit;
            if (now >= last)
                return ReconnectDecision.Stop(reason);
            notBefore = notBefore < last ? notBefore : last;
        }

        return new ReconnectDecision(notBefore > now + atLeast ? notBefore : now + atLeast);
    }

    // A service that refuses or drops the session is asked ever more rarely. One that cannot be reached is not bothered by attempts.
    private TimeSpan Refused(int earlier)
    {
        var (delay, usual) = (Delay(earlier, policy.MaxRefusedDelay), Delay(_failures, policy.MaxDelay));
        return delay > usual ? delay : usual;
    }

    private TimeSpan Delay(int earlier, TimeSpan longest) => Backoff.After(policy.InitialDelay, earlier, longest);

    private TimeSpan Jittered(TimeSpan delay) => delay * (1 + (policy.Jitter * random.NextDouble()));
}

/// <summary>What follows the end of an attempt or a connection.</summary>
/// <param name="NotBefore">The earliest time of the next attempt.</param>
/// <param name="Halt">Why the session does not try again; <see langword="null"/> if it does.</param>
internal sealed record ReconnectDecision(TimeSpan NotBefore, HaltReason? Halt = null)
{
    public static ReconnectDecision Stop(HaltReason reason) => new(TimeSpan.MaxValue, reason);
}
