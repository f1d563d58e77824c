using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>
/// Tracks missing data of each key by the events and flaws of a capture. All causes between two records of a key become one gap, reported
/// with the second record, with the missed volume if the feed has one. The number of tracked keys is bounded, above that of any recording,
/// so that a hostile file cannot fill the memory.
/// </summary>
internal sealed class GapTracker(FeedCatalog catalog)
{
    /// <summary>The maximum number of tracked keys, over all feeds.</summary>
    public const int MaxKeys = 1 << 16;

    /// <summary>The maximum length of a tracked key, in bytes.</summary>
    public const int MaxKeyLength = 64;

    private readonly Dictionary<string, FeedKeys> _feeds = new(StringComparer.Ordinal);
    private int _followed;

    public static string Limit { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{MaxKeys:N0} keys of at most {MaxKeyLength} bytes are tracked");

    public long Count { get; private set; }

    public bool HasUnfollowed { get; private set; }

    public void OnEvent(CaptureEvent captureEvent)
    {
        switch (captureEvent.Kind)
        {
            case CaptureEventKind.Gap:
                Mark(captureEvent, captureEvent.Reason ?? GapReason.ConnectionLost);
                break;
            case CaptureEventKind.Interrupted:
                Mark(captureEvent with { From = null, To = null }, captureEvent.Reason ?? GapReason.ConnectionLost);
                break;
            case CaptureEventKind.Capture when captureEvent.IsStart:
                Mark(captureEvent with { From = null, To = null }, GapReason.NotRecorded);
                break;
        }
    }

    public void OnProblem(CaptureProblem problem, CaptureFile file)
    {
        ArgumentNullException.ThrowIfNull(problem);
        foreach (var key in KeysOf(file.TrId, null))
            key.Mark(GapReason.Unreadable, null, null);
    }

    /// <summary>Processes a record. Call it for each record in order. <see langword="false"/> if its key is not tracked.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="fields">The record.</param>
    /// <param name="receivedAt">The receive time of its frame.</param>
    /// <param name="gap">The gap before the record, if there is one.</param>
    public bool TryTrack(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt, out Gap? gap)
    {
        gap = null;
        var keys = KeysOf(feed);
        if (Follow(keys, key) is not { } history)
            return false;
        gap = history.OnRecord(keys.Volumes, fields, receivedAt);
        if (gap is not null)
            Count++;
        return true;
    }

    /// <summary>Returns what is known of a key, so that another tracker can continue there.</summary>
    public KeyHistoryState? StateOf(FeedSchema feed, ReadOnlySpan<byte> key) => KeysOf(feed).Find(key)?.State;

    /// <summary>Continues with what another tracker knew of a key.</summary>
    public void Restore(FeedSchema feed, ReadOnlySpan<byte> key, KeyHistoryState state)
    {
        if (Follow(KeysOf(feed), key) is { } history)
            history.State = state;
    }

    /// <summary>Returns the gaps at the end, which no record follows.</summary>
    public IEnumerable<(FeedSchema Feed, string Key, Gap Gap)> DrainOpenGaps()
    {
        foreach (var keys in _feeds.Values)
        {
            foreach (var key in keys.All)
            {
                if (key.CloseGap(null) is not { } gap)
                    continue;
                Count++;
                yield return (keys.Feed, key.Name, gap);
            }
        }
    }

    private void Mark(CaptureEvent captureEvent, GapReason reason)
    {
        // A key may miss data before its first frame.
        if (captureEvent is { TrId: { } trId, Key: { } key, Kind: CaptureEventKind.Gap } && catalog.TryFind(trId, out var feed))
            Follow(KeysOf(feed), Encoding.UTF8.GetBytes(key));
        foreach (var each in KeysOf(captureEvent.TrId, captureEvent.Key))
            each.Mark(reason, captureEvent.From, captureEvent.Frames);
    }

    private FeedKeys KeysOf(FeedSchema feed)
    {
        if (!_feeds.TryGetValue(feed.TrId, out var keys))
            _feeds.Add(feed.TrId, keys = new FeedKeys(feed));
        return keys;
    }

    private KeyHistory? Follow(FeedKeys keys, ReadOnlySpan<byte> key)
    {
        if (keys.Find(key) is { } known)
            return known;
        if (_followed >= MaxKeys || key.Length > MaxKeyLength)
        {
            HasUnfollowed = true;
            return null;
        }

        _followed++;
        return keys.Add(key);
    }

    private IEnumerable<KeyHistory> KeysOf(string? trId, string? key)
    {
        var name = key is null ? null : Encoding.UTF8.GetBytes(key);
        foreach (var keys in _feeds.Values)
        {
            if (trId is not null && !trId.Equals(keys.Feed.TrId, StringComparison.Ordinal))
                continue;

            // A frame does not reliably show to which account a notice belongs.
            if (name is null || keys.Feed.IsNotice)
            {
                foreach (var each in keys.All)
                    yield return each;
            }
            else if (keys.Find(name) is { } named)
            {
                yield return named;
            }
        }
    }
}

internal sealed class FeedKeys(FeedSchema feed)
{
    private readonly Dictionary<byte[], KeyHistory> _keys = new(Utf8KeyComparer.Instance);

    public FeedSchema Feed => feed;

    public RecordVolumes Volumes { get; } = new(feed);

    public IEnumerable<KeyHistory> All => _keys.Values;

    public KeyHistory? Find(ReadOnlySpan<byte> key) =>
        _keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var history) ? history : null;

    public KeyHistory Add(ReadOnlySpan<byte> key)
    {
        var name = key.ToArray();
        var history = new KeyHistory(name);
        _keys.Add(name, history);
        return history;
    }
}

/// <summary>What is known of a key between two records.</summary>
/// <param name="LastAt">The receive time of the last record.</param>
/// <param name="Total">Its cumulative volume.</param>
/// <param name="Reason">Why data is missing since; <see langword="null"/> if none is.</param>
/// <param name="From">The beginning of the gap, if an event has it.</param>
/// <param name="Frames">The number of dropped frames in the gap, if known.</param>
internal sealed record KeyHistoryState(DateTimeOffset? LastAt, decimal? Total, GapReason? Reason, DateTimeOffset? From, long? Frames);
