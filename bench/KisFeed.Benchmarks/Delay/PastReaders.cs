using System.Globalization;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Delay;

/// <summary>
/// Measures the effect of many readers of the recorded past on live consumers: one gateway that records, in which intervals with and
/// without readers alternate. The readers are another process that gets only idle processor time (SCHED_IDLE), so that the gateway's work
/// for them is measured and not their own; in a brief run, which measures nothing, it gets its share.
/// </summary>
internal static class PastReaders
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_briefSettling = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(5);

    public static async Task<int> MeasureAsync(int readers, bool isJson, long frames, DeliveryOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-past-");
        try
        {
            PastCapture.Write(folder.FullName, frames);
            return await MeasureAsync(readers, isJson, folder.FullName, options);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(int readers, bool isJson, string folder, DeliveryOptions options)
    {
        var settlingTime = options.IsBrief ? s_briefSettling : s_settling;
        var interval = (int)((settlingTime + options.Measured).TotalSeconds * options.Rate);
        var settling = (int)(settlingTime.TotalSeconds * options.Rate);
        var first = options.FirstMeasured;
        var total = first + (2 * options.Rounds * interval);
        await using var service = new StampedService(total, options.Rate);
        await service.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(service.Url, null, "--record", folder);
        await service.WaitForRegistrationAsync();
        var approvalKey = await gateway.ApprovalKeyAsync();
        var (consumers, logs) = (new List<Consumer>(), new List<DelayLog>());
        for (var i = 0; i < options.Consumers; i++)
        {
            var log = new DelayLog(service, first, total);
            consumers.Add(i % 2 == 0
                ? await Consumer.ConnectBrokerAsync(gateway.Port, approvalKey, log.Add)
                : await Consumer.ConnectStreamAsync(gateway.Port, log.Add));
            logs.Add(log);
        }

        Print($"{options.Rate} frames per second to {options.Consumers} live consumers; {readers} readers of the past "
            + $"({(isJson ? "JSON" : "capture lines")}) in every second interval of {options.Measured.TotalSeconds:0} s");
        var reading = consumers.Select(consumer => Task.Run(consumer.ReadAsync)).ToArray();
        var sending = Task.Run(service.SendAsync);

        // The code for readers of the past is compiled before the first interval.
        await using (await StartAsync())
            await service.WaitForSentAsync(first / 2, s_poll);
        await service.WaitForSentAsync(first, s_poll);
        var usages = new List<Usage>();
        for (var i = 0; i < 2 * options.Rounds; i++)
        {
            usages.Add(await UseAsync(
                gateway, service, first + (i * interval) + settling, first + ((i + 1) * interval), i % 2 == 0 ? null : StartAsync));
        }
        await sending;
        await Task.WhenAll(logs.Select(log => log.Completion)).WaitAsync(s_timeout);
        consumers.ForEach(consumer => consumer.Dispose());
        await Task.WhenAll(reading);
        var missing = logs.Sum(log => log.Missing);
        if (missing == 0)
            Report(usages, [.. usages.Select(usage => DelaysOf(logs, usage.First - first, usage.Last - first))], options.Measured);
        Print($"{missing} missing");
        return missing == 0 ? 0 : 1;

        Task<RunningProcess> StartAsync() => StartReadersAsync(gateway.Port, readers, isJson, isIdle: !options.IsBrief);
    }

    private static async Task<Usage> UseAsync(
        GatewayProcess gateway, StampedService service, int first, int last, Func<Task<RunningProcess>>? startReaders)
    {
        await using var process = startReaders is null ? null : await startReaders();
        await service.WaitForSentAsync(first, s_poll);
        var (processor, records) = (gateway.Process.ProcessorTime, await RecordsAsync(process));
        await service.WaitForSentAsync(last, s_poll);
        return new Usage(
            first, last, startReaders is not null, gateway.Process.ProcessorTime - processor, await RecordsAsync(process) - records,
            gateway.Process.Memory("VmRSS"));
    }

    private static async Task<long> RecordsAsync(RunningProcess? process)
    {
        if (process is null)
            return 0;
        await process.WriteLineAsync("");
        return long.Parse(await process.ReadLineAsync(s_timeout), CultureInfo.InvariantCulture);
    }

    private static async Task<RunningProcess> StartReadersAsync(int port, int readers, bool isJson, bool isIdle)
    {
        string[] line =
        [
            .. isIdle ? ["chrt", "--idle", "0"] : Array.Empty<string>(),
            "dotnet",
            "exec",
            typeof(PastReaders).Assembly.Location,
            DelayCommand.Word,
            PastReading.Word,
            port.ToString(CultureInfo.InvariantCulture),
            readers.ToString(CultureInfo.InvariantCulture),
            isJson ? "json" : "capture",
        ];
        var process = ProcessRunner.Start(line[0], line[1..], new ProcessOptions { OnError = Console.Error.WriteLine });
        await process.ReadLineAsync(s_timeout);
        return process;
    }

    private static double[] DelaysOf(List<DelayLog> logs, int first, int last) =>
        [.. logs.SelectMany(log => log.Delays.GetRange(first, last - first)).Order()];

    private static void Report(List<Usage> usages, List<double[]> delays, TimeSpan measured)
    {
        Print($"{"interval",-22}{"p50 ms",10}{"p99 ms",10}{"p99.9 ms",10}{"max ms",10}{"CPU %",8}{"RSS MiB",10}{"past rec/s",13}");
        for (var i = 0; i < usages.Count; i++)
        {
            Print(
                usages[i].HasReaders ? "readers" : "no readers", delays[i], usages[i].Processor / measured, usages[i].Memory,
                usages[i].Records / measured.TotalSeconds);
        }
        foreach (var hasReaders in (bool[])[false, true])
        {
            double[] all = [.. delays.Where((_, i) => usages[i].HasReaders == hasReaders).SelectMany(run => run).Order()];
            var of = usages.Where(usage => usage.HasReaders == hasReaders).ToList();
            Print(
                hasReaders ? "all with readers" : "all without", all, of.Average(usage => usage.Processor / measured),
                of.Max(usage => usage.Memory), of.Average(usage => usage.Records / measured.TotalSeconds));
        }

        var ratios = Enumerable.Range(0, usages.Count / 2)
            .Select(round => Quantile(delays[(2 * round) + 1], 0.99) / Quantile(delays[2 * round], 0.99))
            .ToList();
        Print("p99 with readers, relative to p99 without: "
            + $"{string.Join(", ", ratios.Select(ratio => ratio.ToString("0.00", CultureInfo.InvariantCulture)))}; "
            + $"median {ratios.Order().ElementAt(ratios.Count / 2):0.00}");
    }

    private static void Print(string name, double[] delays, double processor, long memory, double records) => Print(
        $"{name,-22}{Quantile(delays, 0.5),10:0.00}{Quantile(delays, 0.99),10:0.00}{Quantile(delays, 0.999),10:0.00}"
        + $"{Quantile(delays, 1),10:0.00}{processor * 100,8:0}{memory / 1048576.0,10:0}{records,13:N0}");

    private static double Quantile(double[] delays, double share) =>
        delays[Math.Clamp((int)Math.Ceiling(share * delays.Length) - 1, 0, delays.Length - 1)] / 1_000;

    private static void Print(string line) => Console.WriteLine(line);

    /// <summary>An interval.</summary>
    /// <param name="First">The first measured frame.</param>
    /// <param name="Last">The first frame that is not measured any more.</param>
    /// <param name="HasReaders">Whether there were readers of the past.</param>
    /// <param name="Processor">The processor time of the gateway.</param>
    /// <param name="Records">Records that the readers got.</param>
    /// <param name="Memory">The memory of the gateway's process at the end, in bytes.</param>
    private sealed record Usage(int First, int Last, bool HasReaders, TimeSpan Processor, long Records, long Memory);
}
