using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// An item of streams, one for all that get it. What it reads like is made when the first of them writes it, once for each of the two kinds of names, and kept with it.
/// </summary>
internal sealed class StreamItem
{
    /// <summary>What an item takes of memory beside its content.</summary>
    public const int Overhead = 256;

    private byte[]? _english;
    private byte[]? _kis;

    public required StreamItemKind Kind { get; init; }

    /// <summary>Its number, from 1; 0 for an item of one stream alone.</summary>
    public long Number { get; init; }

    /// <summary>The feed it is of; <see langword="null"/> where it is of none.</summary>
    public FeedChannels? Feed { get; init; }

    /// <summary>The TR ID it is of; <see langword="null"/> where it is of none, or of none that can be told.</summary>
    public string? TrId { get; init; }

    /// <summary>The key it is of; <see langword="null"/> where it is of none, or of any of the feed.</summary>
    public KeyChannel? Channel { get; init; }

    /// <summary>When what it tells of was received.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Of a record: a frame with it alone.</summary>
    public byte[] Frame { get; init; } = [];

    /// <summary>Of a record: how that frame is laid out.</summary>
    public FrameShape Shape { get; init; }

    /// <summary>Of a gap, an interruption and what cannot be read: the event.</summary>
    public FeedEvent? Event { get; init; }

    /// <summary>When it came, in ticks of the clock.</summary>
    public long ArrivedAt { get; init; }

    /// <summary>How many bytes of memory it takes, about, with what it reads like.</summary>
    public int Cost { get; init; } = Overhead;

    /// <summary>Where the JSON begins in what it reads like.</summary>
    public int JsonOffset { get; private set; }

    /// <summary>Whether it may be dropped, and counted, where a stream does not keep up: not what is of one stream alone.</summary>
    public bool IsData => Number > 0;

    /// <summary>What it reads like as a server-sent event; <see langword="null"/> as long as nobody has asked.</summary>
    public byte[]? TextIn(NameStyle names) => Volatile.Read(ref names == NameStyle.Kis ? ref _kis : ref _english);

    /// <summary>Keeps what it reads like.</summary>
    public void SetText(NameStyle names, byte[] text, int jsonOffset)
    {
        JsonOffset = jsonOffset;
        Volatile.Write(ref names == NameStyle.Kis ? ref _kis : ref _english, text);
    }
}
