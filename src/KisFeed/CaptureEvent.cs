using KisFeed.Output;

namespace KisFeed;

/// <summary>An event in a capture, at the position where it happened.</summary>
public sealed record CaptureEvent
{
    /// <summary>The kind of the event.</summary>
    public required CaptureEventKind Kind { get; init; }

    /// <summary>The time of the event.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the event in the capture line.</summary>
    public string Name => _name ?? JsonName.Of(Kind);

    /// <summary>The TR ID of the feed; <see langword="null"/> if the event concerns all feeds.</summary>
    public string? TrId { get; init; }

    /// <summary>The key; <see langword="null"/> if the event concerns all keys of the feed.</summary>
    public string? Key { get; init; }

    /// <summary>The registered keys at that time. Only in the header of a file.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>
    /// Whether the recorder had just started when it wrote this header, so that earlier data is missing. Otherwise it continued in
    /// a new file and nothing is missing.
    /// </summary>
    public bool IsStart { get; init; }

    /// <summary>The reason why data is missing.</summary>
    public GapReason? Reason { get; init; }

    /// <summary>The receive time of the last frame before a gap, or the time since which the recorder could not write.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The receive time of the first frame after a gap, or the time when the recorder could write again.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The number of frames that the recorder dropped in a gap, if known.</summary>
    public long? Frames { get; init; }

    /// <summary>The broker's code for a refusal.</summary>
    public string? Code { get; init; }

    /// <summary>A description.</summary>
    public string? Text { get; init; }

    /// <summary>The trading day that the source states for the frames that follow; <see langword="null"/> if it states none.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The name of the session.</summary>
    public string? Session { get; init; }

    internal string? UnknownName
    {
        init => _name = value;
    }

    private readonly string? _name;
}
