using System.Text;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>Reads all frames of a key as they are in the stream, after the removal of duplicates.</summary>
internal static class RawFrames
{
    // No batch: readers skip it. It is behind everything that a publisher has sent before.
    private static readonly byte[] s_end = "end of the test"u8.ToArray();

    /// <summary>Checks that the stream has every recorded frame of a key once, in order and byte for byte.</summary>
    public static async Task ShouldBeAsync(
        RabbitMqClusterOptions cluster, string trId, string key, IReadOnlyList<(DateTimeOffset At, string Text)> recorded,
        TimeSpan? atMost = null)
    {
        var actual = await ReadAsync(cluster, trId, key, atMost);
        var wrong = Enumerable.Range(0, Math.Max(recorded.Count, actual.Count))
            .FirstOrDefault(i => i >= recorded.Count || i >= actual.Count || actual[i] != recorded[i], -1);
        if (wrong < 0)
            return;
        var missing = recorded.Except(actual).ToList();
        var repeated = actual.Count - actual.Distinct().Count();
        Assert.Fail($"""
            {trId} {key}, seed {TestRun.Seed}: {actual.Count} of {recorded.Count} frames were read. Number {wrong} is wrong:
            recorded: {(wrong < recorded.Count ? recorded[wrong] : "nothing")}
            read:     {(wrong < actual.Count ? actual[wrong] : "nothing")}
            {missing.Count} are missing{(missing.Count == 0 ? "" : $", from {missing[0]} to {missing[^1]}")}; {repeated} were read twice.
            """);
    }

    private static async Task<List<(DateTimeOffset At, string Text)>> ReadAsync(
        RabbitMqClusterOptions cluster, string trId, string key, TimeSpan? atMost)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var partitions = new Partitions(cluster.Prefix, cluster.Partitions);
        var stream = partitions.Names[partitions.Of(trId, key)];
        var entries = new KeyEntries(feed!, key, stream, NullLogger.Instance);
        var messages = new StreamMessages(
            new RabbitMqReaderOptions { Cluster = cluster }, stream, NullLogger.Instance, new MessageStart(), () => entries.Stream.LastAt);
        var frames = new List<(DateTimeOffset, string)>();
        using var limit = new CancellationTokenSource(atMost ?? Patience.Limit);
        await Broker.PublishAsync(cluster, stream, s_end);
        try
        {
            await foreach (var message in messages.ReadAsync(null, limit.Token))
            {
                entries.Add(message, null);
                while (entries.TryNext(out var first))
                {
                    for (var i = first; i < entries.Stream.Batch!.Entries.Count; i++)
                    {
                        entries.Items.Clear();
                        entries.Read(i, null);
                        frames.AddRange(entries.Items.Where(item => item.IsFrame)
                            .Select(item => (item.At, Encoding.UTF8.GetString(item.Frame.Bytes.Span))));
                    }
                }

                if (message.Body.Span.SequenceEqual(s_end))
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The assertion on the frames says what is missing.
        }

        return frames;
    }
}
