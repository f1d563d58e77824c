namespace KisFeed.Hostile.Tests;

/// <summary>A consumer that reads all the while, and looks whether every frame comes in its turn.</summary>
internal sealed class Victim : IAsyncDisposable
{
    private readonly FeedClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private int _frames;
    private int _last = -1;

    private Victim(FeedClient client)
    {
        _client = client;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Frames so far.</summary>
    public int Frames => Volatile.Read(ref _frames);

    public static async Task<Victim> ConnectAsync(HostileStage stage) => new(await stage.ConnectAsync());

    /// <summary>Completes when more have come; fails where one is missing.</summary>
    public async Task GoesOnAsync(int more = 200)
    {
        var until = Frames + more;
        await Patience.UntilAsync(() => _reading.IsCompleted || Frames >= until);
        if (_reading.IsCompleted)
            await _reading;
        Frames.ShouldBeGreaterThanOrEqualTo(until);
    }

    /// <summary>Completes when the frame of this number has come; fails where one is missing.</summary>
    public async Task UntilAsync(int number)
    {
        await Patience.UntilAsync(() => _reading.IsCompleted || Volatile.Read(ref _last) >= number, $"frame {number} has come");
        if (_reading.IsCompleted)
            await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        // First: with no frames it would wait for ever, for heartbeats go on.
        await _end.CancelAsync();
        await _client.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        // Until the first record of the key that was registered last, frames are of the others alone.
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
