using KisFeed.Session;
using KisFeed.Simulation.Broker;

namespace KisFeed.Simulation.Client;

/// <summary>Those who want a registration, and what they have seen of it.</summary>
internal sealed class Subscribers(Topic topic, SimulatedSession session)
{
    public Topic Topic => topic;

    /// <summary>The session that it belongs to.</summary>
    public SimulatedSession Session { get; set; } = session;

    /// <summary>How many they are.</summary>
    public int Count { get; set; }

    /// <summary>Whether they have been told, since the first of them came, that the server holds it: from then on they miss nothing unawares.</summary>
    public bool IsTracking { get; set; }

    /// <summary>The number of the last record they have seen; before that, of the last before the registration; <see langword="null"/> where nobody can know.</summary>
    public long? Last { get; set; }

    /// <summary>Whether they have been told since the last record that data may be missing.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Whether it has been confirmed since they were told so.</summary>
    public bool IsRestored { get; set; }

    /// <summary>Whether they have been given a message since the last record that could not be read.</summary>
    public bool IsWarned { get; set; }

    /// <summary>Whether a release was sent since it was last confirmed.</summary>
    public bool IsReleaseSent { get; set; }

    /// <summary>Requests sent for it since it was last confirmed.</summary>
    public int Requests { get; set; }

    /// <summary>The sessions that it went away from since it was last confirmed.</summary>
    public HashSet<SimulatedSession> Left { get; } = [];

    /// <summary>Whether it ever went over to another session.</summary>
    public bool HasMoved { get; set; }

    public static Subscribers? Of(Registration registration) => registration.Subscribers as Subscribers;

    /// <summary>Nobody wants it any more.</summary>
    public void Leave()
    {
        Count = 0;
        IsTracking = false;
        IsInterrupted = false;
        IsWarned = false;
    }
}
