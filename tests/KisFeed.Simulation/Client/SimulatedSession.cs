using KisFeed.Session;
using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Invariants;

namespace KisFeed.Simulation.Client;

/// <summary>One session with its timer, its connection, and its cached approval key.</summary>
internal sealed class SimulatedSession(int number, SessionMachine machine, BrokerAccount account, ReconnectPolicy promised)
{
    public int Number => number;

    public SessionMachine Machine => machine;

    public BrokerAccount Account => account;

    public AttemptChecks Attempts { get; } = new(promised);

    public ConductChecks Conduct { get; } = new(machine.Settings);

    /// <summary>The current connection or attempt.</summary>
    public ClientLink? Link { get; set; }

    /// <summary>When the timer is due; <see langword="null"/> if none is set.</summary>
    public TimeSpan? Timer { get; set; }

    public int TimerVersion { get; set; }

    public string? ApprovalKey { get; set; }

    /// <summary>When the last request was sent.</summary>
    public TimeSpan? LastRequest { get; set; }

    /// <summary>The last number of a connection.</summary>
    public long LastConnection { get; set; }

    public override string ToString() => $"session {number}";
}

/// <summary>The subscribers of a registration, and what they have received.</summary>
internal sealed class Subscribers(Topic topic, SimulatedSession session)
{
    public Topic Topic => topic;

    /// <summary>The session that it belongs to.</summary>
    public SimulatedSession Session { get; set; } = session;

    /// <summary>Number of subscribers.</summary>
    public int Count { get; set; }

    /// <summary>
    /// Whether they have been notified, since the first of them subscribed, that the server holds it; from then on they must be notified of
    /// everything they miss.
    /// </summary>
    public bool IsTracking { get; set; }

    /// <summary>
    /// The number of the last record received; before the first one, that of the last record before the registration; <see langword="null"/> if it
    /// cannot be known.
    /// </summary>
    public long? Last { get; set; }

    /// <summary>Whether they have been notified, since the last record, that data may be missing.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Whether it has been confirmed since that notification.</summary>
    public bool IsRestored { get; set; }

    /// <summary>Whether they have received an unreadable message since the last record.</summary>
    public bool IsWarned { get; set; }

    /// <summary>Whether a release was sent since it was last confirmed.</summary>
    public bool IsReleaseSent { get; set; }

    /// <summary>Requests sent for it since it was last confirmed.</summary>
    public int Requests { get; set; }

    /// <summary>The sessions that it left since it was last confirmed.</summary>
    public HashSet<SimulatedSession> Left { get; } = [];

    /// <summary>Whether it was ever moved to another session.</summary>
    public bool HasMoved { get; set; }

    public static Subscribers? Of(Registration registration) => registration.Subscribers as Subscribers;

    /// <summary>The last subscriber has left.</summary>
    public void EndAll()
    {
        Count = 0;
        IsTracking = false;
        IsInterrupted = false;
        IsWarned = false;
    }
}
