using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Connecting;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests;

/// <summary>
/// What the cluster has kept is not dropped because the reader of a tap is slower than the cluster, and a consumer
/// without messages keeps its connection.
/// </summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Broker))]
public sealed class CatchUpTests(Broker broker)
{
    [Fact]
    public async Task A_source_that_catches_up_over_several_streams_waits_for_the_reader_of_a_tap()
    {
        const int perKey = 3000;
        var cluster = broker.NewCluster();
        var partitions = new Partitions(cluster.Prefix, cluster.Partitions);
        var keys = Enumerable.Range(1, 50).Select(i => $"{i:0000}").DistinctBy(key => partitions.Of("H0UPCNT0", key)).ToList();
        keys.Count.ShouldBe(cluster.Partitions);
        var encoders = keys.ToDictionary(key => key, key => new StreamBatchEncoder(new BatchOrigin(key, 1, false)), StringComparer.Ordinal);
        foreach (var key in keys)
            await Broker.PublishAsync(cluster, "H0UPCNT0", key, encoders[key].Mark(0));
        await using var proxy = new TcpProxy(broker.Node.Port);
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster with { Nodes = [proxy.Address] } });
        await using var tap = source.OpenTap(new FrameTapOptions { Capacity = 1000 });
        foreach (var key in keys)
            await tap.AddAsync(IndexTrade.Feed.Schema, key);
        proxy.Close();
        foreach (var key in keys)
        {
            await Broker.PublishAsync(
                cluster, "H0UPCNT0", key, [.. Enumerable.Range(0, perKey / 20).Select(batch => BatchOf(encoders[key], key, batch))]);
        }
        proxy.Open();
        await Patience.UntilAsync(() => tap.QueueDepth > 500);

        using var limit = new CancellationTokenSource(Patience.Limit);
        var (frames, gaps) = (0, 0);
        await foreach (var item in tap.ReadAllAsync(limit.Token))
        {
            gaps += item.Event is Gap ? 1 : 0;
            frames += item.IsFrame ? 1 : 0;
            if (frames == perKey * keys.Count)
                break;
        }

        (gaps, tap.Dropped).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_was_read_is_acknowledged_even_if_nothing_follows()
    {
        var cluster = broker.NewCluster();
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", KeyStream.Batch(encoder, 0, 0), KeyStream.Batch(encoder, 0, 1));
        var partitions = new Partitions(cluster.Prefix, cluster.Partitions);
        var time = new ManualTimeProvider();
        await using var link = await ConsumerLink.OpenAsync(
            new ClusterConnector(cluster, "acknowledges"), partitions.Names[partitions.Of("H0UPCNT0", "0001")], "first", prefetch: 200,
            readsHere: false, time, CancellationToken.None);
        for (var read = 0; read < 2; read++)
        {
            (await link.WaitToReadAsync(CancellationToken.None).AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
            (await link.ReadAsync(CancellationToken.None)).ShouldNotBeNull();
        }

        (await ChannelsAsync("acknowledges")).ShouldBe(["2"]);
        time.Advance(TimeSpan.FromMinutes(1));
        await Patience.UntilAsync(async () => await ChannelsAsync("acknowledges") is ["0"], isCostly: true);
        link.Ended.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_source_that_knows_where_the_data_come_from_consumes_nothing_without_keys()
    {
        var cluster = broker.NewCluster() with { Partitions = 1 };
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false)) { Data = DataSource.Simulation };
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", KeyStream.Batch(encoder, 0, 0));
        await using var proxy = new TcpProxy(broker.Node.Port);
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster with { Nodes = [proxy.Address] } });
        await Patience.UntilAsync(() => source.Sessions.Single().Source == DataSource.Simulation);
        await Patience.UntilAsync(async () => (await ChannelsAsync("KisFeed source")).Count == 0, isCostly: true);

        source.Sessions.Single().Phase.ShouldBe(SessionPhase.Open);
        proxy.Cut();
        await Patience.UntilAsync(() => source.Sessions.Single() is { Phase: SessionPhase.Open, Connections: 2 });
    }

    private static byte[] BatchOf(StreamBatchEncoder encoder, string key, int batch)
    {
        for (var i = batch * 20; i < (batch + 1) * 20; i++)
            encoder.Add(EntryKind.Frame, DateTimeOffset.UtcNow, [], Ticks.Index(i, key));
        return encoder.Complete(encoder.FirstSequence - 1);
    }

    // The unacknowledged messages of each channel of connections with this name.
    private async Task<IReadOnlyList<string>> ChannelsAsync(string name)
    {
        var connections = await broker.Node.ControlAsync("list_connections", "pid", "client_properties");
        var own = connections.Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal)).Select(line => line.Split('\t')[0])
            .ToHashSet(StringComparer.Ordinal);
        var channels = await broker.Node.ControlAsync("list_channels", "connection", "messages_unacknowledged");
        return [.. channels.Split('\n').Select(line => line.Split('\t')).Where(columns => own.Contains(columns[0]))
            .Select(columns => columns[1].Trim())];
    }
}
