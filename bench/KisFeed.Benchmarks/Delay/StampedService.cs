using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Delay;

/// <summary>A service that acknowledges every request, sends numbered frames of one key, and stores their sending times.</summary>
/// <param name="frames">The number of frames.</param>
/// <param name="rate">Frames per second.</param>
internal sealed class StampedService(int frames, int rate) : IAsyncDisposable
{
    private readonly long[] _sentAt = new long[frames];
    private LocalService? _service;
    private WebSocket? _socket;
    private int _sent;

    public Uri Url => _service!.Url;

    /// <summary>The <see cref="Stopwatch"/> timestamp at which a frame was sent.</summary>
    public long SentAt(int number) => Volatile.Read(ref _sentAt[number]);

    public async Task StartAsync() => _service = await LocalService.StartAsync();

    /// <summary>Completes when a client has registered.</summary>
    public Task WaitForRegistrationAsync() => _service!.Registered.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Completes when a number of frames has been sent.</summary>
    public async Task WaitForSentAsync(int count, TimeSpan poll)
    {
        while (Volatile.Read(ref _sent) < count)
            await Task.Delay(poll);
    }

    /// <summary>Sends all frames at the rate, about every millisecond those that are due.</summary>
    public async Task SendAsync()
    {
        _socket = WebSocket.CreateFromStream(
            await _service!.Registered, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var startedAt = Stopwatch.GetTimestamp();
        for (var number = 0; number < frames;)
        {
            for (var due = Math.Min(frames, (int)(Stopwatch.GetElapsedTime(startedAt).TotalSeconds * rate)); number < due; number++)
            {
                var frame = Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^{number}^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^"
                        + $"18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19"));
                Volatile.Write(ref _sentAt[number], Stopwatch.GetTimestamp());
                await _socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                Volatile.Write(ref _sent, number + 1);
            }

            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        if (_service is not null)
            await _service.DisposeAsync();
    }
}
