using KisFeed.Feeds;
using KisFeed.RabbitMq;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Delay;

/// <summary>
/// Measures the delay from a service over a publisher, a RabbitMQ node and an edge gateway to its consumers, beside a bare program of
/// RabbitMQ.Client that batches likewise; and the processor time of the edge for each delivery beside that of a gateway with a session.
/// </summary>
internal static class EdgeDelays
{
    // The goals: milliseconds; the p99 of the bare program; the processor time of a gateway with a session.
    private const double MaxMedian = 10;
    private const double MaxTailRatio = 2.5;
    private const double MaxProcessorRatio = 1.2;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs the rounds and prints them.</summary>
    /// <returns>0 if nothing is missing and the medians of all rounds are within the goals; otherwise 1.</returns>
    public static async Task<int> MeasureAsync(DeliveryOptions options)
    {
        await using var node = await RabbitNode.StartAsync();
        Print($"{options.Rate} frames per second for {options.Measured.TotalSeconds:0} s; one node; {options.Consumers} "
            + "consumers in the broker's protocol");
        Print(
            $"{"run",-22}{"p50 ms",10}{"p99 ms",10}{"p99.9 ms",10}{"max ms",10}{"peak MiB",10}{"CPU %",8}{"us/delivery",13}{"missing",9}");
        var isComplete = true;
        var (medians, tails, processors) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < options.Rounds; round++)
        {
            var bare = await BareStream.RunAsync(node.Address, options);
            Print("RabbitMQ.Client", bare, options, 1);
            var session = await RunAsync(options, null);
            Print("gateway with a session", session, options, options.Consumers);
            var edge = await RunAsync(options, node.Address);
            Print("edge gateway", edge, options, options.Consumers);
            Print($"edge / bare: p50 {edge.Quantile(0.5) / bare.Quantile(0.5):0.00}, p99 {edge.Quantile(0.99) / bare.Quantile(0.99):0.00}; "
                + $"CPU of the edge / of the session {edge.Processor / session.Processor:0.00}");
            medians.Add(edge.Quantile(0.5));
            tails.Add(edge.Quantile(0.99) / bare.Quantile(0.99));
            processors.Add(edge.Processor / session.Processor);
            isComplete &= bare.Missing + session.Missing + edge.Missing == 0;
        }

        var meetsGoals = IsWithin("p50 of the edge, ms", medians, MaxMedian) & IsWithin("p99, edge / bare", tails, MaxTailRatio) & IsWithin(
            "CPU of a delivery, edge / session", processors, MaxProcessorRatio);
        return isComplete && (meetsGoals || options.IsBrief) ? 0 : 1;
    }

    private static bool IsWithin(string name, List<double> rounds, double goal)
    {
        rounds.Sort();
        var median = (rounds[(rounds.Count - 1) / 2] + rounds[rounds.Count / 2]) / 2;
        Print($"{name}: median {median:0.00} ({rounds[0]:0.00} to {rounds[^1]:0.00}); the goal is at most {goal:0.0}: "
            + $"{(median <= goal ? "met" : "NOT met")}");
        return median <= goal;
    }

    private static async Task<Delivery> RunAsync(DeliveryOptions options, Uri? cluster)
    {
        await using var service = new StampedService(options.Frames, options.Rate);
        await service.StartAsync();
        await using var ingest = cluster is null ? null : await Ingest.StartAsync(service.Url, cluster);
        await using var gateway = await GatewayProcess.StartAsync(
            service.Url, null, cluster is null ? [] : ["--upstream", cluster.ToString()]);
        await service.WaitForRegistrationAsync();
        var approvalKey = await gateway.ApprovalKeyAsync();
        var consumers = new List<Consumer>();
        var logs = new List<DelayLog>();
        for (var i = 0; i < options.Consumers; i++)
        {
            var log = new DelayLog(service, options.FirstMeasured, options.Frames);
            consumers.Add(await Consumer.ConnectBrokerAsync(gateway.Port, approvalKey, log.Add));
            logs.Add(log);
        }

        var reading = consumers.Select(consumer => Task.Run(consumer.ReadAsync)).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var sending = Task.Run(service.SendAsync);
        await Task.Delay(options.WarmUp);
        var processor = gateway.Process.ProcessorTime;
        await sending;
        processor = gateway.Process.ProcessorTime - processor;
        await Task.WhenAll(logs.Select(log => log.Completion)).WaitAsync(s_timeout);
        var result = new Delivery(
            [.. logs.SelectMany(log => log.Delays).Order()], logs.Sum(log => log.Missing), gateway.Process.Memory("VmHWM"),
            processor / options.Measured, 0, 0);
        consumers.ForEach(consumer => consumer.Dispose());
        await Task.WhenAll(reading);
        return result;
    }

    private static void Print(string name, Delivery run, DeliveryOptions options, int consumers) => Print(
        $"{name,-22}{run.Quantile(0.5),10:0.00}{run.Quantile(0.99),10:0.00}{run.Quantile(0.999),10:0.00}"
        + $"{run.Quantile(1),10:0.00}{run.PeakMemory / 1048576.0,10:0}{run.Processor * 100,8:0}"
        + $"{run.Processor * 1e6 / options.Rate / consumers,13:0.00}{run.Missing,9}");

    private static void Print(string line) => Console.WriteLine(line);

    /// <summary>A client of the service, and its publisher, in this process.</summary>
    private sealed class Ingest(KisFeedClient client, RabbitMqPublisher publisher) : IAsyncDisposable
    {
        public static async Task<Ingest> StartAsync(Uri service, Uri cluster)
        {
            var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
            {
                AppKey = Consumer.AppKey,
                AppSecret = Consumer.AppSecret,
                WebSocketUrl = service,
                RequestInterval = TimeSpan.Zero,
            });
            var publisher = RabbitMqPublisher.Start(client, new RabbitMqPublisherOptions
            {
                Cluster = new RabbitMqClusterOptions { Nodes = [cluster] },
                Source = $"delay-{Guid.NewGuid():N}",
                Tap = new FrameTapOptions(),
            });
            await publisher.AddAsync(IndexTrade.Feed.Schema, "0001");
            while (publisher.Status.Published == 0)
                await Task.Delay(50);
            return new Ingest(client, publisher);
        }

        public async ValueTask DisposeAsync()
        {
            await publisher.DisposeAsync();
            await client.DisposeAsync();
        }
    }
}
