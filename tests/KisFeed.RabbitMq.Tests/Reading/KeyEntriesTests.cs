using System.Globalization;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.RabbitMq.Tests.Reading;

/// <summary>Batches in any order are read in the order of their source, from any message on, and a gap is reported only where something is certainly lost.</summary>
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

            Read([.. first.Messages, .. second.Messages], new Random(seed)).ShouldBe(Enumerable.Range(0, Math.Max(first.End, second.End)).Select(NameOf), $"seed {seed}");
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

    private static byte[] Batch(StreamBatchEncoder encoder, int number)
    {
        encoder.Add(EntryKind.Frame, Ticks.At(number), [], Ticks.Index(number));
        return encoder.Complete(0);
    }

    private static string NameOf(int number) => Ticks.At(number).ToString("O", CultureInfo.InvariantCulture);

    // Begins again from a position after random batches.
    private static List<string> Read(List<byte[]> messages, Random? restarts)
    {
        var items = new List<string>();
        var entries = New();
        for (var offset = 0; offset < messages.Count; offset++)
        {
            entries.Add(new StreamMessage(offset, messages[offset]));
            while (entries.TryNext(out var first))
            {
                for (var i = first; i < entries.Batch!.Entries.Count; i++)
                {
                    entries.Read(i, null);
                    items.AddRange(entries.Items.Select(item => item.IsFrame ? item.At.ToString("O", CultureInfo.InvariantCulture) : "gap"));
                    entries.Items.Clear();
                    if (restarts?.Next(10) != 0)
                        continue;
                    var position = RabbitMqPosition.Parse(new RabbitMqPosition(entries.Save(null)).ToString()).Content;
                    entries = New();
                    entries.Restore(position);
                    offset = (int)position.Offset! - 1;
                    break;
                }

                if (entries.Batch is null)
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
