using KisFeed.Server.Protocol;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Http;

/// <summary>A connection and its session.</summary>
/// <param name="connection">The connection.</param>
/// <param name="seen">The connection as the session sees it.</param>
/// <param name="session">The session.</param>
internal sealed class ServedConnection(WebSocketConnection connection, IClientConnection seen, IClientSession session)
{
    public long Id => connection.Id;

    public int RegistrationCount => session.RegistrationCount;

    public long FramesSent => seen.FramesSent;

    public bool IsSilent => connection.IsSilent;

    /// <summary>Queues a message that is not part of the broker's protocol, if the client asked for such messages.</summary>
    public void Send(ServerEvent happened) => seen.Send(happened);

    public Task RunAsync() => connection.RunAsync(session);

    /// <summary>Ends the session of a connection that was never run.</summary>
    public ValueTask DiscardAsync() => session.DisposeAsync();

    /// <summary>Cuts the connection now. Has no effect after <see cref="RunAsync"/> has ended.</summary>
    public void Cut() => connection.Cut();

    public void Silence() => connection.Silence();

    /// <summary>Closes the connection because the server stops.</summary>
    public void Stop(string reason, TimeSpan? timeout) => connection.Stop(reason, timeout);
}
