using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;
using RabbitMQ.Client;
using static KisFeed.RabbitMq.Tests.Staging.KeyStream;

namespace KisFeed.RabbitMq.Tests;

/// <summary>A stream that is deleted and created again begins with the first offset. Readers report a gap, and read it.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Broker))]
public sealed class ReplacedStreamTests(Broker broker)
{
    // How long a reader waits for messages at its offset.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_reader_restarted_from_a_position_behind_the_end_reads_the_new_stream()
    {
        var cluster = broker.NewCluster() with { ConnectTimeout = s_limit };
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", [.. Enumerable.Range(0, 30).Select(i => Batch(encoder, 0, i))]);
        var reader = NewReader(cluster);
        (await ReadAsync(reader, 30)).Count.ShouldBe(30);
        await DeleteAsync(cluster);
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", Batch(encoder, 0, 30), Batch(encoder, 0, 31), End(encoder));
        var position = RabbitMqPosition.Parse(reader.Position.ToString());

        (await ReadAsync(reader)).ShouldBe(["Gap Unreadable", "record 30", "record 31", "Silence"]);
        reader = NewReader(cluster, RabbitMqStart.After(position));
        (await ReadAsync(reader, 2)).ShouldBe(["Gap Unreadable", "record 30"]);
        (await ReadAsync(NewReader(cluster, RabbitMqStart.After(reader.Position)))).ShouldBe(["record 31", "Silence"]);
    }

    [Fact]
    public async Task A_tap_gets_a_gap_and_the_frames_of_the_new_stream()
    {
        var cluster = broker.NewCluster() with { ConnectTimeout = s_limit };
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", [.. Enumerable.Range(0, 30).Select(i => Live(encoder, i))]);
        await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster });
        await using var tap = source.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", Live(encoder, 30));
        using var limit = new CancellationTokenSource(Patience.Limit);
        await using var items = tap.ReadAllAsync(limit.Token).GetAsyncEnumerator();
        (await NextAsync(items)).ShouldBe("30");
        await DeleteAsync(cluster);
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", Live(encoder, 31), Live(encoder, 32));

        (await NextAsync(items)).ShouldBe("Interruption Unreadable");
        (await NextAsync(items)).ShouldBe("Gap Unreadable");
        (await NextAsync(items)).ShouldBe("31");
        (await NextAsync(items)).ShouldBe("32");
    }

    // A tap leaves out what was received before it had the key.
    private static byte[] Live(StreamBatchEncoder encoder, int number)
    {
        encoder.Add(EntryKind.Frame, DateTimeOffset.UtcNow, [], Ticks.Index(number));
        return encoder.Complete(encoder.FirstSequence - 1);
    }

    private static async Task DeleteAsync(RabbitMqClusterOptions cluster)
    {
        var partitions = new Partitions(cluster.Prefix, cluster.Partitions);
        await using var connection = await new ConnectionFactory { Uri = cluster.Nodes[0] }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(partitions.Names[partitions.Of("H0UPCNT0", "0001")]);
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<FrameItem> items)
    {
        while (await items.MoveNextAsync())
        {
            switch (items.Current)
            {
                case { IsFrame: true, Frame: var frame }:
                    return NumberOf(frame.Bytes.Span);
                case { Event: Interruption interruption }:
                    return $"Interruption {interruption.Reason}";
                case { Event: Gap gap }:
                    return $"Gap {gap.Reason}";
            }
        }

        throw new InvalidOperationException("the tap has ended");
    }

    private static string NumberOf(ReadOnlySpan<byte> frame)
    {
        for (var number = 0; ; number++)
        {
            if (frame.SequenceEqual(Ticks.Index(number)))
                return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
