using KisFeed.Session;
using KisFeed.Simulation.Client;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Invariants;

/// <summary>
/// Checks that a session connects as rarely, and stops as early, as its policy requires. Based on the documented policy, not on the code.
/// </summary>
internal sealed class AttemptChecks(ReconnectPolicy policy)
{
    private const int MaxFreshKeysRefused = 3;

    private readonly List<TimeSpan> _attempts = [];
    private TimeSpan _notBefore = TimeSpan.Zero;
    private int _failures;
    private int _failedConnections;
    private int _silent;
    private int _inUse;
    private TimeSpan _inUseSince;
    private int _freshKeysRefused;
    private bool _needsFreshKey;

    /// <summary>Why the session must not make another attempt; <see langword="null"/> if it may.</summary>
    public HaltReason? MustHalt { get; private set; }

    /// <summary>Called when the session starts an attempt.</summary>
    public void OnAttempt(SimulatedSession session, bool freshKey, TimeSpan now)
    {
        Invariant.Holds(MustHalt is null, "halt", $"{session} makes an attempt although it must stop: {MustHalt}");
        Invariant.Holds(now >= _notBefore - TimeSpan.FromMilliseconds(1), "growing delay", $"{session} makes an attempt {_notBefore - now} too early, after {_failures} failures");
        Invariant.Holds(freshKey == _needsFreshKey, "approval keys", $"{session} {(freshKey ? "requests a new key although its own was not refused" : "makes an attempt with a key that was refused")}");
        _attempts.Add(now);
        CheckBudget(session, TimeSpan.FromMinutes(1), policy.AttemptsPerMinute, now);
        CheckBudget(session, TimeSpan.FromHours(1), policy.AttemptsPerHour, now);
    }

    /// <summary>Called when a connection could not be established.</summary>
    public void OnConnectFailed(ConnectFailure failure, TimeSpan now)
    {
        if (failure == ConnectFailure.BadCredentials)
        {
            MustHalt = HaltReason.BadCredentials;
            return;
        }

        AddDelay(now, failure == ConnectFailure.TooManyRequests ? TimeSpan.FromSeconds(60) : TimeSpan.Zero);
        if (failure == ConnectFailure.Rejected)
            CountFailedConnection(isSilent: false);
    }

    /// <summary>Called when an established connection was lost.</summary>
    public void OnLost(ClientConnection connection, LossReason reason, BrokerReply? reply, TimeSpan now)
    {
        if (reason == LossReason.StoodDown)
            return;
        switch (reply?.Code.Meaning)
        {
            case BrokerCodeMeaning.BadCredentials:
                MustHalt = HaltReason.BadCredentials;
                break;
            case BrokerCodeMeaning.AppKeyInUse:
                OnAppKeyInUse(now);
                break;
            case BrokerCodeMeaning.UnknownApprovalKey:
                OnKeyRefused(connection.IsKeyFresh, now);
                break;
            default:
                AddDelay(now, TimeSpan.Zero);
                if (connection.HasData || now - connection.OpenedAt >= policy.StableAfter)
                    _failedConnections = _silent = 0;
                else
                    CountFailedConnection(reason == LossReason.Silence);
                break;
        }
    }

    /// <summary>Called when the session stands down: another session may use the app key, so that it was in use before says nothing about later.</summary>
    public void OnStandDown() => _inUse = 0;

    /// <summary>Called when the server acknowledged a registration, which means that it accepts the approval key and the app key.</summary>
    public void OnAccepted()
    {
        _inUse = 0;
        _freshKeysRefused = 0;
        _needsFreshKey = false;
    }

    /// <summary>Called when the session must not make another attempt, whatever the policy allows.</summary>
    public void OnEnded(HaltReason reason) => MustHalt = reason;

    public void OnData()
    {
        OnAccepted();
        _failures = 0;
        _failedConnections = 0;
        _silent = 0;
    }

    private void CheckBudget(SimulatedSession session, TimeSpan window, int limit, TimeSpan now)
    {
        var count = 0;
        for (var i = _attempts.Count - 1; i >= 0 && _attempts[i] > now - window; i--)
            count++;
        Invariant.Holds(count <= limit, "attempt budget", $"{session} has made {count} attempts within {window}; {limit} are allowed");
    }

    private void AddDelay(TimeSpan now, TimeSpan atLeast)
    {
        if (!policy.IsEnabled)
            MustHalt = HaltReason.NoReconnect;
        var delay = policy.InitialDelay * Math.Pow(2, Math.Min(_failures, 20));
        delay = delay < policy.MaxDelay ? delay : policy.MaxDelay;
        _failures++;
        _notBefore = now + (delay > atLeast ? delay : atLeast);
    }

    private void CountFailedConnection(bool isSilent)
    {
        _failedConnections++;
        _silent += isSilent ? 1 : 0;
        if (policy.IsEnabled && _failedConnections >= policy.MaxFailedConnections)
            MustHalt = _silent == _failedConnections ? HaltReason.Silent : HaltReason.Fruitless;
    }

    private void OnAppKeyInUse(TimeSpan now)
    {
        if (_inUse == 0)
            _inUseSince = now;
        if (!policy.IsEnabled || now - _inUseSince >= policy.AppKeyInUseTimeout)
            MustHalt = HaltReason.AppKeyInUse;
        _notBefore = now + (policy.AppKeyInUseDelay * Math.Min(1 << Math.Min(_inUse, 8), 4));
        _inUse++;
        _failures++;
    }

    private void OnKeyRefused(bool wasFresh, TimeSpan now)
    {
        _needsFreshKey = true;
        if (!wasFresh)
            _notBefore = now;
        else if (++_freshKeysRefused < MaxFreshKeysRefused)
            AddDelay(now, TimeSpan.Zero);
        if (!policy.IsEnabled || _freshKeysRefused >= MaxFreshKeysRefused)
            MustHalt = HaltReason.ApprovalKeyRefused;
    }
}
