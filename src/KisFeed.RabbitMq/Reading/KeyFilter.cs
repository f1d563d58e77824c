using System.Text;
using KisFeed.Capture.Reading;
using KisFeed.RabbitMq.Format;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// Selects the entries of one key, and drops those of a publisher that has had to give the key to another. Not thread-safe.
/// </summary>
internal sealed class KeyFilter(FeedSchema feed, string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes($"0|{feed.TrId}|");
    private readonly RecordReaderBuffer _scratch = new();

    /// <summary>Who publishes the key.</summary>
    public KeyOwnership Ownership { get; } = new();

    /// <summary>Whether a frame has records of the key, or is one of the feed that cannot be read, and its publisher has the key.</summary>
    /// <param name="source">The publisher.</param>
    /// <param name="entry">The frame.</param>
    /// <param name="isMoved">Whether the key has changed hands: data may be missing before the frame.</param>
    public bool AcceptsFrame(string source, in BatchEntry entry, out bool isMoved)
    {
        isMoved = false;
        var bytes = entry.Content.Span;
        if (!bytes.StartsWith(_prefix))
            return false;
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !PlainFrame.TryRead(feed, frame, _scratch, out var reader, out _))
            return Ownership.IsOf(source);
        for (var record = 0; reader.MoveNext(); record++)
        {
            if (feed.KeyOf(reader.Current).SequenceEqual(_key))
                return Ownership.TryAccept(source, entry.EpochOf(record), isFrame: true, out isMoved);
        }

        return false;
    }

    /// <summary>Whether an event concerns the key, and its publisher has the key.</summary>
    /// <param name="source">The publisher.</param>
    /// <param name="entry">The entry of the event.</param>
    /// <param name="captureEvent">The event.</param>
    /// <param name="isMoved">Whether the key has changed hands, or its publisher gives it up: data may be missing from here on.</param>
    public bool AcceptsEvent(string source, in BatchEntry entry, CaptureEvent captureEvent, out bool isMoved)
    {
        isMoved = false;
        if (captureEvent.TrId is not null && captureEvent.TrId != feed.TrId)
            return false;
        if (captureEvent.Key is null)
            return Ownership.IsOf(source);
        if (captureEvent.Key != key || !Ownership.TryAccept(source, entry.EpochOf(0), isFrame: false, out isMoved))
            return false;
        if (captureEvent.Kind is CaptureEventKind.Released or CaptureEventKind.Refused)
            isMoved = Ownership.Release();
        return true;
    }
}
