using System.Globalization;

namespace KisFeed.Benchmarks.Delay;

/// <summary>Measures the effect of consumers that do not read on the others, in alternating runs.</summary>
internal static class Deliveries
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    public static async Task<int> MeasureAsync(DeliveryOptions options)
    {
        Print($"{options.Rate} frames per second for {options.Measured.TotalSeconds:0} s to {options.Consumers} consumers, "
            + "half in the broker's protocol, half server-sent events");
        Print($"{"run",-22}{"p50 ms",10}{"p99 ms",10}{"p99.9 ms",10}{"max ms",10}{"peak MiB",10}{"CPU %",8}"
            + $"{"missing",9}{"dropped",9}{"closed",8}");
        var pairs = new List<(Delivery All, Delivery Some)>();
        for (var round = 0; round < options.Rounds; round++)
        {
            var all = await RunAsync(options, withNonReaders: false);
            Print("all read", all);
            var some = await RunAsync(options, withNonReaders: true);
            Print($"{options.NonReaders} do not", some);
            pairs.Add((all, some));
        }

        var ratios = pairs.Select(p => (p.Some.Quantile(0.99) / p.All.Quantile(0.99)).ToString("0.00", CultureInfo.InvariantCulture));
        Print(
            $"p99 with {options.NonReaders} consumers that do not read, relative to p99 without: {string.Join(", ", ratios)}");
        return pairs.TrueForAll(p => p.All.Missing + p.Some.Missing == 0) ? 0 : 1;
    }

    private static async Task<Delivery> RunAsync(DeliveryOptions options, bool withNonReaders)
    {
        await using var service = new StampedService(options.Frames, options.Rate);
        await service.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(service.Url);
        await service.WaitForRegistrationAsync();
        var approvalKey = await gateway.ApprovalKeyAsync();
        var consumers = new List<Consumer>();
        var logs = new List<DelayLog>();
        for (var i = 0; i < options.Consumers; i++)
        {
            var log = new DelayLog(service, options.FirstMeasured, options.Frames);
            consumers.Add(i % 2 == 0
                ? await Consumer.ConnectBrokerAsync(gateway.Port, approvalKey, log.Add)
                : await Consumer.ConnectStreamAsync(gateway.Port, log.Add));
            logs.Add(log);
        }

        var reading = consumers.Select(consumer => Task.Run(consumer.ReadAsync)).ToArray();
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        var sending = Task.Run(service.SendAsync);
        await Task.Delay(TimeSpan.FromSeconds(1));
        if (withNonReaders)
            consumers[..options.NonReaders].ForEach(consumer => consumer.StopReading());
        await Task.Delay(options.WarmUp - TimeSpan.FromSeconds(1));
        var processor = gateway.Process.ProcessorTime;
        await sending;
        processor = gateway.Process.ProcessorTime - processor;
        var readers = logs[options.NonReaders..];
        await Task.WhenAll(readers.Select(log => log.Completion)).WaitAsync(s_timeout);
        var result = new Delivery(
            [.. readers.SelectMany(log => log.Delays).Order()],
            readers.Sum(log => log.Missing),
            gateway.Process.Memory("VmHWM"),
            processor / options.Measured,
            await gateway.TotalAsync("streamRecordsDropped"),
            consumers.Count - await gateway.TotalAsync("connections") - await gateway.TotalAsync("streams"));
        consumers.ForEach(consumer => consumer.Dispose());
        await Task.WhenAll(reading);
        return result;
    }

    private static void Print(string name, Delivery run) => Print(
        $"{name,-22}{run.Quantile(0.5),10:0.00}{run.Quantile(0.99),10:0.00}{run.Quantile(0.999),10:0.00}{run.Quantile(1),10:0.00}"
        + $"{run.PeakMemory / 1048576.0,10:0}{run.Processor * 100,8:0}{run.Missing,9}{run.Dropped,9}{run.Closed,8}");

    private static void Print(string line) => Console.WriteLine(line);
}

/// <summary>The figures of one run.</summary>
/// <param name="Delays">Delays of all readers in microseconds, in ascending order.</param>
/// <param name="Missing">Frames that readers did not receive.</param>
/// <param name="PeakMemory">The peak memory of the gateway's process, in bytes.</param>
/// <param name="Processor">The gateway's processor time, in cores.</param>
/// <param name="Dropped">Records dropped for streams that were not read.</param>
/// <param name="Closed">Connections that the gateway closed because they were not read.</param>
internal sealed record Delivery(double[] Delays, int Missing, long PeakMemory, double Processor, long Dropped, long Closed)
{
    /// <summary>A quantile of the delays, in milliseconds.</summary>
    public double Quantile(double share) => Delays[Math.Clamp((int)Math.Ceiling(share * Delays.Length) - 1, 0, Delays.Length - 1)] / 1_000;
}
