using System.Net.WebSockets;
using System.Text;
using KisFeed.Server.Protocol;

namespace KisFeed.Testing;

/// <summary>A connection that keeps the first of what is sent, and is full when told to be.</summary>
internal sealed class FakeConnection : IClientConnection
{
    private const int Kept = 1_000;

    private readonly TaskCompletionSource _sentTo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waitedFor = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _room;

    public List<string> Sent { get; } = [];

    /// <summary>The bytes of what was sent last.</summary>
    public byte[] LastSent { get; private set; } = [];

    public long Id => 1;

    public long FramesSent => Sent.Count;

    public bool IsFull => _room is { Task.IsCompleted: false };

    public long WaitingBytes { get; set; }

    public bool IsSilent => false;

    public bool HasClosed => false;

    public bool IsBehind { get; set; }

    /// <summary>Completes when something is sent.</summary>
    public Task SentTo => _sentTo.Task.WaitAsync(Patience.Limit);

    /// <summary>Completes when somebody waits for room.</summary>
    public Task WaitedFor => _waitedFor.Task.WaitAsync(Patience.Limit);

    /// <summary>Completes when the connection is cut.</summary>
    public Task WhenCut => _cut.Task.WaitAsync(Patience.Limit);

    public bool IsCut => _cut.Task.IsCompleted;

    public void Fill() => _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Drain() => _room?.TrySetResult();

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text)
    {
        if (Sent.Count < Kept)
            Sent.Add(Encoding.UTF8.GetString(text));
        LastSent = text.ToArray();
        _sentTo.TrySetResult();
        return true;
    }

    public Task WaitForRoomAsync()
    {
        _waitedFor.TrySetResult();
        return _room?.Task ?? Task.CompletedTask;
    }

    public bool Close(WebSocketCloseStatus status, string reason) => throw new NotSupportedException();

    public void Break() => Cut();

    public void Cut()
    {
        Drain();
        _cut.TrySetResult();
    }
}
