using KisFeed.Session;
using KisFeed.Simulation.Broker;

namespace KisFeed.Simulation.Client;

/// <summary>One event of one session, and its consequences.</summary>
internal sealed class Step
{
    /// <summary>The session that it happens to; <see langword="null"/> if it happens to all.</summary>
    public SimulatedSession? Session { get; private set; }

    /// <summary>Whether it belongs to a connection that no longer exists, so that it must have no effect.</summary>
    public bool IsOld { get; private set; }

    /// <summary>The message that arrived.</summary>
    public ServerMessage? Message { get; private set; }

    public DateTimeOffset ReceivedAt { get; private set; }

    /// <summary>Whether the consumers end everything.</summary>
    public bool IsStop { get; private set; }

    /// <summary>The registrations that received the frame.</summary>
    public List<Registration> Delivered { get; } = [];

    /// <summary>The registrations that were notified of a frame that cannot be read.</summary>
    public List<Registration> Malformed { get; } = [];

    public List<(Registration Registration, SimulatedSession Session, InterruptionCause Cause)> Interrupted { get; } = [];

    public List<(SimulatedSession Session, LossReason Reason)> Lost { get; } = [];

    public void Begin(SimulatedSession? session, bool isOld = false, ServerMessage? message = null, DateTimeOffset receivedAt = default, bool isStop = false)
    {
        Session = session;
        IsOld = isOld;
        Message = message;
        ReceivedAt = receivedAt;
        IsStop = isStop;
        Delivered.Clear();
        Malformed.Clear();
        Interrupted.Clear();
        Lost.Clear();
    }
}
