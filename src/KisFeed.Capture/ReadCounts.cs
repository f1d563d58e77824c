using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The counts of a capture that is being read.</summary>
public abstract class ReadCounts
{
    private const int MaxMessages = 10;

    private readonly List<string> _messages = [];

    private protected ReadCounts()
    {
    }

    /// <summary>Frames read, readable or not.</summary>
    public long Frames { get; internal set; }

    /// <summary>Gaps: one for each key and each time its data is missing.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Unreadable frames and records.</summary>
    public long Malformed { get; internal set; }

    /// <summary>
    /// Records whose prices are as the broker sends them, without a decimal point, because their decimal places are not known.
    /// </summary>
    public long Unscaled { get; private set; }

    /// <summary>Flaws of the files: malformed lines, damage, torn ends.</summary>
    public long Problems { get; private set; }

    /// <summary>Descriptions of the first flaws of the files.</summary>
    public IReadOnlyList<string> FirstProblems => _messages;

    /// <summary>The selected TR IDs without a record so far.</summary>
    public IReadOnlyList<string> AbsentFeeds => RecordFilter?.AbsentFeeds ?? [];

    /// <summary>The selected keys without a record so far.</summary>
    public IReadOnlyList<string> AbsentKeys => RecordFilter?.AbsentKeys ?? [];

    /// <summary>
    /// The records inside and outside the selected span; <see langword="null"/> if no span is selected, or there is no record yet.
    /// </summary>
    public SpanCounts? Span { get; internal set; }

    internal RecordFilter? RecordFilter { get; set; }

    internal void AddRecord(FeedSchema feed, in RecordFields fields)
    {
        if (feed.HasScaledPrices && fields.PriceScale is null)
            Unscaled++;
    }

    internal void Add(CaptureProblem problem)
    {
        Problems++;
        if (_messages.Count < MaxMessages)
            _messages.Add(problem.Message);
    }
}
