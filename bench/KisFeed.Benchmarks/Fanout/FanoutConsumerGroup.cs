using System.Diagnostics;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>The consumers of one server, and the measurement of a round.</summary>
internal sealed class FanoutConsumerGroup : IDisposable
{
    private const int BufferLength = 64 * 1024;
    private const int BatchSize = 25;

    // Frames in flight to all consumers: enough to keep a server busy, but not enough to overflow a consumer's queue.
    private const int Window = 400_000;
    private const int MinWindow = 1_000;
    private const int MaxWindow = 16_384;

    private static readonly TimeSpan s_lead = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    private readonly FanoutServer _server;
    private readonly FanoutConsumer[] _consumers;

    private FanoutConsumerGroup(FanoutServer server, FanoutConsumer[] consumers)
    {
        _server = server;
        _consumers = consumers;
    }

    /// <summary>Undelivered frames of all rounds.</summary>
    public long Missing { get; private set; }

    /// <summary>Connections that the server has closed.</summary>
    public int Closed => _consumers.Count(static c => c.IsClosed);

    public static async Task<FanoutConsumerGroup> ConnectAsync(FanoutServer server, int count, CancellationToken cancellationToken)
    {
        List<FanoutConsumer> consumers = [];
        while (consumers.Count < count)
        {
            consumers.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Min(BatchSize, count - consumers.Count))
                .Select(_ => FanoutConsumer.ConnectAsync(server, BufferLength, cancellationToken))));
        }
        return new FanoutConsumerGroup(server, [.. consumers]);
    }

    /// <summary>Sends frames at full speed and then at a rate, and measures.</summary>
    public async Task<IReadOnlyList<Figure>> RoundAsync(int rate, TimeSpan free, TimeSpan paced, CancellationToken cancellationToken)
    {
        var missing = Missing;
        var window = Math.Clamp(Window / _consumers.Length, MinWindow, MaxWindow);
        var full = await MeasureAsync(
            ending => _server.Upstream.SendUnpacedAsync(Slowest, window, ending), free, isTimed: false, cancellationToken);
        var slow = await MeasureAsync(ending => _server.Upstream.SendPacedAsync(rate, ending), paced, isTimed: true, cancellationToken);
        double[] delays = [.. _consumers.SelectMany(static c => c.DrainDelays()).Order()];
        return
        [
            new(FanoutSuite.Deliveries, "", full.Deliveries / full.Seconds),
            new("CPU", "cores", full.Processor.TotalSeconds / full.Seconds),
            new(FanoutSuite.Processor, "µs", full.Processor.TotalMicroseconds / full.Deliveries),
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

    private async Task<(long Deliveries, double Seconds, TimeSpan Processor)> MeasureAsync(
        Func<CancellationToken, Task> send, TimeSpan time, bool isTimed, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (before, first) = (Received(), _server.Upstream.Next);
        var sending = Task.Run(() => send(ending.Token), CancellationToken.None);
        await Task.Delay(s_lead, cancellationToken);
        SetTimed(isTimed);
        var (startedAt, processor, received) = (Stopwatch.GetTimestamp(), _server.Process.ProcessorTime, Received());
        await Task.Delay(time, cancellationToken);
        var result = (Received() - received, Stopwatch.GetElapsedTime(startedAt).TotalSeconds, _server.Process.ProcessorTime - processor);
        SetTimed(false);
        await ending.CancelAsync();
        await sending;
        await WaitForAllAsync(_server.Upstream.Next - 1, cancellationToken);
        Missing += ((long)(_server.Upstream.Next - first) * _consumers.Length) - (Received() - before);
        return result;
    }

    private async Task WaitForAllAsync(int number, CancellationToken cancellationToken)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); Slowest() < number && Stopwatch.GetElapsedTime(startedAt) < s_timeout;)
            await Task.Delay(5, cancellationToken);
    }

    // A closed consumer does not hold up the others; its missing frames are counted.
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

    private static double Quantile(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
