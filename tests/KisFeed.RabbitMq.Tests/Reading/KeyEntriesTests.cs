using System.Globalization;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.RabbitMq.Tests.Reading;

/// <summary>
/// Batches in any order are read in the order of their source, from any message on, and a gap is reported only
/// where something is certainly lost.
/// </summary>
public sealed class KeyEntriesTests
{
    private readonly int _seeds = TestRun.Of(3000);

    [Fact]
    public void Batches_out_of_order_are_read_exactly_once_in_order()
    {
        for (var seed = TestRun.Seed; seed < TestRun.Seed + _seeds; seed++)
        {
            var stream = new DisorderedStream(new Random(seed), new BatchOrigin("a", 1, false), 0, 60);

            Read(stream.Messages, new Random(seed)).ShouldBe(Enumerable.Range(0, stream.End).Select(NameOf), $"seed {seed}");
        }
    }

    [Fact]
    public void A_publisher_that_continues_in_a_new_epoch_loses_and_repeats_nothing()
    {
        for (var seed = TestRun.Seed; seed < TestRun.Seed + _seeds; seed++)
        {
            var random = new Random(seed);
            var first = new DisorderedStream(random, new BatchOrigin("a", 1, false), 0, 30, isComplete: false);
            var second = new DisorderedStream(random, new BatchOrigin("a", 2, Continues: true), first.FirstUnstored, 30);

            Read([.. first.Messages, .. second.Messages], new Random(seed))
                .ShouldBe(Enumerable.Range(0, Math.Max(first.End, second.End)).Select(NameOf), $"seed {seed}");
        }
    }

    [Fact]
    public void What_is_lost_after_it_was_confirmed_is_a_gap_and_nothing_else_is()
    {
        for (var seed = TestRun.Seed; seed < TestRun.Seed + _seeds; seed++)
        {
            var stream = new DisorderedStream(new Random(seed), new BatchOrigin("a", 1, false), 0, 60, loss: 0.1);
            var expected = new List<string>();
            for (var i = 0; i < stream.End; i++)
            {
                if (!stream.Lost.Contains(i))
                    expected.Add(NameOf(i));
                else if (expected.Count > 0 && expected[^1] != "gap")
                    expected.Add("gap");
            }

            if (expected is [.., "gap"])
                expected.RemoveAt(expected.Count - 1); // It is reported before the next frame.
            Read(stream.Messages, new Random(seed)).SkipWhile(item => item == "gap").ShouldBe(expected, $"seed {seed}");
        }
    }

    [Fact]
    public void A_batch_that_waits_for_a_missing_one_is_read_when_nothing_follows()
    {
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        var (first, _, third) = (Batch(encoder, 0), Batch(encoder, 1), Batch(encoder, 2));

        Read([first, third], null).ShouldBe([NameOf(0)]);
        Read([first, third, encoder.Mark(1)], null).ShouldBe([NameOf(0)]);
        Read([first, third, encoder.Mark(2)], null).ShouldBe([NameOf(0), "gap", NameOf(2)]);
    }

    [Fact]
    public void A_sender_that_never_says_what_is_confirmed_does_not_fill_the_memory()
    {
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        var messages = Enumerable.Range(0, BatchFormat.MaxUnconfirmed + 10).Select(i => Batch(encoder, i)).ToList();
        messages.RemoveAt(1);

        Read(messages, null).Count.ShouldBeGreaterThan(8);
    }

    [Fact]
    public void A_key_that_changes_hands_is_interrupted_once()
    {
        var (a, b) = (new StreamBatchEncoder(new BatchOrigin("a", 1, false)), new StreamBatchEncoder(new BatchOrigin("b", 1, false)));
        byte[][] messages =
        [
            KeyStream.Batch(a, 1, 0),
            KeyStream.Batch(b, 2, 1), // Killed.
            KeyStream.Batch(b, 2, 2),
            KeyStream.Batch(b, 2, CaptureEventKind.Released, 3),
            KeyStream.Batch(a, 3, CaptureEventKind.Registered, 4), // Moved as planned.
            KeyStream.Batch(a, 3, 5),
            KeyStream.Batch(b, 4, CaptureEventKind.Registered, 6),
            KeyStream.Batch(a, 3, CaptureEventKind.Released, 7), // Too late to count.
            KeyStream.Batch(b, 4, 8),
            KeyStream.Batch(b, 4, CaptureEventKind.Refused, 9),
            KeyStream.Batch(b, 4, CaptureEventKind.Released, 10),
        ];
        List<string> expected =
        [
            NameOf(0), "Interrupted Moved", NameOf(1), NameOf(2), "Interrupted Moved", "Released", "Registered", NameOf(5),
            "Interrupted Moved", "Registered", NameOf(8),
            "Interrupted Moved", "Refused", "Released",
        ];

        Read([.. messages], null).ShouldBe(expected);
        for (var seed = TestRun.Seed; seed < TestRun.Seed + 50; seed++)
            Read([.. messages], new Random(seed)).ShouldBe(expected, $"seed {seed}");
    }

    [Fact]
    public void What_is_lost_before_the_key_has_a_holder_is_a_gap()
    {
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        encoder.Add(EntryKind.Frame, Ticks.At(0), [], Ticks.Index(0, "1001"));
        var other = encoder.Complete(0);
        KeyStream.Batch(encoder, 0, 1);

        Read([other, KeyStream.Batch(encoder, 0, 2)], null).ShouldBe(["gap", NameOf(2)]);
    }

    [Fact]
    public void New_messages_at_lower_offsets_are_a_gap_and_repeated_ones_are_not()
    {
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 1, false));
        var messages = Enumerable.Range(0, 10).Select(i => KeyStream.Batch(encoder, 0, i)).ToList();
        var entries = New();
        foreach (var (message, offset) in messages.Take(8).Select((message, i) => (message, i + 100L))
            .Concat([(messages[3], 103L), (messages[7], 107L), (messages[8], 108L)]))
        {
            Add(entries, message, offset).ShouldAllBe(item => item != "gap");
        }

        Add(entries, messages[8], 0).ShouldBeEmpty();
        entries.Stream.Offset.ShouldBe(108);
        Add(entries, messages[9], 1).ShouldBe(["gap", NameOf(9)]);
        entries.Stream.Offset.ShouldBe(1);
        Add(entries, KeyStream.Batch(encoder, 0, 10), 2).ShouldBe([NameOf(10)]);
    }

    private static List<string> Add(KeyEntries entries, byte[] message, long offset)
    {
        entries.Add(new StreamMessage(offset, message), null);
        var items = entries.Items.Select(NameOf).ToList();
        while (entries.TryNext(out var first))
        {
            for (var i = first; i < entries.Stream.Batch!.Entries.Count; i++)
            {
                entries.Read(i, null);
                items.AddRange(entries.Items.Select(NameOf));
                entries.Items.Clear();
            }
        }

        return items;
    }

    private static byte[] Batch(StreamBatchEncoder encoder, int number)
    {
        encoder.Add(EntryKind.Frame, Ticks.At(number), [], Ticks.Index(number));
        return encoder.Complete(0);
    }

    private static string NameOf(CaptureItem item)
    {
        if (item.IsFrame)
            return item.At.ToString("O", CultureInfo.InvariantCulture);
        return item.Event!.Kind == CaptureEventKind.Gap ? "gap" : $"{item.Event.Kind} {item.Event.Reason}".TrimEnd();
    }

    private static string NameOf(int number) => Ticks.At(number).ToString("O", CultureInfo.InvariantCulture);

    // Begins again from a position after random batches.
    private static List<string> Read(List<byte[]> messages, Random? restarts)
    {
        var items = new List<string>();
        var entries = New();
        for (var offset = 0; offset < messages.Count; offset++)
        {
            entries.Add(new StreamMessage(offset, messages[offset]), null);
            while (entries.TryNext(out var first))
            {
                for (var i = first; i < entries.Stream.Batch!.Entries.Count; i++)
                {
                    entries.Read(i, null);
                    items.AddRange(entries.Items.Select(NameOf));
                    entries.Items.Clear();
                    if (restarts?.Next(10) != 0)
                        continue;
                    var position = RabbitMqPosition.Parse(new RabbitMqPosition(entries.Save(null)).ToString()).Content;
                    entries = New();
                    entries.Restore(position);
                    offset = (int)position.Offset! - 1;
                    break;
                }

                if (entries.Stream.Batch is null)
                    break;
            }
        }

        return items;
    }

    private static KeyEntries New()
    {
        KisFeeds.Catalog.TryFind("H0UPCNT0", out var feed).ShouldBeTrue();
        return new KeyEntries(feed!, "0001", "stream", NullLogger.Instance);
    }
}
