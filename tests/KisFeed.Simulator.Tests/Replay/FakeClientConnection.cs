using System.Net.WebSockets;
using System.Threading.Channels;
using KisFeed.Server.Protocol;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>A connection whose messages a test reads one by one. The test decides when its queue is full.</summary>
internal sealed class FakeClientConnection : IClientConnection
{
    private static long s_lastId;

    private readonly Channel<string> _sent = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _queueDrained;

    public long Id { get; } = Interlocked.Increment(ref s_lastId);

    public long FramesSent { get; private set; }

    public bool IsFull => _queueDrained is { Task.IsCompleted: false };

    public bool IsSilent => false;

    public bool HasClosed => false;

    /// <summary>The number of sent messages that were not read.</summary>
    public int Waiting => _sent.Reader.Count;

    /// <summary>Completes when the connection is cut.</summary>
    public Task WhenCut => _cut.Task.WaitAsync(Patience.Limit);

    public bool IsCut => _cut.Task.IsCompleted;

    public Task<string> NextAsync() => _sent.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    public async Task<string[]> NextAsync(int count)
    {
        var messages = new string[count];
        for (var i = 0; i < count; i++)
            messages[i] = await NextAsync();
        return messages;
    }

    public void Fill() => _queueDrained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Drain() => _queueDrained?.TrySetResult();

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text)
    {
        FramesSent++;
        return _sent.Writer.TryWrite(Encoding.UTF8.GetString(text));
    }

    public Task WaitForRoomAsync() => _queueDrained?.Task ?? Task.CompletedTask;

    public bool Close(WebSocketCloseStatus status, string reason) => throw new NotSupportedException();

    public void Break() => Cut();

    public void Cut()
    {
        Drain();
        _cut.TrySetResult();
    }
}
