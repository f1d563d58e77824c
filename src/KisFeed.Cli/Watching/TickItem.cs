namespace KisFeed.Cli.Watching;

/// <summary>What was watched: a record with all columns readable, or an event.</summary>
internal readonly ref struct TickItem
{
    public TickItem(WatchTarget target, DateTimeOffset receivedAt, RecordFields fields)
    {
        Target = target;
        ReceivedAt = receivedAt;
        Fields = fields;
    }

    /// <summary>A gap, an unreadable frame or record, or a change from recorded to live data.</summary>
    public TickItem(WatchTarget target, FeedEvent happened) => (Target, Event) = (target, happened);

    public WatchTarget Target { get; }

    public DateTimeOffset ReceivedAt { get; }

    /// <summary>The columns of the record; empty for an event.</summary>
    public RecordFields Fields { get; }

    /// <summary>The event; <see langword="null"/> for a record.</summary>
    public FeedEvent? Event { get; }
}
