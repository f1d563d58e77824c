using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using KisFeed.Server.Protocol;

namespace KisFeed.TestSupport;

/// <summary>A connection that records the first messages sent to it, and is full when a test fills it.</summary>
internal sealed class FakeConnection : IClientConnection
{
    private const int MaxSent = 1_000;

    private static long s_lastId;

    private readonly Channel<string> _unread = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _sentTo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waitedFor = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _drained;

    public List<string> Sent { get; } = [];

    /// <summary>The number of messages in <see cref="Sent"/> that <see cref="NextAsync()"/> has not returned.</summary>
    public int Waiting => _unread.Reader.Count;

    /// <summary>The bytes of the last message.</summary>
    public byte[] LastSent { get; private set; } = [];

    public long Id { get; } = Interlocked.Increment(ref s_lastId);

    public long FramesSent => Sent.Count;

    public bool IsFull => _drained is { Task.IsCompleted: false };

    public long WaitingBytes { get; set; }

    public bool IsSilent => false;

    public bool HasClosed => false;

    public bool IsBehind { get; set; }

    public LayoutRevision? Revision { get; set; }

    public bool AcceptsServerEvents { get; set; }

    /// <summary>Completes when a message is sent.</summary>
    public Task SentTo => _sentTo.Task.WaitAsync(Patience.Limit);

    /// <summary>Completes when <see cref="WaitForRoomAsync"/> is called.</summary>
    public Task WaitedFor => _waitedFor.Task.WaitAsync(Patience.Limit);

    /// <summary>Completes when the connection is cut.</summary>
    public Task WhenCut => _cut.Task.WaitAsync(Patience.Limit);

    public bool IsCut => _cut.Task.IsCompleted;

    public void Fill() => _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Drain() => _drained?.TrySetResult();

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text)
    {
        if (Sent.Count < MaxSent)
        {
            Sent.Add(Encoding.UTF8.GetString(text));
            _unread.Writer.TryWrite(Sent[^1]);
        }

        LastSent = text.ToArray();
        _sentTo.TrySetResult();
        return true;
    }

    public Task<string> NextAsync() => _unread.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    public async Task<string[]> NextAsync(int count)
    {
        var messages = new string[count];
        for (var i = 0; i < count; i++)
            messages[i] = await NextAsync();
        return messages;
    }

    public Task WaitForRoomAsync()
    {
        _waitedFor.TrySetResult();
        return _drained?.Task ?? Task.CompletedTask;
    }

    public bool Close(WebSocketCloseStatus status, string reason) => throw new NotSupportedException();

    public void Break() => Cut();

    public void Cut()
    {
        Drain();
        _cut.TrySetResult();
    }
}
