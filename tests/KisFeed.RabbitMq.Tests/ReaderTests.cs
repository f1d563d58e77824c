using System.Globalization;
using System.Text;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;
using static KisFeed.RabbitMq.Tests.Staging.KeyStream;

namespace KisFeed.RabbitMq.Tests;

/// <summary>A reader returns each item once, wherever it begins and whatever is in the stream.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Broker))]
public sealed class ReaderTests(Broker broker)
{
    [Fact]
    public async Task A_reader_restarted_at_random_items_neither_loses_nor_repeats()
    {
        var random = new Random(TestRun.Seed);
        var cluster = broker.NewCluster();
        var messages = new List<byte[]>();
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        for (var i = 0; i < 400; i++)
        {
            if (random.Next(8) == 0)
            {
                Add(encoder, new CaptureEvent
                {
                    Kind = CaptureEventKind.Interrupted,
                    At = Ticks.At(i).AddTicks(-2),
                    TrId = "H0UPCNT0",
                    Key = "0001",
                    Reason = GapReason.ConnectionLost,
                });
            }
            if (random.Next(6) == 0)
            {
                Add(encoder, new CaptureEvent
                {
                    Kind = CaptureEventKind.Gap,
                    At = Ticks.At(i).AddTicks(-1),
                    To = Ticks.At(i),
                    TrId = "H0UPCNT0",
                    Key = "0001",
                    Reason = GapReason.Silence,
                });
            }

            // One to three records of the key, and one of another.
            var records = Enumerable.Range(0, random.Next(1, 4)).Select(n => Ticks.IndexRecord((i * 10) + n))
                .Append(Ticks.IndexRecord(7, "1001")).ToList();
            encoder.Add(EntryKind.Frame, Ticks.At(i), [], Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"0|H0UPCNT0|{records.Count:000}|{string.Join('^', records)}")));
            if (random.Next(5) != 0)
                continue;
            messages.Add(encoder.Complete(encoder.FirstSequence - 1));
            if (random.Next(3) == 0)
                messages.AddRange(messages[^Math.Min(messages.Count, random.Next(1, 4))..]); // Sent again after a lost connection.
        }

        Add(encoder, new CaptureEvent
        {
            Kind = CaptureEventKind.Interrupted,
            At = Ticks.At(1000),
            TrId = "H0UPCNT0",
            Key = "0001",
            Reason = GapReason.Silence,
        });
        messages.Add(encoder.Complete(encoder.FirstSequence - 1));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", [.. messages]);

        var expected = await ReadAsync(NewReader(cluster));
        expected.Count.ShouldBeGreaterThan(800);
        expected.Count(item => item.StartsWith("record", StringComparison.Ordinal))
            .ShouldBe(expected.Where(item => item.StartsWith("record", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Count());
        (await ReadInPartsAsync(cluster, random, expected.Count)).ShouldBe(expected, $"seed {TestRun.Seed}");
    }

    [Fact]
    public async Task A_reader_of_batches_out_of_order_restarted_at_random_items_reports_only_what_is_lost()
    {
        var random = new Random(TestRun.Seed);
        var cluster = broker.NewCluster();
        var first = new DisorderedStream(random, new BatchOrigin("a", 1, false), 0, 150, loss: 0.05, isComplete: false);
        var second = new DisorderedStream(random, new BatchOrigin("a", 2, Continues: true), first.FirstUnstored, 150, loss: 0.05);
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", [.. first.Messages, .. second.Messages, End(second.Encoder)]);

        var whole = await ReadAsync(NewReader(cluster));
        whole.Count(item => item.StartsWith("Gap", StringComparison.Ordinal)).ShouldBeGreaterThan(0, $"seed {TestRun.Seed}");
        (await ReadInPartsAsync(cluster, random, whole.Count)).ShouldBe(whole, $"seed {TestRun.Seed}");
    }

    [Fact]
    public async Task Frames_of_a_lower_key_epoch_are_dropped()
    {
        var cluster = broker.NewCluster();
        var first = new StreamBatchEncoder(new BatchOrigin("first", 1, false));
        var second = new StreamBatchEncoder(new BatchOrigin("second", 1, false));
        await Broker.PublishAsync(
            cluster, "H0UPCNT0", "0001", Batch(first, 1, 0), Batch(first, 1, 1), Batch(second, 2, 2), Batch(first, 1, 3),
            Batch(second, 2, 4), Batch(first, 1, 5), Batch(first, 3, 6), Batch(second, 2, 7), End(first));

        (await ReadAsync(NewReader(cluster)))
            .ShouldBe(["record 0", "record 1", "Moved", "Gap Moved", "record 2", "record 4", "Moved", "Gap Moved", "record 6", "Silence"]);
    }

    [Fact]
    public async Task A_key_that_another_source_takes_is_one_gap_with_the_missed_volume()
    {
        var cluster = broker.NewCluster();
        var (first, second) =
            (new StreamBatchEncoder(new BatchOrigin("first", 1, false)), new StreamBatchEncoder(new BatchOrigin("second", 1, false)));
        await Broker.PublishAsync(
            cluster, "H0UPCNT0", "0001", Batch(first, 1, 0, 1), Batch(second, 2, CaptureEventKind.Registered, 4000), Batch(second, 2, 4001),
            End(second));

        var expected = new List<string> { "record 0", "record 1", "Moved", "Gap Moved 3999", "record 4001", "Silence" };
        (await ReadAsync(NewReader(cluster))).ShouldBe(expected);
        for (var read = 1; read < expected.Count; read++)
        {
            var reader = NewReader(cluster);
            (await ReadAsync(reader, read)).ShouldBe(expected.Take(read));
            (await ReadAsync(NewReader(cluster, Behind(reader))))
                .ShouldBe(expected.Skip(read), $"after {read}");
        }
    }

    [Fact]
    public async Task A_new_epoch_that_continues_repeats_nothing_and_another_one_begins_with_a_gap()
    {
        var cluster = broker.NewCluster();
        var first = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        var second = new StreamBatchEncoder(new BatchOrigin("a", 2, Continues: true));
        var third = new StreamBatchEncoder(new BatchOrigin("a", 3, Continues: false));
        await Broker.PublishAsync(
            cluster, "H0UPCNT0", "0001", Batch(first, 0, 0, 1, 2), Batch(second, 0, 1, 2, 3), Batch(first, 0, 4), Batch(second, 0, 5),
            Batch(third, 0, 6), End(third));

        (await ReadAsync(NewReader(cluster)))
            .ShouldBe(["record 0", "record 1", "record 2", "record 3", "record 5", "Gap Unreadable", "record 6", "Silence"]);
    }

    [Fact]
    public async Task A_malformed_message_is_a_gap_and_the_rest_is_read()
    {
        var cluster = broker.NewCluster();
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        var (before, lost, after) = (Batch(encoder, 0, 0, 1), Batch(encoder, 0, 2), Batch(encoder, 0, 3));
        lost[^1] ^= 1;
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", [], [1, 2, 3], before, lost, after, "{}"u8.ToArray(), End(encoder));
        var reader = NewReader(cluster);

        (await ReadAsync(reader)).ShouldBe(["record 0", "record 1", "Gap Unreadable", "record 3", "Silence"]);
        reader.Malformed.ShouldBe(4);
    }

    [Fact]
    public async Task A_reader_begins_at_a_time_or_now()
    {
        var cluster = broker.NewCluster();
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", Batch(encoder, 0, 0, 1, 2, 3));
        using var limit = new CancellationTokenSource(Patience.Limit);
        var now = NewReader(cluster, RabbitMqStart.Now);
        var reading = ReadAsync(now);
        await Patience.UntilAsync(() => now.Connections >= 1);
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", Batch(encoder, 0, 4), End(encoder));

        (await reading).ShouldBe(["record 4", "Silence"]);
        (await ReadAsync(NewReader(cluster, RabbitMqStart.At(Ticks.At(2)))))
            .ShouldBe(["record 2", "record 3", "record 4", "Silence"]);
    }

    [Fact]
    public async Task A_position_taken_before_the_first_connection_begins_at_that_moment()
    {
        var cluster = broker.NewCluster();
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        encoder.Add(EntryKind.Frame, DateTimeOffset.UtcNow.AddHours(-1), [], Ticks.Index(0));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", encoder.Complete(0));
        var position = RabbitMqPosition.Parse(NewReader(cluster, RabbitMqStart.Now).Position.ToString());
        encoder.Add(EntryKind.Frame, DateTimeOffset.UtcNow.AddSeconds(1), [], Ticks.Index(1));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", encoder.Complete(1));

        (await ReadAsync(NewReader(cluster, RabbitMqStart.After(position)), 1)).ShouldBe(["record 1"]);
        NewReader(cluster, RabbitMqStart.After(position)).Position.ToString().ShouldBe(position.ToString());
        NewReader(cluster, RabbitMqStart.At(Ticks.At(2))).Position.Content.From.ShouldBe(Ticks.At(2));
    }

    [Fact]
    public async Task A_reader_that_begins_now_while_the_cluster_is_away_has_what_is_published_meanwhile()
    {
        await using var proxy = new TcpProxy(broker.Node.Port);
        var cluster = broker.NewCluster();
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        encoder.Add(EntryKind.Frame, DateTimeOffset.UtcNow.AddHours(-1), [], Ticks.Index(0));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", encoder.Complete(0));
        proxy.Close();
        var reader = NewReader(cluster with { Nodes = [proxy.Address] }, RabbitMqStart.Now);
        var reading = ReadAsync(reader, 1);
        await Patience.UntilAsync(() => reader.Problem is not null);
        encoder.Add(EntryKind.Frame, DateTimeOffset.UtcNow.AddSeconds(1), [], Ticks.Index(1));
        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", encoder.Complete(1));
        proxy.Open();

        (await reading).ShouldBe(["record 1"]);
    }

    [Fact]
    public async Task A_cut_reader_continues_by_itself()
    {
        await using var proxy = new TcpProxy(broker.Node.Port);
        var cluster = broker.NewCluster();
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        var reader = NewReader(cluster with { Nodes = [proxy.Address] }, RabbitMqStart.First);
        var reading = ReadAsync(reader);
        for (var i = 0; i < 5; i++)
        {
            await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", Batch(encoder, 0, i));
            await Patience.UntilAsync(() => reader.Connections > i);
            proxy.Cut();
        }

        await Broker.PublishAsync(cluster, "H0UPCNT0", "0001", End(encoder));

        (await reading).ShouldBe(["record 0", "record 1", "record 2", "record 3", "record 4", "Silence"]);
    }

    [Fact]
    public void A_position_belongs_to_its_key()
    {
        var cluster = Broker.Cluster([new Uri("amqp://127.0.0.1:1")]);
        var position = NewReader(cluster).Position;
        var options = new RabbitMqReaderOptions { Cluster = cluster };

        Should.Throw<ArgumentException>(
            () => new RabbitMqReader<IndexTrade>(options, IndexTrade.Feed, "1001", RabbitMqStart.After(position)));
        RabbitMqPosition.TryParse("{}", out _).ShouldBeFalse();
        RabbitMqPosition.TryParse("?", out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => RabbitMqPosition.Parse("null"));
    }

    // Each part by another reader.
    private static async Task<List<string>> ReadInPartsAsync(RabbitMqClusterOptions cluster, Random random, int count)
    {
        var items = new List<string>();
        for (var start = RabbitMqStart.First; items.Count < count;)
        {
            var reader = NewReader(cluster, start);
            items.AddRange(await ReadAsync(reader, random.Next(1, 50)));
            start = Behind(reader);
        }

        return items;
    }
}
