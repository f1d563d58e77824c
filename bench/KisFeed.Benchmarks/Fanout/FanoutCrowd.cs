using System.Diagnostics;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>The consumers of one server, and what they get in a round.</summary>
internal sealed class FanoutCrowd : IDisposable
{
    private const int BufferLength = 64 * 1024;
    private const int AtOnce = 25;

    // All that may be on its way to all of them, which is enough to keep any server busy, and no reason to close somebody.
    private const int Window = 400_000;
    private const int LeastWindow = 1_000;
    private const int MostWindow = 16_384;

    private static readonly TimeSpan s_lead = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly FanoutServer _server;
    private readonly FanoutConsumer[] _consumers;

    private FanoutCrowd(FanoutServer server, FanoutConsumer[] consumers)
    {
        _server = server;
        _consumers = consumers;
    }

    /// <summary>Frames that did not reach consumers, over all rounds.</summary>
    public long Missing { get; private set; }

    /// <summary>Connections that the server has ended.</summary>
    public int Closed => _consumers.Count(static c => c.IsClosed);

    public static async Task<FanoutCrowd> ConnectAsync(FanoutServer server, int count, CancellationToken cancellationToken)
    {
        List<FanoutConsumer> consumers = [];
        while (consumers.Count < count)
            consumers.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, count - consumers.Count)).Select(_ => FanoutConsumer.ConnectAsync(server, BufferLength, cancellationToken))));
        return new FanoutCrowd(server, [.. consumers]);
    }

    /// <summary>Lets frames flow, first as fast as they get through and then at a rate, and measures.</summary>
    public async Task<IReadOnlyList<Figure>> RoundAsync(int rate, TimeSpan free, TimeSpan paced, CancellationToken cancellationToken)
    {
        var missing = Missing;
        var window = Math.Clamp(Window / _consumers.Length, LeastWindow, MostWindow);
        var full = await MeasureAsync(ending => _server.Upstream.SendFreelyAsync(Slowest, window, ending), free, isTimed: false, cancellationToken);
        var slow = await MeasureAsync(ending => _server.Upstream.SendPacedAsync(rate, ending), paced, isTimed: true, cancellationToken);
        double[] delays = [.. _consumers.SelectMany(static c => c.TakeDelays()).Order()];
        return
        [
            new("deliveries a second", "", full.Deliveries / full.Seconds),
            new("CPU", "cores", full.Processor.TotalSeconds / full.Seconds),
            new("CPU a delivery", "µs", full.Processor.TotalMicroseconds / full.Deliveries),
            new("paced: p50", "µs", Quantile(delays, 0.5)),
            new("paced: p99", "µs", Quantile(delays, 0.99)),
            new("paced: CPU", "cores", slow.Processor.TotalSeconds / slow.Seconds),
            new("paced: CPU a delivery", "µs", slow.Processor.TotalMicroseconds / slow.Deliveries),
            new("missing", "", Missing - missing),
            new("closed", "", Closed),
        ];
    }

    public void Dispose()
    {
        foreach (var consumer in _consumers)
            consumer.Dispose();
    }

    private async Task<(long Deliveries, double Seconds, TimeSpan Processor)> MeasureAsync(Func<CancellationToken, Task> send, TimeSpan time, bool isTimed, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (before, first) = (Received(), _server.Upstream.Next);
        var sending = Task.Run(() => send(ending.Token), CancellationToken.None);
        await Task.Delay(s_lead, cancellationToken);
        SetTimed(isTimed);
        var (begun, processor, received) = (Stopwatch.GetTimestamp(), _server.Process.ProcessorTime, Received());
        await Task.Delay(time, cancellationToken);
        var result = (Received() - received, Stopwatch.GetElapsedTime(begun).TotalSeconds, _server.Process.ProcessorTime - processor);
        SetTimed(false);
        await ending.CancelAsync();
        await sending;
        await UntilAllHaveAsync(_server.Upstream.Next - 1, cancellationToken);
        Missing += ((long)(_server.Upstream.Next - first) * _consumers.Length) - (Received() - before);
        return result;
    }

    private async Task UntilAllHaveAsync(int number, CancellationToken cancellationToken)
    {
        for (var begun = Stopwatch.GetTimestamp(); Slowest() < number && Stopwatch.GetElapsedTime(begun) < s_patience;)
            await Task.Delay(5, cancellationToken);
    }

    // Who has been closed gets nothing any more, and holds up nobody: what it misses is counted.
    private int Slowest()
    {
        var slowest = int.MaxValue;
        foreach (var consumer in _consumers)
        {
            if (!consumer.IsClosed)
                slowest = Math.Min(slowest, consumer.Last);
        }

        return slowest == int.MaxValue ? _server.Upstream.Next - 1 : slowest;
    }

    private void SetTimed(bool isTimed)
    {
        foreach (var consumer in _consumers)
            consumer.IsTimed = isTimed;
    }

    private long Received() => _consumers.Sum(static c => c.Received);

    private static double Quantile(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
