using System.Text;
using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// Keeps the last frame of every key while the key is registered upstream. Never keeps order notices. Decodes nothing, and allocates
/// nothing once a key has had a frame. Thread-safe.
/// </summary>
internal sealed class LastFrames : IHubSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<byte[], LastFrameBuffer>> _feeds = new(StringComparer.Ordinal);
    private readonly RecordReaderBuffer _reader = new();
    private DateTimeOffset? _receivedAt;

    /// <summary>When the last frame of any feed was received, including order notices; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? ReceivedAt
    {
        get
        {
            lock (_gate)
                return _receivedAt;
        }
    }

    /// <summary>The last frame of a key; <see langword="null"/> if the key is not registered upstream or is an HTS ID.</summary>
    public LastFrame? Find(HubKey key)
    {
        var text = Encoding.UTF8.GetBytes(key.Key);
        lock (_gate)
            return _feeds.GetValueOrDefault(key.TrId)?.GetValueOrDefault(text)?.Copy();
    }

    public void OnFrame(in FrameItem item, string? noticeKey)
    {
        lock (_gate)
        {
            _receivedAt = item.Frame.ReceivedAt;
            if (item.Feed is { IsNotice: false } feed
                && _feeds.TryGetValue(feed.TrId, out var keys)
                && DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
            {
                Store(keys, feed.KeyColumn, frame, item);
            }
        }
    }

    public void OnEvent(in FrameItem item)
    {
        if (item.Feed is not { IsNotice: false } feed || item.Key is not { } key)
            return;
        lock (_gate)
            OnRegistrationEvent(feed.TrId, Encoding.UTF8.GetBytes(key), item.Event);
    }

    public void OnUpstreamEnded(string problem)
    {
        lock (_gate)
            _feeds.Clear();
    }

    // Looks up a key only once per run of consecutive records, because most frames contain a single key.
    private void Store(Dictionary<byte[], LastFrameBuffer> keys, int keyColumn, in DataFrame frame, in FrameItem item)
    {
        var known = keys.GetAlternateLookup<ReadOnlySpan<byte>>();
        var reader = _reader.Read(frame, item.Shape);
        scoped ReadOnlySpan<byte> key = default;
        scoped ReadOnlySpan<byte> record = default;
        while (reader.MoveNext())
        {
            var next = FieldText.Trim(reader.Current[keyColumn]);
            if (reader.Current.Record > 0 && !next.SequenceEqual(key) && known.TryGetValue(key, out var previous))
                previous.Set(frame, record, item.Frame);
            key = next;
            record = reader.Current.Text;
        }

        if (!known.TryGetValue(key, out var kept))
            return;
        if (frame.Count == 1)
            kept.Set(frame.Bytes, item.Frame);
        else
            kept.Set(frame, record, item.Frame);
    }

    private void OnRegistrationEvent(string trId, byte[] key, FeedEvent? feedEvent)
    {
        var keys = _feeds.GetValueOrDefault(trId);
        switch (feedEvent)
        {
            case RegistrationConfirmed:
                if (keys is null)
                    _feeds.Add(trId, keys = new Dictionary<byte[], LastFrameBuffer>(Utf8KeyComparer.Instance));
                keys.TryAdd(key, new LastFrameBuffer());
                break;
            case RegistrationReleased or RegistrationRefused:
                keys?.Remove(key);
                break;
            case Interruption interruption:
                if (keys?.GetValueOrDefault(key) is { } kept)
                    kept.Interruption = interruption;
                break;
        }
    }
}

/// <summary>The last frame of a key that is registered upstream.</summary>
/// <param name="Bytes">A frame with only the key's last record; empty if there is none yet.</param>
/// <param name="ReceivedAt">When it was received; <see langword="null"/> if there is none yet.</param>
/// <param name="Interruption">Since when, and why, newer data may be missing; <see langword="null"/> if none
/// are missing as far as known.</param>
internal sealed record LastFrame(ReadOnlyMemory<byte> Bytes, DateTimeOffset? ReceivedAt, Interruption? Interruption)
{
    public DateOnly? StatedDay { get; init; }

    public Frame? Frame => ReceivedAt is { } at ? new Frame(Bytes, at) { StatedDay = StatedDay } : null;
}
