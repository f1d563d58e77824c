namespace KisFeed.Hostile.Tests;

/// <summary>A consumer that reads continuously and checks that no frame is missing.</summary>
internal sealed class MonitoredConsumer : IAsyncDisposable
{
    private readonly FeedClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private int _frames;
    private int _last = -1;

    private MonitoredConsumer(FeedClient client)
    {
        _client = client;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>The number of received frames.</summary>
    public int Frames => Volatile.Read(ref _frames);

    public static async Task<MonitoredConsumer> ConnectAsync(AttackedGateway testGateway) => new(await testGateway.ConnectAsync());

    /// <summary>Completes when more frames have arrived; fails if one is missing.</summary>
    public async Task WaitForMoreFramesAsync(int more = 200)
    {
        var until = Frames + more;
        await Patience.UntilAsync(() => _reading.IsCompleted || Frames >= until);
        if (_reading.IsCompleted)
            await _reading;
        Frames.ShouldBeGreaterThanOrEqualTo(until);
    }

    /// <summary>Completes when the frame with this number has arrived; fails if one is missing.</summary>
    public async Task UntilAsync(int number)
    {
        await Patience.UntilAsync(() => _reading.IsCompleted || Volatile.Read(ref _last) >= number, $"frame {number} has arrived");
        if (_reading.IsCompleted)
            await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        // Checked first: without frames the wait would never end, because heartbeats continue.
        await _end.CancelAsync();
        await _client.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        // Before the first record of the last registered key only frames of the other keys arrive.
        string first;
        do
            first = await _client.ReceiveFrameAsync();
        while (NumberedService.KeyOf(first) != NumberedService.Bond);
        var last = NumberedService.NumberOf(System.Text.Encoding.UTF8.GetBytes(first)).Number;
        while (!_end.IsCancellationRequested)
        {
            var (connection, number) = NumberedService.NumberOf(System.Text.Encoding.UTF8.GetBytes(await _client.ReceiveFrameAsync()));
            connection.ShouldBe(0);
            number.ShouldBe(++last, "a frame is missing");
            _client.Frames.Clear();
            Volatile.Write(ref _last, last);
            Interlocked.Increment(ref _frames);
        }
    }
}
