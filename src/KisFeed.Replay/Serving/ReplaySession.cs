using KisFeed.Server;

namespace KisFeed.Replay;

/// <summary>A session that tells its replay when its connection has ended, and ends the replay with it where it has one of its own.</summary>
internal sealed class ReplaySession(ProtocolSession session, IClientConnection connection, ReplayFeed feed, bool ownsFeed) : IClientSession
{
    public int RegistrationCount => session.RegistrationCount;

    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text) => session.HandleTextAsync(text);

    public bool TryHandleAtOnce(ReadOnlySpan<byte> text) => session.TryHandleAtOnce(text);

    public void HandlePing(ReadOnlySpan<byte> payload) => session.HandlePing(payload);

    public void HandlePong(ReadOnlySpan<byte> payload) => session.HandlePong(payload);

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync().ConfigureAwait(false);
        await feed.LeaveAsync(connection).ConfigureAwait(false);
        if (ownsFeed)
            await feed.DisposeAsync().ConfigureAwait(false);
    }
}
