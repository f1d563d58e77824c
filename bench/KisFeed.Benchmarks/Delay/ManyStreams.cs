using System.Diagnostics;
using System.Globalization;

namespace KisFeed.Benchmarks.Delay;

/// <summary>
/// Measures thousands of streams of consumers with tokens: the memory of each, and the delay when all of them receive every frame.
/// </summary>
internal static class ManyStreams
{
    private const int Tokens = 20;
    private const int SmallBuffer = 4 * 1024;
    private const int First = 50;
    private const int OtherConnections = 100;

    // Long enough for a heartbeat on each stream.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_briefSettling = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    public static async Task<int> MeasureAsync(int count, DeliveryOptions options)
    {
        await using var service = new StampedService(options.Frames, options.Rate);
        await service.StartAsync();
        var tokens = ConsumerToken.Create(Tokens);
        var limit = (count + OtherConnections).ToString(CultureInfo.InvariantCulture);
        await using var gateway = await GatewayProcess.StartAsync(
            service.Url, tokens, "--max-connections", limit, "--max-consumer-connections", limit, "--max-registrations", limit);
        await service.WaitForRegistrationAsync();
        var (consumers, logs, reading) = (new List<Consumer>(), new List<DelayLog>(), new List<Task>());

        // The first streams create shared code and pools.
        await OpenAsync(First);
        await Task.Delay(options.IsBrief ? s_briefSettling : s_settling);
        var before = gateway.Process.Memory("VmRSS");
        var clock = Stopwatch.StartNew();
        await OpenAsync(count - First);
        var opened = clock.Elapsed;
        await Task.Delay(options.IsBrief ? s_briefSettling : s_settling);
        var idle = gateway.Process.Memory("VmRSS");
        var open = await gateway.TotalAsync("streams");
        var sending = Task.Run(service.SendAsync);
        await Task.Delay(options.WarmUp);
        var processor = gateway.Process.ProcessorTime;
        await sending;
        processor = gateway.Process.ProcessorTime - processor;
        await Task.WhenAll(logs.Select(log => log.Completion)).WaitAsync(s_timeout);
        var delivery = new Delivery(
            [.. logs.SelectMany(log => log.Delays).Order()], logs.Sum(log => log.Missing), gateway.Process.Memory("VmHWM"),
            processor / options.Measured, await gateway.TotalAsync("streamRecordsDropped"), count - open);
        consumers.ForEach(consumer => consumer.Dispose());
        await Task.WhenAll(reading);
        clock.Restart();
        while (await gateway.TotalAsync("streams") > 0 && clock.Elapsed < s_timeout)
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        Print($"{count} streams (SSE) of {Tokens} tokens, opened in {opened.TotalSeconds:0.0} s; {open} are open");
        Print($"each uses {(idle - before) / 1024.0 / (count - First):0.0} KiB; the process {before / 1048576.0:0} MiB with {First}, "
            + $"{idle / 1048576.0:0} MiB with all, {delivery.PeakMemory / 1048576.0:0} MiB peak");
        Print($"{options.Rate} frames per second to each for {options.Measured.TotalSeconds:0} s: p50 {delivery.Quantile(0.5):0.0} ms, "
            + $"p99 {delivery.Quantile(0.99):0.0} ms, longest {delivery.Quantile(1):0.0} ms; CPU {delivery.Processor * 100:0} %; "
            + $"missing {delivery.Missing}, dropped {delivery.Dropped}");
        Print($"after all have disconnected {await gateway.TotalAsync("streams")} remain after {clock.Elapsed.TotalSeconds:0.0} s, "
            + $"and {gateway.Process.Memory("VmRSS") / 1048576.0:0} MiB");
        return delivery is { Missing: 0, Dropped: 0, Closed: 0 } ? 0 : 1;

        async Task OpenAsync(int more)
        {
            for (var i = 0; i < more; i++)
            {
                var log = new DelayLog(service, options.FirstMeasured, options.Frames);
                var consumer = await Consumer.ConnectStreamAsync(gateway.Port, log.Add, SmallBuffer, tokens[consumers.Count % Tokens]);
                consumers.Add(consumer);
                logs.Add(log);
                reading.Add(Task.Run(consumer.ReadAsync));
            }
        }
    }

    private static void Print(string line) => Console.WriteLine(line);
}
