using KisFeed.Session;
using KisFeed.Simulation.Client;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Invariants;

/// <summary>
/// Checks that a session connects as rarely, and stops as early, as its policy requires. Written from the policy, not from the code.
/// </summary>
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

    /// <summary>Why no further attempt may follow; <see langword="null"/> if one may.</summary>
    public HaltReason? MustHalt { get; private set; }

    /// <summary>An attempt is made.</summary>
    public void Attempt(SimulatedSession session, bool freshKey, TimeSpan now)
    {
        Invariant.Holds(MustHalt is null, "halt", $"{session} makes an attempt although it must have stopped: {MustHalt}");
        Invariant.Holds(now >= _notBefore - TimeSpan.FromMilliseconds(1), "growing delay", $"{session} makes an attempt {_notBefore - now} too early, after {_failures} failures");
        Invariant.Holds(freshKey == _needsFreshKey, "approval keys", $"{session} {(freshKey ? "requests a new key although its own was not refused" : "makes an attempt with a key that was refused")}");
        _attempts.Add(now);
        Within(session, TimeSpan.FromMinutes(1), policy.AttemptsPerMinute, now);
        Within(session, TimeSpan.FromHours(1), policy.AttemptsPerHour, now);
    }

    /// <summary>A connection could not be established.</summary>
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

    /// <summary>An established connection was lost.</summary>
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

    /// <summary>The server acknowledged a registration: it accepts the approval key and the app key.</summary>
    public void Accepted()
    {
        _inUse = 0;
        _freshRefused = 0;
        _needsFreshKey = false;
    }

    /// <summary>No further attempt may follow, whatever the policy allows.</summary>
    public void Ended(HaltReason reason) => MustHalt = reason;

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
