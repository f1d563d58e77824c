namespace KisFeed.Gateway;

/// <summary>An upstream session in JSON.</summary>
internal readonly struct UpstreamStatus(SessionStatus session, DateTimeOffset now)
{
    public string Name => session.Name;

    public SessionPhase Phase => session.Phase;

    public int Desired => session.Desired;

    public int Confirmed => session.Confirmed;

    public int Slots => session.Slots;

    public long Reconnects => Math.Max(0, session.Connections - 1);

    public int Failures => session.Failures;

    public DateTimeOffset? NextAttemptAt => session.NextAttemptAt;

    public GatewayMoment LastMessage => new(session.LastReceivedAt, now);

    public string? Problem => session.Problem;

    public DateTimeOffset? ProblemSince => session.ProblemSince;

    public HaltReason? HaltReason => session.HaltReason;
}
