using KisFeed.Session;
using KisFeed.Simulation.Client;
using KisFeed.Wire;

namespace KisFeed.Simulation.Invariants;

/// <summary>Whether a session tries to connect as seldom, and gives up as soon, as its policy says. Written from the policy, not from the code.</summary>
internal sealed class AttemptChecks(ReconnectPolicy policy)
{
    private const int FreshKeysRefused = 3;

    private readonly List<TimeSpan> _attempts = [];
    private TimeSpan _notBefore = TimeSpan.Zero;
    private int _failures;
    private int _fruitless;
    private int _silent;
    private int _inUse;
    private TimeSpan _inUseSince;
    private int _freshRefused;
    private bool _needsFreshKey;

    /// <summary>Why no attempt may follow; <see langword="null"/> where one may.</summary>
    public HaltReason? MustHalt { get; private set; }

    /// <summary>An attempt is made.</summary>
    public void Attempt(SimulatedSession session, bool freshKey, TimeSpan now)
    {
        Invariant.Holds(MustHalt is null, "halt", $"{session} makes an attempt although it must not any more: {MustHalt}");
        Invariant.Holds(now >= _notBefore - TimeSpan.FromMilliseconds(1), "growing delay", $"{session} makes an attempt {_notBefore - now} too early, after {_failures} failures");
        Invariant.Holds(freshKey == _needsFreshKey, "approval keys", $"{session} {(freshKey ? "has a key issued although the one it has was not refused" : "makes an attempt with a key that was refused")}");
        _attempts.Add(now);
        Within(session, TimeSpan.FromMinutes(1), policy.AttemptsPerMinute, now);
        Within(session, TimeSpan.FromHours(1), policy.AttemptsPerHour, now);
    }

    /// <summary>A connection did not come about.</summary>
    public void Failed(ConnectFailure failure, TimeSpan now)
    {
        if (failure == ConnectFailure.BadCredentials)
        {
            MustHalt = HaltReason.BadCredentials;
            return;
        }

        Delay(now, failure == ConnectFailure.TooManyRequests ? TimeSpan.FromSeconds(60) : TimeSpan.Zero);
        if (failure == ConnectFailure.Rejected)
            Fruitless(isSilent: false);
    }

    /// <summary>A connection that stood is gone.</summary>
    public void Lost(ClientLink link, LossReason reason, BrokerReply? reply, TimeSpan now)
    {
        switch (reply?.Code.Meaning)
        {
            case BrokerCodeMeaning.BadCredentials:
                MustHalt = HaltReason.BadCredentials;
                break;
            case BrokerCodeMeaning.AppKeyInUse:
                InUse(now);
                break;
            case BrokerCodeMeaning.UnknownApprovalKey:
                KeyRefused(link.IsKeyFresh, now);
                break;
            default:
                Delay(now, TimeSpan.Zero);
                if (link.HasData || now - link.OpenedAt >= policy.StableAfter)
                    _fruitless = _silent = 0;
                else
                    Fruitless(reason == LossReason.Silence);
                break;
        }
    }

    /// <summary>The server has acknowledged a registration: it takes the approval key and the app key.</summary>
    public void Accepted()
    {
        _inUse = 0;
        _freshRefused = 0;
        _needsFreshKey = false;
    }

    /// <summary>No attempt may follow, whatever the policy says.</summary>
    public void Ended(HaltReason reason) => MustHalt = reason;

    /// <summary>Data have arrived.</summary>
    public void DataArrived()
    {
        Accepted();
        _failures = 0;
        _fruitless = 0;
        _silent = 0;
    }

    private void Within(SimulatedSession session, TimeSpan window, int limit, TimeSpan now)
    {
        var made = 0;
        for (var i = _attempts.Count - 1; i >= 0 && _attempts[i] > now - window; i--)
            made++;
        Invariant.Holds(made <= limit, "attempt budget", $"{session} has made {made} attempts within {window}; {limit} are allowed");
    }

    private void Delay(TimeSpan now, TimeSpan atLeast)
    {
        if (!policy.IsEnabled)
            MustHalt = HaltReason.NoReconnect;
        var delay = policy.InitialDelay * Math.Pow(2, Math.Min(_failures, 20));
        delay = delay < policy.MaxDelay ? delay : policy.MaxDelay;
        _failures++;
        _notBefore = now + (delay > atLeast ? delay : atLeast);
    }

    private void Fruitless(bool isSilent)
    {
        _fruitless++;
        _silent += isSilent ? 1 : 0;
        if (policy.IsEnabled && _fruitless >= policy.MaxFailedConnections)
            MustHalt = _silent == _fruitless ? HaltReason.Silent : HaltReason.Fruitless;
    }

    private void InUse(TimeSpan now)
    {
        if (_inUse == 0)
            _inUseSince = now;
        if (!policy.IsEnabled || now - _inUseSince >= policy.AppKeyInUseTimeout)
            MustHalt = HaltReason.AppKeyInUse;
        _notBefore = now + (policy.AppKeyInUseDelay * Math.Min(1 << Math.Min(_inUse, 8), 4));
        _inUse++;
        _failures++;
    }

    private void KeyRefused(bool wasFresh, TimeSpan now)
    {
        _needsFreshKey = true;
        if (!wasFresh)
            _notBefore = now;
        else if (++_freshRefused < FreshKeysRefused)
            Delay(now, TimeSpan.Zero);
        if (!policy.IsEnabled || _freshRefused >= FreshKeysRefused)
            MustHalt = HaltReason.ApprovalKeyRefused;
    }
}
