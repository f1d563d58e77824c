using System.Globalization;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.Output;
using KisFeed.RabbitMq.Format;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>Batches of one key, and what a reader of the key returns.</summary>
internal static class KeyStream
{
    /// <summary>A reader of the key, by default from the first message on.</summary>
    public static RabbitMqReader<IndexTrade> NewReader(RabbitMqClusterOptions cluster, RabbitMqStart? start = null) =>
        new(new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "0001", start ?? RabbitMqStart.First);

    /// <summary>Where a reader has come to, from the text of its position.</summary>
    public static RabbitMqStart Behind(RabbitMqReader<IndexTrade> reader) =>
        RabbitMqStart.After(RabbitMqPosition.Parse(reader.Position.ToString()));

    /// <summary>A batch of numbered frames, everything before which is confirmed.</summary>
    public static byte[] Batch(StreamBatchEncoder encoder, uint keyEpoch, params int[] numbers)
    {
        foreach (var number in numbers)
            encoder.Add(EntryKind.Frame, Ticks.At(number), keyEpoch == 0 ? [] : [keyEpoch], Ticks.Index(number));
        return encoder.Complete(encoder.FirstSequence - 1);
    }

    /// <summary>The interruption at which <see cref="ReadAsync"/> stops.</summary>
    public static byte[] End(StreamBatchEncoder encoder)
    {
        Add(
            encoder,
            new CaptureEvent { Kind = CaptureEventKind.Interrupted, At = Ticks.At(1000), TrId = "H0UPCNT0", Reason = GapReason.Silence });
        return encoder.Complete(encoder.FirstSequence - 1);
    }

    /// <summary>Adds an event to a batch.</summary>
    public static void Add(StreamBatchEncoder encoder, CaptureEvent captureEvent, uint keyEpoch = 0)
    {
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        CaptureLine.Write(text, captureEvent);
        encoder.Add(EntryKind.Event, captureEvent.At, keyEpoch == 0 ? [] : [keyEpoch], text.WrittenSpan[..^1]);
    }

    /// <summary>A batch with an event of the key.</summary>
    public static byte[] Batch(StreamBatchEncoder encoder, uint keyEpoch, CaptureEventKind kind, int number)
    {
        Add(encoder, new CaptureEvent { Kind = kind, At = Ticks.At(number), TrId = "H0UPCNT0", Key = "0001" }, keyEpoch);
        return encoder.Complete(encoder.FirstSequence - 1);
    }

    /// <summary>The items up to a number of them, or to the <see cref="End"/>.</summary>
    public static async Task<List<string>> ReadAsync(RabbitMqReader<IndexTrade> reader, int count = int.MaxValue)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        var items = new List<string>();
        await foreach (var item in reader.ReadItemsAsync(limit.Token))
        {
            items.Add(item.Event switch
            {
                null => string.Create(CultureInfo.InvariantCulture, $"record {item.Record.AccumulatedVolume}"),
                Gap gap => gap.MissedVolume is { } volume && volume > 1000 ? $"Gap {gap.Reason} {volume}" : $"Gap {gap.Reason}",
                Interruption { Reason: GapReason.Moved } => "Moved",
                Interruption interruption => interruption.At == Ticks.At(1000) ? "Silence" : $"Interruption {interruption.At:O}",
                var other => other.ToString(),
            });
            if (items.Count >= count || items[^1] == "Silence")
                break;
        }

        return items;
    }
}
