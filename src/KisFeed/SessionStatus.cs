namespace KisFeed;

/// <summary>The status of the session of one app key.</summary>
public sealed record SessionStatus
{
    /// <summary>The name of its app key: <see cref="AppCredentials.Name"/>, or its position in the list.</summary>
    public required string Name { get; init; }

    /// <summary>The phase of its life cycle.</summary>
    public required SessionPhase Phase { get; init; }

    /// <summary>Number of registrations that subscriptions need, without evicted ones.</summary>
    public required int Desired { get; init; }

    /// <summary>Number of registrations that wait for a slot (<see cref="RegistrationState.Evicted"/>).</summary>
    public int Evicted { get; init; }

    /// <summary>Number of registrations that the server has acknowledged on the current connection.</summary>
    public required int Confirmed { get; init; }

    /// <summary>Maximum number of registrations.</summary>
    public required int Slots { get; init; }

    /// <summary>
    /// Number of new registrations that can be requested now (<see cref="KisFeedOptions.NewRegistrationsPerMinute"/>,
    /// <see cref="KisFeedOptions.NewRegistrationsPerHour"/>).
    /// </summary>
    public int NewRegistrationsLeft { get; init; } = int.MaxValue;

    /// <summary>Number of connections established so far, including the current one.</summary>
    public required long Connections { get; init; }

    /// <summary>Number of failed attempts and connections since data last arrived.</summary>
    public required int Failures { get; init; }

    /// <summary>When the next connection attempt is made, if one is scheduled.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When anything last arrived, including heartbeats; <see langword="null"/> while it is not connected.</summary>
    public DateTimeOffset? LastReceivedAt { get; init; }

    /// <summary>
    /// When a data frame last arrived; <see langword="null"/> while it is not connected, and if none has arrived yet.
    /// </summary>
    public DateTimeOffset? LastDataAt { get; init; }

    /// <summary>The last problem, while it is not connected. Contains no secret.</summary>
    public string? Problem { get; init; }

    /// <summary>
    /// What is wrong in a few words that may be shown to anybody, while it is not connected: no address, no text of the server.
    /// </summary>
    public string? ProblemSummary { get; init; }

    /// <summary>
    /// Since when it has not worked, while it is not connected. Connections that end before data arrive do not count as working.
    /// </summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>
    /// Whether it waits for permission to connect (<see cref="KisFeedOptions.Permits"/>); <see cref="Problem"/> says what it waits for.
    /// </summary>
    public bool IsStandby { get; init; }

    /// <summary>Why the session does not reconnect, if it has ended.</summary>
    public HaltReason? HaltReason { get; init; }

    /// <summary>
    /// The source of the data, as a KisFeed server reported it; <see langword="null"/> if none did. The broker does not report it.
    /// </summary>
    public DataSource? Source { get; init; }
}

/// <summary>Where data come from.</summary>
public enum DataSource
{
    /// <summary>The broker's service.</summary>
    Service,

    /// <summary>A simulated market.</summary>
    Simulation,

    /// <summary>A recorded day.</summary>
    Replay,
}

/// <summary>A registration: whether subscriptions need it, and its state at the server.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key.</param>
/// <param name="State">Its state at the server.</param>
/// <param name="Subscribers">Number of subscriptions of this client that use it.</param>
public readonly record struct RegistrationStatus(string TrId, string Key, RegistrationState State, int Subscribers)
{
    /// <summary>The name of the app key whose session holds it, or held it before it was evicted.</summary>
    public string Session { get; init; } = "";

    /// <summary>Whether its key is an HTS ID.</summary>
    internal bool IsNotice { get; init; }

    /// <summary>Whether a subscription needs it. A registration without subscribers is being released.</summary>
    public bool IsDesired => Subscribers > 0;

    /// <summary>Whether the server has acknowledged it on the current connection.</summary>
    public bool IsConfirmed => State == RegistrationState.Registered;

    /// <summary>The registration; for order notices without the key, which is the HTS ID, so that it can be logged.</summary>
    public override string ToString() => $"{TrId}{(IsNotice ? "" : $":{Key}")} {State}, {Subscribers} subscribers, session {Session}";
}

/// <summary>The phases of a session's life cycle.</summary>
public enum SessionPhase
{
    /// <summary>Not connected, because there are no registrations.</summary>
    Idle,

    /// <summary>Not connected; the next attempt is scheduled.</summary>
    Waiting,

    /// <summary>Connecting.</summary>
    Connecting,

    /// <summary>Connected: requests are sent and frames arrive.</summary>
    Open,

    /// <summary>Not connected, and does not reconnect: retrying cannot fix the problem, or the policy allows no more attempts.</summary>
    Halted,

    /// <summary>Stopped on the consumer's request.</summary>
    Ended,
}
