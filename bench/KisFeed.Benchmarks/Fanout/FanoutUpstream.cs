using System.Diagnostics;
using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>A service with one client, the server that is measured, to which it sends numbered frames, whose moments it remembers.</summary>
internal sealed class FanoutUpstream(LocalService service) : IAsyncDisposable
{
    private const int MostAtOnce = 64;
    private const int Remembered = 1 << 16;

    private readonly long[] _sentAt = new long[Remembered];
    private readonly byte[] _frames = NumberedFrame.Many(MostAtOnce);
    private int _next = NumberedFrame.First;

    /// <summary>Where it is.</summary>
    public Uri Url => service.Url;

    /// <summary>The number that the next frame has.</summary>
    public int Next => Volatile.Read(ref _next);

    public static async Task<FanoutUpstream> StartAsync() => new(await LocalService.StartAsync());

    /// <summary>When a frame was handed to the system, by <see cref="Stopwatch"/>. Of older frames it is forgotten.</summary>
    public long SentAt(int number) => Volatile.Read(ref _sentAt[number % Remembered]);

    /// <summary>Completes when the client has registered.</summary>
    public Task UntilRegisteredAsync(CancellationToken cancellationToken) => service.Registered.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);

    /// <summary>Sends as fast as consumers get it: the slowest of them is never further behind than the window.</summary>
    /// <param name="slowest">The last number that all consumers have.</param>
    /// <param name="window">Frames that may be on their way.</param>
    /// <param name="ending">Ends it, without an exception.</param>
    public async Task SendFreelyAsync(Func<int> slowest, int window, CancellationToken ending)
    {
        var stream = await service.Registered;
        while (!ending.IsCancellationRequested)
        {
            var room = window - (_next - 1 - slowest());
            if (room <= 0)
                await Task.Delay(1, CancellationToken.None);
            else
                await SendAsync(stream, Math.Min(room, MostAtOnce));
        }
    }

    /// <summary>Sends at a rate, each frame by itself.</summary>
    /// <param name="rate">Frames a second.</param>
    /// <param name="ending">Ends it, without an exception.</param>
    public async Task SendPacedAsync(int rate, CancellationToken ending)
    {
        var stream = await service.Registered;
        var (begun, sent) = (Stopwatch.GetTimestamp(), 0);
        while (!ending.IsCancellationRequested)
        {
            for (var due = (int)(Stopwatch.GetElapsedTime(begun).TotalSeconds * rate); sent < due; sent++)
                await SendAsync(stream, 1);
            await Task.Delay(1, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    private async Task SendAsync(Stream stream, int count)
    {
        var length = NumberedFrame.Number(_frames, _next, count);
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            Volatile.Write(ref _sentAt[(_next + i) % Remembered], now);
        Volatile.Write(ref _next, _next + count);
        await stream.WriteAsync(_frames.AsMemory(0, length));
    }
}
