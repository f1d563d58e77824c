using KisFeed.Session;
using KisFeed.Simulation.Broker;

namespace KisFeed.Simulation.Client;

/// <summary>An event of a session, and its consequences.</summary>
internal sealed class Step
{
    /// <summary>The session of the event; <see langword="null"/> if it concerns all.</summary>
    public SimulatedSession? Session { get; private set; }

    /// <summary>Whether the event belongs to an earlier connection, so that it must have no effect.</summary>
    public bool IsEarlier { get; private set; }

    /// <summary>The received message.</summary>
    public ServerMessage? Message { get; private set; }

    public DateTimeOffset ReceivedAt { get; private set; }

    /// <summary>Whether the sessions are being stopped.</summary>
    public bool IsStop { get; private set; }

    /// <summary>The registrations to which the frame was delivered.</summary>
    public List<Registration> Delivered { get; } = [];

    /// <summary>The registrations to which a malformed frame was reported.</summary>
    public List<Registration> Malformed { get; } = [];

    public List<(Registration Registration, SimulatedSession Session, GapReason Cause)> Interrupted { get; } = [];

    /// <summary>The registrations that gave up their slots, confirmed or not, with their sessions and priorities.</summary>
    public List<(Registration Registration, SimulatedSession Session, int Priority)> Evicted { get; } = [];

    public List<(SimulatedSession Session, LossReason Reason)> Lost { get; } = [];

    public void Begin(
        SimulatedSession? session, bool isEarlier = false, ServerMessage? message = null, DateTimeOffset receivedAt = default,
        bool isStop = false)
    {
        Session = session;
        IsEarlier = isEarlier;
        Message = message;
        ReceivedAt = receivedAt;
        IsStop = isStop;
        Delivered.Clear();
        Malformed.Clear();
        Interrupted.Clear();
        Evicted.Clear();
        Lost.Clear();
    }
}
