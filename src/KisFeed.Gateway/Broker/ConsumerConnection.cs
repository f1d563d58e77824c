using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Gateway.Broker;

/// <summary>A connection in the broker's protocol that counts its frames for its account.</summary>
internal sealed class ConsumerConnection(IClientConnection connection) : IClientConnection
{
    private volatile Account? _account;

    /// <summary>The account; <see langword="null"/> until the client has authenticated.</summary>
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

    public bool AcceptsServerEvents => connection.AcceptsServerEvents;

    public LayoutRevision? Revision => connection.Revision;

    public void OnBegun() => connection.OnBegun();

    public void OnRefused(BrokerCode code) => connection.OnRefused(code);

    public bool IsBehind => connection.IsBehind;

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text) => connection.Send(kind, text) && Count(kind == MessageKind.Data ? 1 : 0);

    public bool Send(in SharedFrames frames) => connection.Send(frames) && Count(frames.Count);

    public Task WaitForRoomAsync() => connection.WaitForRoomAsync();

    public bool Close(WebSocketCloseStatus status, string reason) => connection.Close(status, reason);

    public void CloseAtOnce(WebSocketCloseStatus status, string reason) => connection.CloseAtOnce(status, reason);

    public void Break() => connection.Break();

    public void Cut() => connection.Cut();

    private bool Count(int frames)
    {
        if (frames > 0)
            _account?.Counts.Delivered.Add(frames);
        return true;
    }
}
