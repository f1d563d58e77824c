using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Reading;
using KisFeed.RabbitMq.Format;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Reading;

/// <summary>Selects the entries of one key, and drops those of a publisher that has had to give the key to another. Not thread-safe.</summary>
internal sealed class KeyFilter(FeedSchema feed, string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes($"0|{feed.TrId}|");
    private readonly RecordReaderBuffer _scratch = new();

    /// <summary>The highest epoch of the key so far.</summary>
    public uint KeyEpoch { get; set; }

    /// <summary>The source that has the key; <see langword="null"/> before its first frame.</summary>
    public string? Holder { get; set; }

    /// <summary>Whether a frame has records of the key, or is one of the feed that cannot be read, and its publisher has the key.</summary>
    public bool AcceptsFrame(string source, in BatchEntry entry)
    {
        var bytes = entry.Content.Span;
        if (!bytes.StartsWith(_prefix))
            return false;
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !PlainFrame.TryRead(feed, frame, _scratch, out var reader, out _))
            return Holder is null || Holder == source;
        for (var record = 0; reader.MoveNext(); record++)
        {
            if (feed.KeyOf(reader.Current).SequenceEqual(_key))
                return AcceptsEpoch(source, entry.EpochOf(record) ?? KeyEpoch);
        }

        return false;
    }

    /// <summary>Whether an event concerns the key, and its publisher has the key.</summary>
    public bool AcceptsEvent(string source, in BatchEntry entry, CaptureEvent captureEvent)
    {
        if (captureEvent.TrId is not null && captureEvent.TrId != feed.TrId)
            return false;
        return captureEvent.Key is null ? Holder is null || Holder == source : captureEvent.Key == key && (entry.EpochOf(0) ?? 0) >= KeyEpoch;
    }

    private bool AcceptsEpoch(string source, uint epoch)
    {
        if (epoch < KeyEpoch)
            return false;
        KeyEpoch = epoch;
        Holder = source;
        return true;
    }
}
