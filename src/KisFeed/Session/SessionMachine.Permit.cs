namespace KisFeed.Session;

// Connects and sends only with permission, if the session needs it.
internal sealed partial class SessionMachine
{
    private bool _isPermitRequested;
    private bool _isPermitted;

    public bool IsWaitingForPermit => Phase == SessionPhase.Waiting && _isPermitRequested;

    /// <summary>The session may make one connection attempt, as requested by <see cref="ISessionActions.RequestPermit"/>.</summary>
    public void PermitGranted(TimeSpan now)
    {
        if (!_isPermitRequested)
            return;
        _isPermitRequested = false;
        if (Phase != SessionPhase.Waiting)
            return;
        _isPermitted = true;
        TryConnect(now);
    }

    /// <summary>
    /// The permission ended: drops the connection without sending anything. Registrations stay, and are restored when the session may connect again. This
    /// is not a failure: it does not count, and delays nothing.
    /// </summary>
    public void StandDown(TimeSpan now)
    {
        _schedule.StoodDown();
        if (Phase is not (SessionPhase.Open or SessionPhase.Connecting))
            return;
        var wasOpen = Phase == SessionPhase.Open;
        _actions.Disconnect(this, Connection, isDead: true);
        ClearConnectionState();
        foreach (var registration in _table.All.ToArray())
            Unregister(registration, InterruptionCause.StoodDown);
        Phase = _table.DesiredCount > 0 ? SessionPhase.Waiting : SessionPhase.Idle;
        if (wasOpen)
            _actions.Lost(this, LossReason.StoodDown, null);
        Advance(now);
    }

    private bool StandsDown(TimeSpan now)
    {
        if (!Settings.NeedsPermit || _actions.MaySend(this))
            return false;
        StandDown(now);
        return true;
    }

    private void RequestPermit()
    {
        NextAttemptAt = null;
        if (_isPermitRequested)
            return;
        _isPermitRequested = true;
        _actions.RequestPermit(this);
    }
}
