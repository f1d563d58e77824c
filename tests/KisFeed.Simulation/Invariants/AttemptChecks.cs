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
    private readonly List<TimeSpan> _attempts = [];
    private TimeSpan _notBefore = TimeSpan.Zero;
    private int _failures;
    private int _failedConnections;
    private int _silent;
    private int _inUse;
    private TimeSpan? _failingSince;
    private int _freshKeysRefused;
    private bool _needsFreshKey;

    /// <summary>Why the session must not make another attempt; <see langword="null"/> if it may.</summary>
    public HaltReason? MustHalt { get; private set; }

    /// <summary>Called when the session starts an attempt.</summary>
    public void OnAttempt(SimulatedSession session, bool freshKey, TimeSpan now)
    {
        Invariant.Holds(MustHalt is null, "halt", $"{session} makes an attempt although it must stop: {MustHalt}");
        Invariant.Holds(
            now >= _notBefore - TimeSpan.FromMilliseconds(1),
            "growing delay",
            $"{session} makes an attempt {_notBefore - now} too early, after {_failures} failures");
        Invariant.Holds(freshKey == _needsFreshKey, "approval keys", $"{session} "
            + $"{(freshKey ? "requests a new key although its own was not refused" : "makes an attempt with a key that was refused")}");
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

        if (failure == ConnectFailure.Rejected)
        {
            CountFailedConnection(isSilent: false, now);
        }
        else
        {
            Retry(
                now,
                Delay(_failures, policy.MaxDelay),
                HaltReason.Unreachable,
                failure == ConnectFailure.TooManyRequests ? TimeSpan.FromSeconds(60) : TimeSpan.Zero);
        }
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
                if (!connection.HasData && now - connection.OpenedAt < policy.StableAfter)
                {
                    CountFailedConnection(reason == LossReason.Silence, now);
                    break;
                }

                _failedConnections = _silent = 0;
                _failingSince = null;
                Retry(now, Delay(_failures, policy.MaxDelay), HaltReason.Fruitless);
                break;
        }
    }

    /// <summary>
    /// Called when the session stands down: another session may use the app key, so that it was in use before says nothing about later.
    /// </summary>
    public void OnStandDown()
    {
        _inUse = 0;
        _failingSince = null;
    }

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
        _failingSince = null;
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

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan longest)
    {
        var delay = first * Math.Pow(2, Math.Min(times, 20));
        return delay < longest ? delay : longest;
    }

    private TimeSpan Delay(int times, TimeSpan longest) => Doubled(policy.InitialDelay, times, longest);

    private void Retry(TimeSpan now, TimeSpan delay, HaltReason reason, TimeSpan atLeast = default)
    {
        _failures++;
        _failingSince ??= now;
        if (!policy.IsEnabled || now - _failingSince >= policy.GiveUpAfter)
        {
            MustHalt = policy.IsEnabled || reason is HaltReason.AppKeyInUse or HaltReason.ApprovalKeyRefused
                ? reason
                : HaltReason.NoReconnect;
        }

        // At the time to give up, one more attempt is allowed.
        if (policy.GiveUpAfter is { } limit && _failingSince + limit < now + delay)
            delay = _failingSince.Value + limit - now;
        _notBefore = now + (delay > atLeast ? delay : atLeast);
    }

    private TimeSpan RefusedDelay(int earlier)
    {
        var (refused, usual) = (Delay(earlier, policy.MaxRefusedDelay), Delay(_failures, policy.MaxDelay));
        return refused > usual ? refused : usual;
    }

    private void CountFailedConnection(bool isSilent, TimeSpan now)
    {
        _silent += isSilent ? 1 : 0;
        var delay = RefusedDelay(_failedConnections++);
        Retry(now, delay, _silent == _failedConnections ? HaltReason.Silent : HaltReason.Fruitless);
    }

    private void OnAppKeyInUse(TimeSpan now) =>
        Retry(now, Doubled(policy.AppKeyInUseDelay, _inUse++, policy.MaxRefusedDelay), HaltReason.AppKeyInUse);

    private void OnKeyRefused(bool wasFresh, TimeSpan now)
    {
        _needsFreshKey = true;
        if (wasFresh || !policy.IsEnabled)
        {
            Retry(now, RefusedDelay(_freshKeysRefused++), HaltReason.ApprovalKeyRefused);
            return;
        }

        _failingSince ??= now;
        _notBefore = now;
    }
}
