using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>What of a capture is exported, and how.</summary>
public sealed record ExportOptions
{
    /// <summary>What the records are written as. Default <see cref="ExportFormat.Csv"/>.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>The names of the columns. Default <see cref="NameStyle.English"/>.</summary>
    public NameStyle Names { get; init; }

    /// <summary>The keys whose records are written; empty, the default, for all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The times of the records; <see langword="null"/>, the default, for all. The reader's own bounds go by the time of receipt.</summary>
    public RecordSpan? Span { get; init; }

    /// <summary>Where gaps are written besides, as CSV of their own; <see langword="null"/>, the default, for nowhere. Not closed.</summary>
    public Stream? Gaps { get; init; }
}
