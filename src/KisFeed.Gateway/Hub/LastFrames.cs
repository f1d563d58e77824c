using System.Text;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Keeps what came last of every key while it is registered upstream, for who asks between two frames. Never order notices. Nothing is decoded, and nothing allocated where a key has come before.
/// For any thread.
/// </summary>
internal sealed class LastFrames : IHubSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<byte[], LastFrameBuffer>> _feeds = new(StringComparer.Ordinal);
    private readonly RecordReaderBuffer _scratch = new();
    private DateTimeOffset? _receivedAt;

    /// <summary>When the last frame of any feed came, order notices included; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? ReceivedAt
    {
        get
        {
            lock (_gate)
                return _receivedAt;
        }
    }

    /// <summary>What came last of a key; <see langword="null"/> where it is not registered upstream, or is one of order notices.</summary>
    public LastFrame? Find(HubKey key)
    {
        var text = Encoding.UTF8.GetBytes(key.Key);
        lock (_gate)
            return _feeds.GetValueOrDefault(key.TrId)?.GetValueOrDefault(text)?.Copy();
    }

    public void OnFrame(in TapItem item, string? noticeKey)
    {
        lock (_gate)
        {
            _receivedAt = item.Frame.ReceivedAt;
            if (item.Feed is { IsNotice: false } feed && _feeds.TryGetValue(feed.TrId, out var keys) && DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
                Keep(keys, feed.KeyColumn, frame, item);
        }
    }

    public void OnEvent(in TapItem item)
    {
        if (item.Feed is not { IsNotice: false } feed || item.Key is not { } key)
            return;
        lock (_gate)
            Note(feed.TrId, Encoding.UTF8.GetBytes(key), item.Event);
    }

    public void OnOver(string problem)
    {
        lock (_gate)
            _feeds.Clear();
    }

    // Of records of one key that follow each other only the last is looked at: mostly a frame has one key.
    private void Keep(Dictionary<byte[], LastFrameBuffer> keys, int keyColumn, in DataFrame frame, in TapItem item)
    {
        var known = keys.GetAlternateLookup<ReadOnlySpan<byte>>();
        var reader = _scratch.Read(frame, item.Shape);
        scoped ReadOnlySpan<byte> key = default;
        scoped ReadOnlySpan<byte> record = default;
        while (reader.MoveNext())
        {
            var next = FieldText.Trim(reader.Current[keyColumn]);
            if (reader.Current.Record > 0 && !next.SequenceEqual(key) && known.TryGetValue(key, out var passed))
                passed.Set(frame, record, item.Frame.ReceivedAt);
            key = next;
            record = reader.Current.Text;
        }

        if (!known.TryGetValue(key, out var kept))
            return;
        if (frame.Count == 1)
            kept.Set(frame.Bytes, item.Frame.ReceivedAt);
        else
            kept.Set(frame, record, item.Frame.ReceivedAt);
    }

    private void Note(string trId, byte[] key, FeedEvent? happened)
    {
        var keys = _feeds.GetValueOrDefault(trId);
        switch (happened)
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
