using System.Globalization;

namespace KisFeed.Gateway.Delay;

/// <summary>Measures side by side what consumers that do not read do to the others.</summary>
internal static class Deliveries
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<int> MeasureAsync(DeliveryOptions options)
    {
        Print($"{options.Rate} frames a second for {options.Measured.TotalSeconds:0} s to {options.Consumers} consumers, half in the broker's protocol, half server-sent events");
        Print($"{"run",-22}{"p50 ms",10}{"p99 ms",10}{"p99.9 ms",10}{"max ms",10}{"peak MiB",10}{"CPU %",8}{"missing",9}{"dropped",9}{"closed",8}");
        var pairs = new List<(Delivery All, Delivery Some)>();
        for (var round = 0; round < options.Rounds; round++)
        {
            var all = await RunAsync(options, deaf: false);
            Print("all read", all);
            var some = await RunAsync(options, deaf: true);
            Print($"{options.Deaf} do not", some);
            pairs.Add((all, some));
        }

        Print($"p99 with {options.Deaf} that do not read, of that without: {string.Join(", ", pairs.Select(p => (p.Some.Quantile(0.99) / p.All.Quantile(0.99)).ToString("0.00", CultureInfo.InvariantCulture)))}");
        return pairs.TrueForAll(p => p.All.Missing + p.Some.Missing == 0) ? 0 : 1;
    }

    private static async Task<Delivery> RunAsync(DeliveryOptions options, bool deaf)
    {
        await using var service = new StampedService(options.Frames, options.Rate);
        await service.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(service.Url);
        await service.UntilRegisteredAsync();
        var approvalKey = await gateway.ApprovalKeyAsync();
        var consumers = new List<Consumer>();
        var logs = new List<DelayLog>();
        for (var i = 0; i < options.Consumers; i++)
        {
            var log = new DelayLog(service, options.FirstMeasured, options.Frames);
            consumers.Add(i % 2 == 0 ? await Consumer.OfBrokerAsync(gateway.Port, approvalKey, log.Add) : await Consumer.OfStreamAsync(gateway.Port, log.Add));
            logs.Add(log);
        }

        var reading = consumers.Select(consumer => Task.Run(consumer.ReadAsync)).ToArray();
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        var sending = Task.Run(service.SendAsync);
        await Task.Delay(TimeSpan.FromSeconds(1));
        if (deaf)
            consumers[..options.Deaf].ForEach(consumer => consumer.BeDeaf());
        await Task.Delay(options.WarmUp - TimeSpan.FromSeconds(1));
        var processor = gateway.Processor();
        await sending;
        processor = gateway.Processor() - processor;
        var readers = logs[options.Deaf..];
        await Task.WhenAll(readers.Select(log => log.Completion)).WaitAsync(s_patience);
        var result = new Delivery(
            [.. readers.SelectMany(log => log.Delays).Order()],
            readers.Sum(log => log.Missing),
            gateway.Memory("VmHWM"),
            processor / options.Measured,
            await gateway.TotalAsync("streamRecordsDropped"),
            consumers.Count - await gateway.TotalAsync("connections") - await gateway.TotalAsync("streams"));
        consumers.ForEach(consumer => consumer.Dispose());
        await Task.WhenAll(reading);
        return result;
    }

    private static void Print(string name, Delivery run) => Print(
        $"{name,-22}{run.Quantile(0.5),10:0.00}{run.Quantile(0.99),10:0.00}{run.Quantile(0.999),10:0.00}{run.Quantile(1),10:0.00}{run.PeakMemory / 1048576.0,10:0}{run.Processor * 100,8:0}{run.Missing,9}{run.Dropped,9}{run.Closed,8}");

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What one run came to.</summary>
/// <param name="Delays">Delays of all readers in microseconds, in ascending order.</param>
/// <param name="Missing">Frames that readers did not get.</param>
/// <param name="PeakMemory">The most memory that the gateway's process had, in bytes.</param>
/// <param name="Processor">How much of one processor the gateway took.</param>
/// <param name="Dropped">Records that streams did not get because they were not read.</param>
/// <param name="Closed">Connections that the gateway has closed because they were not read.</param>
internal sealed record Delivery(double[] Delays, int Missing, long PeakMemory, double Processor, long Dropped, long Closed)
{
    /// <summary>The delay that a share of all frames did not exceed, in milliseconds.</summary>
    public double Quantile(double share) => Delays[Math.Clamp((int)Math.Ceiling(share * Delays.Length) - 1, 0, Delays.Length - 1)] / 1_000;
}

/// <summary>What is measured.</summary>
internal sealed record DeliveryOptions
{
    /// <summary>Frames a second.</summary>
    public required int Rate { get; init; }

    /// <summary>How long each run is measured.</summary>
    public required TimeSpan Measured { get; init; }

    /// <summary>How long before that frames flow already: the code is compiled, and the queues of who does not read fill.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Consumers, half of each kind.</summary>
    public required int Consumers { get; init; }

    /// <summary>How many of them stop reading, half of each kind. In the runs beside they read, and are left out of the figures.</summary>
    public required int Deaf { get; init; }

    /// <summary>How often both are measured.</summary>
    public required int Rounds { get; init; }

    /// <summary>Frames of one run.</summary>
    public int Frames => (int)((WarmUp + Measured).TotalSeconds * Rate);

    /// <summary>The first frame that is measured.</summary>
    public int FirstMeasured => (int)(WarmUp.TotalSeconds * Rate);
}
