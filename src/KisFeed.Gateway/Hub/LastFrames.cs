using System.Numerics;
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

/// <summary>What came last of a key that is registered upstream.</summary>
/// <param name="Bytes">A frame with the key's last record alone; empty where nothing has come yet.</param>
/// <param name="ReceivedAt">When it was received; <see langword="null"/> where nothing has come yet.</param>
/// <param name="Interruption">Since when, and why, newer data may be missing; <see langword="null"/> where none are known to be.</param>
internal sealed record LastFrame(ReadOnlyMemory<byte> Bytes, DateTimeOffset? ReceivedAt, Interruption? Interruption);

/// <summary>The frame of one key that was received last, in a buffer that is used again for the next. One thread at a time.</summary>
internal sealed class LastFrameBuffer
{
    private const int LeastCapacity = 512; // A record has 200 to 400 bytes.

    private byte[] _buffer = [];
    private int _length;
    private DateTimeOffset? _receivedAt;

    /// <summary>Since when newer data may be missing.</summary>
    public Interruption? Interruption { get; set; }

    /// <summary>Takes a whole frame.</summary>
    public void Set(ReadOnlySpan<byte> frame, DateTimeOffset receivedAt)
    {
        frame.CopyTo(Begin(frame.Length, receivedAt));
    }

    /// <summary>Takes one record of a frame, as a frame of its own. The count keeps its digits, of which frames do not always have the same number.</summary>
    public void Set(in DataFrame frame, ReadOnlySpan<byte> record, DateTimeOffset receivedAt)
    {
        var header = frame.Bytes[..frame.PayloadOffset];
        var count = header[..^1].LastIndexOf((byte)'|') + 1;
        var kept = Begin(header.Length + record.Length, receivedAt);
        header.CopyTo(kept);
        kept[count..(header.Length - 2)].Fill((byte)'0');
        kept[header.Length - 2] = (byte)'1';
        record.CopyTo(kept[header.Length..]);
    }

    /// <summary>A copy of it.</summary>
    public LastFrame Copy() => new(_buffer.AsSpan(0, _length).ToArray(), _receivedAt, Interruption);

    private Span<byte> Begin(int length, DateTimeOffset receivedAt)
    {
        if (_buffer.Length < length)
            _buffer = new byte[Math.Max(LeastCapacity, (int)BitOperations.RoundUpToPowerOf2((uint)length))];
        _length = length;
        _receivedAt = receivedAt;
        Interruption = null;
        return _buffer.AsSpan(0, length);
    }
}
