using System.Diagnostics;
using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>A service whose only client is the measured server. Sends numbered frames and stores their sending times.</summary>
internal sealed class FanoutUpstream(LocalService service) : IAsyncDisposable
{
    private const int MaxBatch = 64;
    private const int RememberedFrames = 1 << 16;

    private readonly long[] _sentAt = new long[RememberedFrames];
    private readonly byte[] _frames = NumberedFrame.Repeat(MaxBatch);
    private int _next = NumberedFrame.First;

    public Uri Url => service.Url;

    /// <summary>The number of the next frame.</summary>
    public int Next => Volatile.Read(ref _next);

    public static async Task<FanoutUpstream> StartAsync() => new(await LocalService.StartAsync());

    /// <summary>The <see cref="Stopwatch"/> timestamp at which a frame was sent. Only recent frames are stored.</summary>
    public long SentAt(int number) => Volatile.Read(ref _sentAt[number % RememberedFrames]);

    /// <summary>Completes when the client has registered.</summary>
    public Task WaitForRegistrationAsync(CancellationToken cancellationToken) =>
        service.Registered.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);

    /// <summary>Sends as fast as the slowest consumer receives.</summary>
    /// <param name="slowest">Returns the last number that all consumers have received.</param>
    /// <param name="window">The maximum number of frames in flight.</param>
    /// <param name="ending">Ends the method without an exception.</param>
    public async Task SendUnpacedAsync(Func<int> slowest, int window, CancellationToken ending)
    {
        var stream = await service.Registered;
        while (!ending.IsCancellationRequested)
        {
            var available = window - (_next - 1 - slowest());
            if (available <= 0)
                await Task.Delay(1, CancellationToken.None);
            else
                await SendAsync(stream, Math.Min(available, MaxBatch));
        }
    }

    /// <summary>Sends at a rate, one frame at a time.</summary>
    /// <param name="rate">Frames per second.</param>
    /// <param name="ending">Ends the method without an exception.</param>
    public async Task SendPacedAsync(int rate, CancellationToken ending)
    {
        var stream = await service.Registered;
        var (startedAt, sent) = (Stopwatch.GetTimestamp(), 0);
        while (!ending.IsCancellationRequested)
        {
            for (var due = (int)(Stopwatch.GetElapsedTime(startedAt).TotalSeconds * rate); sent < due; sent++)
                await SendAsync(stream, 1);
            await Task.Delay(1, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    private async Task SendAsync(Stream stream, int count)
    {
        var length = NumberedFrame.SetNumbers(_frames, _next, count);
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            Volatile.Write(ref _sentAt[(_next + i) % RememberedFrames], now);
        Volatile.Write(ref _next, _next + count);
        await stream.WriteAsync(_frames.AsMemory(0, length));
    }
}
