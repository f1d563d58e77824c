using System.Diagnostics;
using KisFeed.Benchmarks.Capture;
using KisFeed.Feeds;
using KisFeed.RabbitMq;
using KisFeed.RabbitMq.Connecting;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Publishing;
using KisFeed.TestSupport;
using RabbitMQ.Client;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>Measures what the nodes of a cluster and the readers of its streams spend on batches.</summary>
internal static class RabbitMqCosts
{
    private const int BatchBytes = 4_500; // 20 index trades with their headers.
    private const int SmallBatchBytes = 500;
    private const int Rate = 400;
    private const int Readers = 10;

    private static readonly Amounts s_usual = new(400_000, 200, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3));
    private static readonly Amounts s_brief = new(4_000, 5, TimeSpan.FromSeconds(0.4), TimeSpan.Zero);
    private static readonly Dictionary<string, object?> s_arguments = new(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "stream",
        ["x-stream-max-segment-size-bytes"] = 50_000_000,
        ["x-max-length-bytes"] = 1_000_000_000L,
        ["x-initial-cluster-size"] = 3,
        ["x-queue-leader-locator"] = "least-leaders",
    };

    public static async Task MeasureAsync(TextWriter output, bool isBrief, CancellationToken cancellationToken)
    {
        var amounts = isBrief ? s_brief : s_usual;
        await output.WriteLineAsync("RabbitMQ: three nodes with one scheduler each, one stream with three replicas");
        var nodes = await RabbitNode.StartClusterAsync(3, "cluster_partition_handling = pause_minority");
        try
        {
            var servers = nodes.Select(node => NodeProcess.Find(node.Name)).ToArray();
            await using var connection = await new ConnectionFactory { Uri = nodes[0].Address }.CreateConnectionAsync(cancellationToken);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false),
                cancellationToken);
            await channel.QueueDeclareAsync(
                "rate", durable: true, exclusive: false, autoDelete: false, s_arguments, cancellationToken: cancellationToken);
            var idle = await CoresAsync(servers, () => Task.Delay(amounts.Duration, cancellationToken));
            await output.WriteLineAsync(Line($"  idle: {Sum(idle):0.000} cores of all nodes"));
            await PublishAsync(channel, Rate, BatchBytes, amounts.Duration / 4, cancellationToken); // Warm-up.
            var cores = Array.Empty<double>();
            foreach (var (rate, bytes) in new[]
            {
                (Rate, SmallBatchBytes),
                (Rate, BatchBytes),
                (8 * Rate, BatchBytes),
                (4 * Rate, SmallBatchBytes),
                (4 * Rate, BatchBytes),
            })
            {
                cores = await CoresAsync(servers, () => PublishAsync(channel, rate, bytes, amounts.Duration, cancellationToken));
                await output.WriteLineAsync(Line($"  {rate} batches/s of {bytes} bytes: {Micros(cores, idle, rate):0} µs of all nodes a "
                    + $"batch, of which the busiest {(cores.Max() - idle.Max()) / rate * 1e6:0}"));
            }

            var publishing = cores;
            await using (new ReaderGroup(await ReaderGroup.StartAsync(nodes, Readers, "rate", cancellationToken)))
            {
                cores = await CoresAsync(servers, () => PublishAsync(channel, 4 * Rate, BatchBytes, amounts.Duration, cancellationToken));
                await output.WriteLineAsync(Line($"  the same with {Readers} readers on three nodes: "
                    + $"{(Sum(cores) - Sum(publishing)) / (4 * Rate * Readers) * 1e6:0.0} µs of a node a batch delivered"));
            }

            var before = servers.Sum(NodeProcess.ResidentBytes);
            await using (new ReaderGroup(await ReaderGroup.StartAsync(nodes, amounts.Connections, "rate", cancellationToken)))
            {
                await Task.Delay(amounts.Settling, cancellationToken);
                await output.WriteLineAsync(Line($"  {amounts.Connections} connections, each with a channel and a reader: "
                    + $"{(servers.Sum(NodeProcess.ResidentBytes) - before) / 1024.0 / amounts.Connections:0} KiB each"));
            }

            await ReadAsync(output, nodes[0].Address, amounts.ReadFrames, cancellationToken);
        }
        finally
        {
            foreach (var node in nodes.Reverse())
                await node.DisposeAsync();
        }
    }

    // A reader of one key reads the whole stream of the key.
    private static async Task ReadAsync(TextWriter output, Uri node, int readFrames, CancellationToken cancellationToken)
    {
        var frames = SimulatedFrames.Make(readFrames);
        foreach (var batchFrames in new[] { 1, 4, 20 })
        {
            var count = readFrames / (batchFrames == 1 ? 4 : 1);
            var prefix = Line($"read{batchFrames}");
            var cluster = new RabbitMqClusterOptions { Nodes = [node], Prefix = prefix, Partitions = 1 };
            var publishing = Stopwatch.GetTimestamp();
            await PublishFramesAsync(cluster, frames.Take(count), batchFrames, cancellationToken);
            await output.WriteLineAsync(Line($"  a publisher, batches of {batchFrames}: "
                + $"{count / batchFrames / Stopwatch.GetElapsedTime(publishing).TotalSeconds:N0} batches/s of one stream confirmed"));
            var reader = new RabbitMqReader<IndexTrade>(
                new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "1001", RabbitMqStart.First);
            var processor = Environment.CpuUsage.TotalTime;
            var startedAt = Stopwatch.GetTimestamp();
            await foreach (var _ in reader.ReadAllAsync(cancellationToken))
                break;
            processor = Environment.CpuUsage.TotalTime - processor;
            await output.WriteLineAsync(Line($"  a reader of another key, batches of {batchFrames}: "
                + $"{processor.TotalMicroseconds / count:0.00} µs of the reader a frame, "
                + $"{count / Stopwatch.GetElapsedTime(startedAt).TotalSeconds:N0} frames/s"));
        }
    }

    // All frames have the key 0001, except a last one, which ends the measurement.
    private static async Task PublishFramesAsync(
        RabbitMqClusterOptions cluster, IEnumerable<byte[]> frames, int batchFrames, CancellationToken cancellationToken)
    {
        const int Window = 256;
        var partitions = new Partitions(cluster.Prefix, cluster.Partitions);
        var unconfirmed = new UnconfirmedBatches(cluster.Partitions, Window);
        var progress = new PublisherProgress(unconfirmed, static () => 0, cluster.TimeProvider);
        var epochs = new KeyEpochs();
        var assembler = new BatchAssembler(
            partitions, new BatchOrigin("benchmark", 1, Continues: false), KisFeeds.Catalog, epochs, batchFrames, batchFrames,
            unconfirmed.ConfirmedOf);
        var items = new ItemHandler(assembler, epochs, DateTimeOffset.MinValue, recorderStartedAt: null, continues: false);
        var sender = new BatchSender(assembler, unconfirmed, progress, TimeSpan.FromSeconds(1), cluster.TimeProvider);
        await using var link = await PublishLink.OpenAsync(
            new ClusterConnector(cluster, "benchmark"),
            [partitions.Names[0]], s_arguments, unconfirmed, progress.OnConfirmed, cluster.TimeProvider, cancellationToken);
        await link.ProbeAsync(sender.MarkAll(), cancellationToken);
        var at = DateTimeOffset.UnixEpoch;
        byte[]? last = null;
        foreach (var frame in frames)
        {
            last = frame;
            await SendAsync(frame);
        }

        await SendAsync([.. "0|H0UPCNT0|001|1001"u8, .. last.AsSpan("0|H0UPCNT0|001|0001".Length)]);
        await sender.SendAllAsync(link, cancellationToken);
        await unconfirmed.WaitForAllAsync(cancellationToken);

        async Task SendAsync(byte[] frame)
        {
            at = at.AddTicks(1);
            items.AddLive(new FrameItem(IndexTrade.Feed.Schema, new Frame(frame, at), default), isRecording: true);
            await sender.SendDueAsync(link, cancellationToken);
        }
    }

    private static async Task PublishAsync(IChannel channel, int rate, int bytes, TimeSpan duration, CancellationToken cancellationToken)
    {
        var batch = new byte[bytes];
        Random.Shared.NextBytes(batch);
        var properties = new BasicProperties { Persistent = true };
        var startedAt = Stopwatch.GetTimestamp();
        for (var sent = 0; Stopwatch.GetElapsedTime(startedAt) < duration;)
        {
            for (var due = Stopwatch.GetElapsedTime(startedAt).TotalSeconds * rate; sent < due; sent++)
                await channel.BasicPublishAsync("", "rate", mandatory: true, properties, batch, cancellationToken);
            await Task.Delay(5, cancellationToken);
        }
    }

    private static async Task<double[]> CoresAsync(int[] servers, Func<Task> work)
    {
        var before = servers.Select(NodeProcess.ProcessorTime).ToArray();
        var startedAt = Stopwatch.GetTimestamp();
        await work();
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        return [.. servers.Select((server, i) => (NodeProcess.ProcessorTime(server) - before[i]) / elapsed)];
    }

    private static double Sum(double[] cores) => cores.Sum();

    private static double Micros(double[] cores, double[] idle, int rate) => (Sum(cores) - Sum(idle)) / rate * 1e6;

    private static string Line(string text) => text;

    /// <summary>How much is measured.</summary>
    private sealed record Amounts(int ReadFrames, int Connections, TimeSpan Duration, TimeSpan Settling);

    /// <summary>Connections that read a stream and discard it.</summary>
    private sealed class ReaderGroup(List<IConnection> connections) : IAsyncDisposable
    {
        public static async Task<List<IConnection>> StartAsync(
            IReadOnlyList<RabbitNode> nodes, int count, string stream, CancellationToken cancellationToken)
        {
            List<IConnection> connections = [];
            for (var i = 0; i < count; i++)
            {
                var connection = await new ConnectionFactory { Uri = nodes[i % nodes.Count].Address }
                    .CreateConnectionAsync(cancellationToken);
                connections.Add(connection);
                var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                await channel.BasicQosAsync(0, 200, global: false, cancellationToken);
                var consumer = new global::RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += async (_, e) =>
                {
                    if (e.DeliveryTag % 50 == 0)
                        await channel.BasicAckAsync(e.DeliveryTag, multiple: true, CancellationToken.None);
                };
                await channel.BasicConsumeAsync(
                    stream, autoAck: false, "", noLocal: false, exclusive: false,
                    new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-stream-offset"] = "next" }, consumer, cancellationToken);
            }

            return connections;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }
}
