using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;

namespace KisFeed.Simulation.Client;

/// <summary>A session with its timer, its connection and its cached approval key.</summary>
internal sealed class SimulatedSession(int number, SessionMachine machine, BrokerAccount account, ReconnectPolicy checkedPolicy)
{
    public int Number => number;

    public SessionMachine Machine => machine;

    public BrokerAccount Account => account;

    public AttemptChecks Attempts { get; } = new(checkedPolicy);

    public RegistrationBudgetChecks RegistrationBudget { get; } = new(machine.Settings);

    /// <summary>The current connection or attempt.</summary>
    public ClientConnection? Connection { get; set; }

    /// <summary>When the timer is due; <see langword="null"/> if none is set.</summary>
    public TimeSpan? Timer { get; set; }

    public int TimerVersion { get; set; }

    /// <summary>Whether it waits for permission to connect.</summary>
    public bool IsPermitRequested { get; set; }

    /// <summary>Attempts that it may make.</summary>
    public int Grants { get; set; }

    /// <summary>Whether it may send, if it needs permission.</summary>
    public bool MaySend { get; set; }

    public string? ApprovalKey { get; set; }

    /// <summary>When the last request was sent.</summary>
    public TimeSpan? LastRequest { get; set; }

    /// <summary>The number of the last connection.</summary>
    public long LastConnection { get; set; }

    public override string ToString() => $"session {number}";
}

/// <summary>The subscribers of a registration, and what they have received.</summary>
internal sealed class Subscribers(Topic topic, SimulatedSession session)
{
    public Topic Topic => topic;

    /// <summary>The session of the registration.</summary>
    public SimulatedSession Session { get; set; } = session;

    /// <summary>Number of subscribers.</summary>
    public int Count { get; set; }

    /// <summary>
    /// Whether the registration was confirmed to them since the first of them subscribed. From then on they must be notified of everything they
    /// miss.
    /// </summary>
    public bool IsTracking { get; set; }

    /// <summary>
    /// The number of the last record received, or of the last record before the registration if none was received; <see langword="null"/> if it is
    /// unknown.
    /// </summary>
    public long? Last { get; set; }

    /// <summary>Whether they were notified, since the last record, that data may be missing.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Whether the registration was confirmed since that notification.</summary>
    public bool IsRestored { get; set; }

    /// <summary>Whether they received a malformed message since the last record.</summary>
    public bool IsWarned { get; set; }

    /// <summary>Whether a release was sent since the last confirmation.</summary>
    public bool IsReleaseSent { get; set; }

    /// <summary>When the first request since the last confirmation was sent.</summary>
    public TimeSpan? RequestedSince { get; set; }

    /// <summary>The sessions that the registration left since the last confirmation.</summary>
    public HashSet<SimulatedSession> PreviousSessions { get; } = [];

    /// <summary>Whether the registration ever moved to another session.</summary>
    public bool HasMoved { get; set; }

    public static Subscribers? Of(Registration registration) => registration.Subscribers as Subscribers;

    /// <summary>Called when the last subscriber has unsubscribed.</summary>
    public void EndAll()
    {
        Count = 0;
        IsTracking = false;
        IsInterrupted = false;
        IsWarned = false;
    }
}
