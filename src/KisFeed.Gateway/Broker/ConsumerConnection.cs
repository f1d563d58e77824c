using System.Net.WebSockets;
using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>A connection in the broker's protocol, whose frames are counted for the account that it is of.</summary>
internal sealed class ConsumerConnection(IClientConnection connection) : IClientConnection
{
    private volatile Account? _account;

    /// <summary>Whose it is; <see langword="null"/> while that is not known.</summary>
    public Account? Account
    {
        get => _account;
        set => _account = value;
    }

    public long Id => connection.Id;

    public long FramesSent => connection.FramesSent;

    public bool IsFull => connection.IsFull;

    public long WaitingBytes => connection.WaitingBytes;

    public bool IsSilent => connection.IsSilent;

    public bool HasClosed => connection.HasClosed;

    public bool TakesServerEvents => connection.TakesServerEvents;

    public void OnBegun() => connection.OnBegun();

    public void OnRefused(BrokerCode code) => connection.OnRefused(code);

    public bool IsBehind => connection.IsBehind;

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text) => connection.Send(kind, text) && Count(kind == MessageKind.Data ? 1 : 0);

    public bool Send(in SharedFrames frames) => connection.Send(frames) && Count(frames.Count);

    public Task WaitForRoomAsync() => connection.WaitForRoomAsync();

    public bool Close(WebSocketCloseStatus status, string reason) => connection.Close(status, reason);

    public void Break() => connection.Break();

    public void Cut() => connection.Cut();

    private bool Count(int frames)
    {
        if (frames > 0)
            _account?.Counts.AddDelivered(frames);
        return true;
    }
}
