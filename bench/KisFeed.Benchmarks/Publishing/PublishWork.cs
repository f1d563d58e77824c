using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;
using KisFeed.RabbitMq;
using KisFeed.RabbitMq.Connecting;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Publishing;
using RabbitMQ.Client;

namespace KisFeed.Benchmarks.Publishing;

/// <summary>The same frames published to a stream of one node, each round to a stream of its own.</summary>
/// <param name="node">The node.</param>
/// <param name="count">The number of frames of a round, a multiple of <see cref="BatchFrames"/>.</param>
internal sealed class PublishWork(Uri node, int count)
{
    public const string Rate = "frames a second";
    public const int BatchFrames = 20;
    public const int Window = 256;

    private const string Processor = "processor of the program";

    private static readonly Dictionary<string, object?> s_arguments = new(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "stream",
        ["x-stream-max-segment-size-bytes"] = 50_000_000,
        ["x-max-length-bytes"] = 1_000_000_000L,
    };

    private readonly byte[][] _frames = SimulatedFrames.Make(count);
    private int _streams;

    /// <summary>What any program must do at least that sends batches and waits for confirmations with a window.</summary>
    public async Task<IReadOnlyList<Figure>> BareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await new ConnectionFactory { Uri = node }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancellationToken);
        var stream = NextName();
        await channel.QueueDeclareAsync(
            stream, durable: true, exclusive: false, autoDelete: false, s_arguments, cancellationToken: cancellationToken);
        using var room = new SemaphoreSlim(Window);
        var properties = new BasicProperties { Persistent = true };
        var confirmed = 0UL;
        channel.BasicAcksAsync += (_, e) =>
        {
            // Confirmations of one stream are in order.
            room.Release((int)(e.DeliveryTag - confirmed));
            confirmed = e.DeliveryTag;
            return Task.CompletedTask;
        };
        return await MeasureAsync(async () =>
        {
            for (var i = 0; i < count; i += BatchFrames)
            {
                var length = 0;
                for (var j = i; j < i + BatchFrames; j++)
                    length += sizeof(int) + _frames[j].Length;
                var batch = new byte[length];
                var span = batch.AsSpan();
                for (var j = i; j < i + BatchFrames; j++)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(span, _frames[j].Length);
                    _frames[j].CopyTo(span[sizeof(int)..]);
                    span = span[(sizeof(int) + _frames[j].Length)..];
                }

                await room.WaitAsync(cancellationToken);
                await channel.BasicPublishAsync("", stream, mandatory: true, properties, batch, cancellationToken);
            }

            for (var i = 0; i < Window; i++)
                await room.WaitAsync(cancellationToken);
        });
    }

    /// <summary>The path of the publisher from a frame of its tap to the confirmation.</summary>
    public async Task<IReadOnlyList<Figure>> PublishAsync(CancellationToken cancellationToken)
    {
        var cluster = new RabbitMqClusterOptions { Nodes = [node], Prefix = NextName(), Partitions = 1 };
        var partitions = new Partitions(cluster.Prefix, cluster.Partitions);
        var unconfirmed = new UnconfirmedBatches(cluster.Partitions, Window);
        var progress = new PublisherProgress(unconfirmed, static () => 0, cluster.TimeProvider);
        var origin = new BatchOrigin("benchmark", 1, Continues: false);
        var epochs = new KeyEpochs();
        epochs.Begin(IndexTrade.Feed.Schema.TrId, "0001", epoch: 1, DateTimeOffset.UnixEpoch); // The key of all frames.
        var assembler = new BatchAssembler(partitions, origin, KisFeeds.Catalog, epochs, BatchFrames, BatchFrames, unconfirmed.ConfirmedOf);
        var items = new ItemHandler(assembler, epochs, DateTimeOffset.MinValue, recorderStartedAt: null, continues: false);
        var sender = new BatchSender(assembler, unconfirmed, progress, TimeSpan.FromSeconds(1), cluster.TimeProvider);
        await using var link = await PublishLink.OpenAsync(
            new ClusterConnector(cluster, "benchmark"),
            [partitions.Names[0]], s_arguments, unconfirmed, progress.OnConfirmed, cluster.TimeProvider, cancellationToken);
        await link.ProbeAsync(sender.MarkAll(), cancellationToken);
        return await MeasureAsync(async () =>
        {
            var at = DateTimeOffset.UnixEpoch;
            foreach (var frame in _frames)
            {
                at = at.AddTicks(1);
                items.AddLive(new FrameItem(IndexTrade.Feed.Schema, new Frame(frame, at), default), isRecording: true);
                await sender.SendDueAsync(link, cancellationToken);
            }

            await sender.SendAllAsync(link, cancellationToken);
            await unconfirmed.WaitForAllAsync(cancellationToken);
        });
    }

    private async Task<IReadOnlyList<Figure>> MeasureAsync(Func<Task> publishAsync)
    {
        GC.Collect();
        var (startedAt, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await publishAsync();
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        processor = Environment.CpuUsage.TotalTime - processor;
        return [new(Rate, "", count / seconds), new(Processor, "ns/frame", processor.TotalNanoseconds / count)];
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"s{_streams++}");
}
