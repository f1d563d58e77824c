namespace KisFeed.Capture;

/// <summary>Something other than a frame that stands in a capture, where it captureEvent.</summary>
public sealed record CaptureEvent
{
    /// <summary>What captureEvent.</summary>
    public required CaptureEventKind Kind { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the event as the line has it.</summary>
    public string Name => _name ?? EventNames.Of(Kind);

    /// <summary>The TR ID of the feed concerned; <see langword="null"/> where it concerns all.</summary>
    public string? TrId { get; init; }

    /// <summary>The key concerned; <see langword="null"/> where it concerns all of the feed.</summary>
    public string? Key { get; init; }

    /// <summary>The keys that were registered at the time, of the head of a file.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>
    /// Whether the recorder had just been started when it wrote this head of a file: what came before it came is missing. Else it has gone on to the next file
    /// and nothing is.
    /// </summary>
    public bool IsStart { get; init; }

    /// <summary>Why data are missing.</summary>
    public GapReason? Reason { get; init; }

    /// <summary>When the last frame before a gap was received, or since when the recorder could not write.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When the first frame after a gap was received, or when the recorder could write again.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How many frames the recorder is known to have dropped in a gap.</summary>
    public long? Frames { get; init; }

    /// <summary>The broker's code of a refusal.</summary>
    public string? Code { get; init; }

    /// <summary>What captureEvent, in words.</summary>
    public string? Text { get; init; }

    /// <summary>The name of the session concerned.</summary>
    public string? Session { get; init; }

    internal string? UnknownName
    {
        init => _name = value;
    }

    private readonly string? _name;
}

/// <summary>What an event line of a capture tells.</summary>
public enum CaptureEventKind
{
    /// <summary>Something that this version does not know; <see cref="CaptureEvent.Name"/> says what it is called.</summary>
    Unknown,

    /// <summary>A recorder has begun to write: the head of a file, or the place where it was taken up again.</summary>
    Capture,

    /// <summary>A session has connected.</summary>
    Connected,

    /// <summary>A session has lost its connection.</summary>
    Disconnected,

    /// <summary>The server has acknowledged a registration: its frames may follow from here.</summary>
    Registered,

    /// <summary>A registration is no longer wanted.</summary>
    Released,

    /// <summary>The server has refused a registration for good.</summary>
    Refused,

    /// <summary>From here on data may be missing, until the gap that says how much.</summary>
    Interrupted,

    /// <summary>Data are missing here.</summary>
    Gap,

    /// <summary>A message came that is no frame and could not be read. It is not in the capture, since it may hold keys.</summary>
    Malformed,

    /// <summary>The recorder could not write for a while.</summary>
    Storage,

    /// <summary>The machine's clock was set back, so that times go back here.</summary>
    Clock,

    /// <summary>The recorder has ended in order.</summary>
    Closed,
}
