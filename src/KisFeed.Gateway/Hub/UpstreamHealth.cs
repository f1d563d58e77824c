using KisFeed.Session;

namespace KisFeed.Gateway;

/// <summary>What the phases of the sessions upstream mean to the gateway. Asked for rather than remembered: not every failure of a session that nobody wants anything of is told.</summary>
/// <param name="client">The client that has the sessions.</param>
internal sealed class UpstreamHealth(KisFeedClient client)
{
    /// <summary>Whether the last session has ended. With it every registration ends, one by one: that is no refusal of any of them, and what ends all of it follows, and says why.</summary>
    public bool IsOver => client.Sessions.All(session => session.Phase == SessionPhase.Halted);

    /// <summary>Whether every session is out of reach. The first attempt, and one after everybody had left, may well succeed: its end is waited for.</summary>
    public bool IsDown => client.Sessions.All(session => session.Phase switch
    {
        SessionPhase.Open => false,
        SessionPhase.Idle or SessionPhase.Connecting => session.Failures > 0,
        _ => true,
    });
}
