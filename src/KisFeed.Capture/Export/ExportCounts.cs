namespace KisFeed.Capture;

/// <summary>What an export has met so far.</summary>
public sealed class ExportCounts : ReadCounts
{
    private readonly HashSet<string> _feeds = new(StringComparer.Ordinal);

    internal ExportCounts()
    {
    }

    /// <summary>Records written.</summary>
    public long Records { get; internal set; }

    /// <summary>The TR IDs of the records written.</summary>
    public IReadOnlyCollection<string> Feeds => _feeds;

    internal void AddFeed(string trId) => _feeds.Add(trId);
}
