using KisFeed.Session;
using KisFeed.Simulation.Broker;

namespace KisFeed.Simulation.Client;

/// <summary>The subscribers of a registration, and what they have received.</summary>
internal sealed class Subscribers(Topic topic, SimulatedSession session)
{
    public Topic Topic => topic;

    /// <summary>The session of the registration.</summary>
    public SimulatedSession Session { get; set; } = session;

    /// <summary>The priority of each subscriber.</summary>
    public List<int> Priorities { get; } = [];

    /// <summary>Number of subscribers.</summary>
    public int Count => Priorities.Count;

    /// <summary>The highest priority of the subscribers.</summary>
    public int Priority => Priorities.Max();

    /// <summary>Whether they were notified that the registration is evicted, and not that it is restored.</summary>
    public bool IsEvicted { get; set; }

    /// <summary>
    /// Whether the registration was confirmed to them since the first of them subscribed. From then on they must
    /// be notified of everything they miss.
    /// </summary>
    public bool IsTracking { get; set; }

    /// <summary>
    /// The number of the last record received, or of the last record before the registration if none was received;
    /// <see langword="null"/> if it is unknown.
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

    /// <summary>The sessions that could not hold the registration since the last confirmation.</summary>
    public HashSet<SimulatedSession> PreviousSessions { get; } = [];

    /// <summary>Whether the registration may leave its session because it was evicted, although the session can hold it.</summary>
    public bool MayMove { get; set; }

    /// <summary>Whether the registration ever moved to another session.</summary>
    public bool HasMoved { get; set; }

    public static Subscribers? Of(Registration registration) => registration.Subscribers as Subscribers;

    /// <summary>Called when the last subscriber has unsubscribed.</summary>
    public void EndAll()
    {
        Priorities.Clear();
        IsEvicted = false;
        IsTracking = false;
        IsInterrupted = false;
        IsWarned = false;
    }
}
