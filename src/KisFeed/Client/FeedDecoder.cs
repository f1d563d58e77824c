using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>Decodes the frames of one feed of a <see cref="TapDecoder"/> into records of its keys.</summary>
internal abstract class FeedDecoder
{
    private readonly ConcurrentDictionary<byte[], KeyState> _keys = new(Utf8KeyComparer.Instance);
    private readonly ConcurrentDictionary<byte[], KeyState>.AlternateLookup<ReadOnlySpan<byte>> _keysByText;
    private readonly Lock _gate = new();
    private readonly RecordVolumes _volumes;

    private protected FeedDecoder(FeedSchema feed)
    {
        Feed = feed;
        _keysByText = _keys.GetAlternateLookup<ReadOnlySpan<byte>>();
        _volumes = new RecordVolumes(feed);
    }

    public FeedSchema Feed { get; }

    /// <summary>The number of the frame whose records are kept.</summary>
    public long Frame { get; private protected set; }

    private protected bool HasVolumes => _volumes.HasTotal;

    /// <summary>Records of this key are wanted. Call <see cref="EndAdding"/> when the tap has the key, or was refused it.</summary>
    public void BeginAdding(string key)
    {
        lock (_gate)
            _keys.GetOrAdd(Encoding.UTF8.GetBytes(key), static (_, k) => new KeyState(k), key).Adding++;
    }

    public void EndAdding(string key, bool isAdded)
    {
        lock (_gate)
        {
            var bytes = Encoding.UTF8.GetBytes(key);
            if (_keys.TryGetValue(bytes, out var state) && --state.Adding == 0 && !isAdded)
                _keys.TryRemove(bytes, out _);
        }
    }

    /// <summary>The tap has delivered the end of a key: it is no longer wanted, unless it was added again meanwhile.</summary>
    public void EndKey(string key, Func<bool> isInTap)
    {
        lock (_gate)
        {
            var bytes = Encoding.UTF8.GetBytes(key);
            if (_keys.TryGetValue(bytes, out var state) && state.Adding == 0 && !isInTap())
                _keys.TryRemove(bytes, out _);
        }
    }

    /// <summary>Adds the missed volume to a gap that ends with this frame, if it can be determined.</summary>
    public Gap Measure(Gap gap, in FrameItem frame)
    {
        if (!HasVolumes || gap.Feed?.TrId != Feed.TrId || gap.Key is null)
            return gap;
        var key = Encoding.UTF8.GetBytes(gap.Key);
        if (FindKey(key) is not { } state)
            return gap;
        var after = _volumes.Read(frame.Frame.Bytes.Span, frame.Shape, frame.Frame.ReceivedAt, key, isLast: false);
        return gap with { MissedVolume = RecordVolumes.Missed(state.Last, after) };
    }

    /// <summary>Decodes the records of a frame, and adds an item for each that belongs to a key.</summary>
    /// <returns>The number of records that could not be read.</returns>
    public abstract int Decode(in FrameItem item, List<DecodedItem> items);

    /// <summary>Forgets the records of the last frame.</summary>
    public abstract void Clear();

    private protected KeyState? FindKey(ReadOnlySpan<byte> key) => _keysByText.TryGetValue(key, out var state) ? state : null;

    private protected VolumeReading VolumesOf(in RecordFields fields, DateTimeOffset receivedAt) => _volumes.Read(fields, receivedAt);

    private protected sealed class KeyState(string key)
    {
        public string Key => key;

        /// <summary>How many calls are adding the key. Guarded by the lock.</summary>
        public int Adding { get; set; }

        /// <summary>What its last record says of the volume. For the reader only.</summary>
        public VolumeReading Last { get; set; }
    }
}

/// <inheritdoc/>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
internal sealed class FeedDecoder<TRecord>(FeedSchema feed) : FeedDecoder(feed)
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly StringPool _texts = new();
    private readonly RecordReaderBuffer _scratch = new();
    private readonly List<TRecord> _records = [];

    public ReadOnlySpan<TRecord> Records => CollectionsMarshal.AsSpan(_records);

    public override void Clear()
    {
        _records.Clear();
        Frame++;
    }

    public override int Decode(in FrameItem item, List<DecodedItem> items)
    {
        var malformed = 0;
        byte[]? raw = null;
        var bytes = item.Frame.Bytes.Span;
        var receivedAt = item.Frame.ReceivedAt;
        _ = DataFrame.TryParse(bytes, out var frame, out _);
        var reader = _scratch.Read(frame, item.Shape);

        // An order notice belongs to the registration that decrypted it.
        var ofNotice = Feed.IsNotice ? FindKey(Encoding.UTF8.GetBytes(item.Key!)) : null;
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var state = Feed.IsNotice ? ofNotice : FindKey(Feed.KeyOf(fields));
            if (state is null)
                continue;
            if (HasVolumes)
                state.Last = VolumesOf(fields, receivedAt);
            if (TRecord.TryDecode(fields, _texts, receivedAt, out var record, out var error))
            {
                _records.Add(record);
                items.Add(new DecodedItem(this, _records.Count - 1, state.Key));
            }
            else
            {
                malformed++;
                raw ??= bytes.ToArray();
                items.Add(new DecodedItem(
                    new MalformedFrame { Feed = Feed, Key = state.Key, Error = error, Raw = raw, ReceivedAt = receivedAt }));
            }
        }

        return malformed;
    }
}
