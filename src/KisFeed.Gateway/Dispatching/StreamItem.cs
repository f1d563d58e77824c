using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// One item of a stream, shared by all streams that get it. Its text is written when the first stream needs it, once for each
/// naming style, and kept with the item.
/// </summary>
internal sealed class StreamItem
{
    /// <summary>The approximate memory of an item beside its content, in bytes.</summary>
    public const int Overhead = 256;

    private byte[]? _english;
    private byte[]? _kis;

    public required StreamItemKind Kind { get; init; }

    /// <summary>The item's number over all feeds, from 1; 0 for an item of a single stream.</summary>
    public long Number { get; init; }

    /// <summary>
    /// The position behind the item in the order of receipt; that of the item before, if this is an event. Of no
    /// meaning for an item of a single stream.
    /// </summary>
    public HistoryPosition Position { get; init; }

    /// <summary>The key; <see langword="null"/> if the item belongs to a whole feed or to none.</summary>
    public ItemKey? Key { get; init; }

    /// <summary>The feed; <see langword="null"/> if the item belongs to none.</summary>
    public FeedSchema? Feed { get; init; }

    /// <summary>The TR ID; <see langword="null"/> if it is not known.</summary>
    public string? TrId { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>A frame with this record alone, readable or not; empty for other items.</summary>
    public byte[] Frame { get; init; } = [];

    public FrameShape Shape { get; init; }

    /// <summary>The event, if this is a gap, an interruption or a malformed frame.</summary>
    public FeedEvent? Event { get; init; }

    public long ArrivedAt { get; init; }

    /// <summary>The approximate memory of the item with its text, in bytes.</summary>
    public int Cost { get; init; } = Overhead;

    public int JsonOffset { get; private set; }

    public bool IsRecorded { get; init; }

    /// <summary>Whether the item has an id, after which a stream can resume.</summary>
    public bool HasId => IsData || IsRecorded;

    /// <summary>Whether a slow stream may lose the item, which is then counted. Items of a single stream are never dropped.</summary>
    public bool IsData => Number > 0;

    /// <summary>
    /// The volume traded between two records of a key, as in <see cref="Gap.MissedVolume"/>; <see langword="null"/> if unknown.
    /// </summary>
    public static long? MissedVolume(StreamItem? before, StreamItem? after) =>
        before?.Key is { Volumes.HasTotal: true } key && after is not null
            ? RecordVolumes.Missed(before.VolumeOf(key), after.VolumeOf(key))
            : null;

    /// <summary>The item as a server-sent event; <see langword="null"/> until it is first written.</summary>
    public byte[]? TextIn(NameStyle names) => Volatile.Read(ref names == NameStyle.Kis ? ref _kis : ref _english);

    public void SetText(NameStyle names, byte[] text, int jsonOffset)
    {
        JsonOffset = jsonOffset;
        Volatile.Write(ref names == NameStyle.Kis ? ref _kis : ref _english, text);
    }

    private VolumeReading VolumeOf(ItemKey key) => key.Volumes.Read(Frame, Shape, ReceivedAt, key.Utf8, isLast: false);
}
