using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>A connection and the session that it serves.</summary>
/// <param name="connection">The connection.</param>
/// <param name="seen">The connection as the session sees it.</param>
/// <param name="session">The session.</param>
internal sealed class ServedConnection(WebSocketConnection connection, IClientConnection seen, IClientSession session)
{
    public long Id => connection.Id;

    /// <summary>Registrations that stand.</summary>
    public int RegistrationCount => session.RegistrationCount;

    /// <summary>Data frames queued for the client.</summary>
    public long FramesSent => seen.FramesSent;

    /// <summary>Whether nothing is sent on it any more.</summary>
    public bool IsSilent => connection.IsSilent;

    /// <summary>Queues a message that the broker's protocol does not have, if the client asked for such messages.</summary>
    public void Send(ServerEvent happened) => seen.Send(happened);

    public Task RunAsync() => connection.RunAsync(session);

    /// <summary>Ends the session of a connection that is not to run.</summary>
    public ValueTask DiscardAsync() => session.DisposeAsync();

    /// <summary>Breaks it off now. May be called until <see cref="RunAsync"/> has ended, and without effect after.</summary>
    public void Cut() => connection.Cut();

    /// <summary>Sends nothing any more on it, and keeps it open.</summary>
    public void Silence() => connection.Silence();

    /// <summary>Closes it because the server stops.</summary>
    public void Stop(string reason, TimeSpan? patience) => connection.Stop(reason, patience);
}
